"""Adjustments: what a merchant gets or owes beside its payments, with a journal and two people; the next batch takes it (§2.7).

They come from remedies of differences (taken over as they are) or from finance. An approved batch is never edited: what is found later is
an adjustment too.
"""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import ids, money
from core.approvals import service as approvals
from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.ledger import service as ledger
from core.ledger.schemas import FEE_INCOME, Journal, Posting, merchant_account
from core.settlement import adjusting_repository as repository
from core.settlement.errors import AdjustmentInvalid, MerchantNotFound
from core.web.i18n import gettext as _

KIND = "settlement.adjustment"
AGAINST = ("fee", "loss")
"""What stands on the other side: `fee` our fee income, `loss` our own loss or gain."""
LOSS, GAIN = "E.DIFF", "I.DIFF"
MOST_FEN = 10_000_000_00


class AdjustmentAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is wanted: `amount_fen` above zero is for the merchant, below zero it owes it; `merchant` is its code."""

    merchant: str
    amount_fen: int
    reason: str
    against: str = "fee"


async def propose(session: Session, ask: AdjustmentAsk, by: Actor) -> UUID:
    """Ask a second person for an adjustment; answers the id it will have."""
    if not ask.amount_fen or abs(ask.amount_fen) > MOST_FEN:
        raise AdjustmentInvalid(fault=_("调整金额不能为零，也不能超过一千万元"))
    if ask.against not in AGAINST:
        raise AdjustmentInvalid(fault=_("请选择调整由手续费收入还是由我方损益承担"))
    if not ask.reason.strip() or len(ask.reason) > 200:
        raise AdjustmentInvalid(fault=_("请填写 1–200 字的调整原因"))
    merchant = await repository.find_merchant(session, ask.merchant.replace("\0", ""))
    if merchant is None:
        raise MerchantNotFound()
    adjustment_id = ids.uuid7()
    proposal = {"merchant": merchant.code, "merchant_name": merchant.name, "amount_fen": ask.amount_fen, "against": ask.against}
    await approvals.propose(
        session, by, kind=KIND, title=f"结算调整 · {merchant.name}", subject_id=adjustment_id, proposal=proposal, reason=ask.reason,
        amount_fen=ask.amount_fen,
    )  # fmt: skip
    return adjustment_id


async def approve(session: Session, adjustment_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person agrees: the journal is posted, the next batch of the merchant takes it. Raises NotEnoughBalance."""
    merchant = await repository.find_merchant(session, str(proposal["merchant"]))
    fen, against = int(str(proposal["amount_fen"])), str(proposal["against"])
    other = FEE_INCOME if against == "fee" else LOSS if fen > 0 else GAIN
    journal_id = await ledger.post(
        session,
        Journal(
            key=f"settlement-adjustment:{adjustment_id}", event="settlement.adjustment", biz_type="settlement_adjustment", biz_id=str(adjustment_id),
            postings=(Posting(merchant_account(merchant.code), -fen, merchant.id), Posting(other, fen)), by=by.name, memo=str(proposal["reason"])[:200],
        ),
    )  # fmt: skip
    row = {
        "id": adjustment_id, "merchant_id": merchant.id, "amount_fen": fen, "reason": proposal["reason"], "journal_id": journal_id,
        "made_by": proposal["made_by"], "checked_by": by.name,
    }  # fmt: skip
    await repository.add(session, [row])
    await audit.record(
        session, by, "settlement.adjustment.approve", "settlement_adjustment", adjustment_id, after={"merchant": merchant.code, "amount_fen": fen}
    )


def describe(proposal: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """What the checker sees."""
    fen = int(str(proposal["amount_fen"]))
    borne = "手续费收入" if proposal["against"] == "fee" else "我方损益"
    return [(str(proposal["merchant_name"]), "0.00", money.format_yuan(fen)), ("对方科目", "", borne)]


async def take_over(session: Session) -> int:
    """Remedies that moved a merchant's balance (an amount believed to the channel, a short written off) become adjustments; answers how many."""
    rows = [
        {
            "id": ids.uuid7(), "merchant_id": row.merchant_id, "amount_fen": int(row.amount_fen), "journal_id": row.journal_id,
            "difference_id": row.difference_id, "made_by": row.made_by, "checked_by": row.checked_by,
            "reason": f"{'撤销：' if row.event.endswith('.reversed') else ''}差异处理 {row.memo}（{row.reason}）"[:200],
        }
        for row in await repository.list_new_remedies(session)
    ]  # fmt: skip
    await repository.add(session, rows)
    return len(rows)


async def give_back(session: Session, merchant_id: UUID, amount_fen: int, journal_id: UUID, reason: str) -> None:
    """A payout of a signed month came back: its month stands, the money is in the merchant's next batch."""
    await follow(session, merchant_id, amount_fen, journal_id, reason)


async def follow(session: Session, merchant_id: UUID, amount_fen: int, journal_id: UUID, reason: str) -> None:
    """Another feature has moved a merchant's balance by a journal of its own (a share given at the channel): the next batch follows it."""
    row = {
        "id": ids.uuid7(), "merchant_id": merchant_id, "amount_fen": amount_fen, "journal_id": journal_id, "reason": reason[:200],
        "made_by": "系统", "checked_by": "系统",
    }  # fmt: skip
    await repository.add(session, [row])
