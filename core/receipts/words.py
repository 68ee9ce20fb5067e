"""What receipts are called on screens: states, kinds, tickets, and what the audit trail tells of them."""

from core.identity import audit_words
from core.money import format_yuan
from core.web import statuses
from core.web.filters import status_label
from core.web.i18n import N_
from core.web.i18n import gettext as _

STATES = (
    ("to_issue", N_("编号中")),
    ("issuing", N_("开具中")),
    ("refused", N_("开票被拒")),
    ("issued", N_("已开具")),
    ("red_flushed", N_("已红冲")),
    ("voided", N_("已作废")),
)
"""What the list can be narrowed to."""

statuses.register(
    "receipt",
    {
        "to_issue": (N_("编号中"), statuses.WAIT),
        "issuing": (N_("开具中"), statuses.WAIT),
        "issued": (N_("已开具"), statuses.GOOD),
        "red_flushed": (N_("已红冲"), statuses.INFO),
        "voided": (N_("已作废"), statuses.QUIET),
        "refused": (N_("开票被拒"), statuses.BAD),
        "flushing": (N_("正在红冲"), statuses.WAIT),
    },
)
statuses.register("receipt_kind", {"blue": (N_("蓝字"), statuses.INFO), "red": (N_("红字"), statuses.BAD)})
statuses.register(
    "ticket",
    {
        "receipt": (N_("收费收据"), statuses.QUIET),
        "fiscal": (N_("财政电子票据"), statuses.QUIET),
        "einvoice": (N_("数电发票"), statuses.QUIET),
    },
)
statuses.register("issuer", {"active": (N_("已启用"), statuses.GOOD), "suspended": (N_("已停用"), statuses.QUIET)})
audit_words.register(
    {
        "receipts.receipt.red_flush": N_("红冲收据"),
        "receipts.receipt.print": N_("打印收据"),
        "receipts.receipt.retry": N_("重新提交开票"),
        "receipts.issuer.save": N_("设置开票平台"),
    }
)

audit_words.register_facts(
    {
        "ticket": N_("票据种类"),
        "reissue": N_("重新开具"),
        "base_url": N_("平台地址"),
        "app_id": N_("应用编号"),
        "items": N_("收费项目"),
        "key_changed": N_("更换密钥"),
        "key": N_("编号"),
    }
)


def describe(proposal: dict) -> list[tuple[str, str, str]]:
    """What taking a receipt back would change, told to the one who has to agree."""
    fen = proposal["amount_fen"]
    after = _("红冲后按当前姓名重新开具") if proposal["reissue"] else _("红冲后不再开具")
    return [
        (_("收据 %(number)s 的状态", number=proposal["number"]), status_label("issued", "receipt"), status_label("red_flushed", "receipt")),
        (_("红字金额"), "", format_yuan(-fen)),
        (_("之后"), "", after),
    ]
