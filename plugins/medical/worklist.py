"""What waits for the hospital's people, each line with the page that lists it."""

from core.hookspecs import WorkItem
from core.web.i18n import N_
from plugins.medical.his import lists as his
from plugins.medical.returns import lists as returns
from plugins.medical.returns import service as return_service

RETURNS = "/console/medical/returns"

WORKLIST = (
    WorkItem(
        "medical.post_failures", N_("上账失败的订单"), his.READ, his.count_failures, "/console/medical/post-failures", N_("HIS 没有入账，到时自动退回"), 20
    ),
    WorkItem("medical.returns_refused", N_("医保撤销被拒的退费"), return_service.READ, returns.count_refused, f"{RETURNS}?status=insurance_refused", "", 22),
    WorkItem("medical.returns_failed", N_("退款未成功的退费"), return_service.READ, returns.count_failed, f"{RETURNS}?status=failed", "", 23),
    WorkItem(
        "medical.his_disagreements", N_("HIS 应答不符"), his.READ, his.count_disagreements, "/console/medical/his-disagreements",
        N_("我方账目不变，由人核对"), 40,
    ),
)
