"""What jobs are called: the sentences that their titles are made from."""

from core.web import retold
from core.web.i18n import N_

retold.register(
    N_("明文导出 %(what)s"),
    N_("导出 %(what)s"),
    N_("检查 %(what)s：%(file)s"),
    N_("导入 %(what)s：%(file)s"),
    N_("缴费通知单 %(n)s 张"),
    N_("缴费海报 %(n)s 张"),
    N_("批量退款 %(title)s"),
    N_("批量%(what)s %(code)s"),
    N_("计算结算批次 %(day)s"),
    N_("核对对账文件 %(file)s"),
    N_("对账 %(day)s"),
)
