"""What waits for people about robots."""

from core.approvals.lists import waiting
from core.hookspecs import WorkItem
from core.web.i18n import N_
from plugins.medical.robots import authorising, days, lists, service

WORKLIST = (
    WorkItem("medical.robot_authorisations", N_("待签署的机器人授权"), authorising.SIGN, lists.count_unsigned,
             "/console/medical/robots/authorisations?status=draft", N_("阅读内容后签署；不签署，机器人不会登录平台"), 58),
    WorkItem("medical.robot_runs", N_("需人工处理的机器人运行"), service.READ, lists.count_waiting, "/console/medical/robots/runs?status=for_people",
             N_("登录失败、验证码、格式变化等，可上传文件或重试"), 60),
    WorkItem("medical.store_days", N_("不一致的门店日"), service.READ, lists.count_different, "/console/medical/store-days?status=different",
             N_("逐单核对，更正门店订单或提交接受差异"), 62),
    WorkItem(days.KIND, N_("门店日差异待复核"), days.CHECK, waiting(days.CHECK, days.KIND), "/console/approvals", N_("另一位同事提交的接受差异"), 64),
)  # fmt: skip
