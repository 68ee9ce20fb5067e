"""Which remedies make sense for a difference, and what each would do, in words and as a journal."""

from collections.abc import Sequence

import msgspec

from core.database import Row
from core.ledger.schemas import SUSPENSE_LONG, Posting, channel_account
from core.reconciliation.remedies import posting
from core.reconciliation.remedies.refusals import RemedyNotOffered
from core.reconciliation.states import OPEN
from core.web.i18n import N_
from core.web.i18n import gettext as _

FITTING: dict[str, tuple[str, ...]] = {
    "AM1": ("chase", "adjust", "repost", "write_off"),
    "LG1": ("requery", "book", "refund", "credit"),
    "LG2": ("repost", "refund", "credit"),
    "LG3": ("requery", "book", "refund"),
    "SH1": ("requery", "chase", "write_off"),
    "SH2": ("repost", "write_off"),
    "SH3": ("requery", "chase", "write_off"),
    "DP1": ("refund", "credit"),
    "RF1": ("repost", "chase", "write_off"),
    "RF2": ("requery", "chase", "repost", "write_off"),
    "FE1": ("adjust", "chase", "write_off"),
    "FE2": ("chase", "adjust", "write_off"),
}
"""In the order in which they are offered."""
OF_BOOKS = ("chase", "adjust")
BULK = ("book", "refund", "repost", "chase", "adjust", "write_off")
"""What a batch may do: everything that needs no owner of its own for each difference."""
IN_PARTS = ("refund", "credit", "write_off")
"""Remedies that may take a part of the amount; the rest stays a difference."""

_CONSEQUENCES = {
    "requery": N_("现在向渠道查询这一笔；渠道说已付款，就按正常收款入账。不需要复核。"),
    "book": N_("凭渠道对账单入账：有我方订单的按订单收款，进账单；没有订单的进长款挂账，再找主人。"),
    "credit": N_("先入长款挂账（若尚未入账），再转入一张账单，或转为某人的余额。"),
    "refund": N_("先入长款挂账（若尚未入账），再按原路退给付款人；渠道不能退的转人工汇款。退款号固定，重试不会退两次。"),
    "repost": N_("请业务系统补记或更正这一笔；业务系统确认后，或次日账单里出现后，差异解决。不动账。"),
    "chase": N_("挂账并向渠道追款；款项对上后自动冲回。差异保持打开，直到对上。"),
    "adjust": N_("以渠道为准调整入账。"),
    "write_off": N_("核销：不再追，按下列分录入账。"),
}


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A remedy that fits: what it will do, and the journal as `(account, debit fen, credit fen)`."""

    kind: str
    consequence: str
    journal: list[tuple[str, int, int]]
    checked: bool
    """Whether a second person decides."""


def check(row: Row, kind: str) -> None:
    """Raise RemedyNotOffered where a remedy makes no sense for a difference."""
    if kind not in FITTING[row.klass]:
        raise RemedyNotOffered(code=row.code, why=_("这类差异没有这种处理办法"))
    if row.channel == posting.BANK and row.kind == "payout":
        raise RemedyNotOffered(code=row.code, why=_("请与银行核实这笔付款；银行补出流水、退回或更正后，差异自动消除"))
    if kind in OF_BOOKS and row.channel == posting.BANK:
        raise RemedyNotOffered(code=row.code, why=_("银行账上的这一笔已在挂账，查明后由结算处理，或核销"))
    if kind in OF_BOOKS and posting.direction(row) == "business":
        raise RemedyNotOffered(code=row.code, why=_("平台与渠道一致，只是业务系统不同，不需要动账，请重推业务"))
    if kind == "requery" and row.kind == "refund" and row.refund_item_id is None:
        raise RemedyNotOffered(code=row.code, why=_("这笔退款不是本平台发出的，查不到"))


def fits(row: Row, kind: str) -> bool:
    """Whether a remedy makes sense for a difference."""
    try:
        check(row, kind)
    except RemedyNotOffered:
        return False
    return True


def offers(row: Row, left_fen: int, merchant: posting.Bearer | None, *, chased: bool, booked: bool) -> list[Offer]:
    """What is offered on a difference's page; nothing but a query while it may still heal by itself."""
    if row.status not in (*OPEN, "expected"):
        return []
    kinds = [kind for kind in FITTING[row.klass] if fits(row, kind) and (row.status in OPEN or kind == "requery")]
    return [
        Offer(
            kind=kind, consequence=_(_CONSEQUENCES[kind]), checked=kind != "requery",
            journal=_shown(_postings(row, kind, left_fen, merchant, chased=chased, booked=booked)),
        )
        for kind in kinds
        if not (kind == "chase" and chased)
    ]  # fmt: skip


def _postings(row: Row, kind: str, fen: int, merchant: posting.Bearer | None, *, chased: bool, booked: bool) -> Sequence[Posting]:
    channel = channel_account(row.channel, row.merchant_number)
    coming = () if booked else (Posting(channel, fen), Posting(SUSPENSE_LONG, -fen))
    if kind == "book":
        return coming
    if kind == "refund":
        return (*coming, Posting(SUSPENSE_LONG, fen), Posting(channel, -fen))
    if kind == "credit":
        return (*coming, Posting(SUSPENSE_LONG, fen), Posting("L.MER / L.PREPAY", -fen))
    if kind == "chase":
        return posting.chase(row, fen)
    if kind == "adjust":
        return posting.adjust(row, fen, merchant)
    return posting.write_off(row, fen, merchant, chased=chased) if kind == "write_off" else ()


def _shown(postings: Sequence[Posting]) -> list[tuple[str, int, int]]:
    return [(each.account, max(each.amount_fen, 0), max(-each.amount_fen, 0)) for each in postings]
