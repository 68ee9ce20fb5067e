"""The words of billing's pages that are not states of a bill."""

from core.identity import audit_words
from core.web import retold, statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, QUIET, WAIT

FILTER_STATES = (
    ("open", N_("有欠费")),
    ("overdue", N_("已逾期")),
    ("received", N_("有实收")),
    ("discounted", N_("有减免")),
    ("live", N_("有效账单（不含作废）")),
    ("issued", N_("待缴")),
    ("partially_paid", N_("部分已缴")),
    ("paid", N_("已缴清")),
    ("written_off", N_("已核销")),
    ("void", N_("已作废")),
)
"""What the list can be narrowed to, in the order a cashier needs it."""

statuses.register(
    "instalment",
    {"planned": (N_("未到期"), QUIET), "due": (N_("待缴"), WAIT), "paid": (N_("已缴清"), GOOD), "overdue": (N_("已逾期"), BAD)},
)
statuses.register(
    "pay_state",
    {"paid": (N_("已缴清"), GOOD), "partial": (N_("部分已缴"), WAIT), "unpaid": (N_("未缴"), WAIT), "overdue": (N_("已逾期"), BAD)},
)
audit_words.register_facts(
    {
        "category": N_("类别"), "period": N_("周期"), "mandatory": N_("必缴"), "discountable": N_("可以优惠"), "refundable_policy": N_("退费规则"),
        "plugin": N_("插件"), "item": N_("收费项目"), "item_code": N_("收费项目"),
    }
)
audit_words.register(
    {
        "billing.bill.choose": N_("变更可选项目"),
        "billing.item.create": N_("新增收费项目"),
        "billing.item.change": N_("修改收费项目"),
        "billing.bill.void": N_("作废账单"),
        "billing.bill.write_off": N_("核销账单"),
        "billing.bill.adjust": N_("调整账单"),
        "billing.bill.move": N_("转移缴费"),
        "billing.credit.use": N_("使用家庭余额"),
        "billing.status.remind": N_("提醒缴费"),
        "payments.suspense.resolve": N_("处理长款"),
        **{
            f"approval.{verb}.billing.{kind}": label
            for kind, labels in {
                "void": (N_("申请作废"), N_("同意作废"), N_("退回作废申请"), N_("撤回作废申请")),
                "write_off": (N_("申请核销"), N_("同意核销"), N_("退回核销申请"), N_("撤回核销申请")),
                "adjust": (N_("申请调整"), N_("同意调整"), N_("退回调整申请"), N_("撤回调整申请")),
                "move": (N_("申请转移缴费"), N_("同意转移缴费"), N_("退回转移申请"), N_("撤回转移申请")),
            }.items()
            for verb, label in zip(("propose", "approve", "reject", "withdraw"), labels, strict=True)
        },
    }
)

retold.register(
    N_("转入账单仅欠 %(fen)s 元"),
    N_("转出账单可转金额为 %(fen)s 元"),
    N_("账单在复核期间有变动，请退回后重新提交"),
    N_("账单在复核期间有变动，请退回后重新提交调整"),
    N_("账单 %(number)s 未逾期，不能核销"),
    N_("转出与转入是同一张账单"),
)
"""What is refused, in sentences that are told again in another language."""
