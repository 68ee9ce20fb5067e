"""One difference with everything known about it: the sides beside each other, the lines of the files, what was tried, what fits now."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from core.database import Row, Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.reconciliation import rights
from core.reconciliation.differences import repository
from core.reconciliation.differences import service as differences
from core.reconciliation.remedies import longs, offering
from core.reconciliation.remedies import repository as remedies
from core.reconciliation.remedies.offering import Offer
from core.statements import originals, registry
from core.web.filters import status_label
from core.web.i18n import gettext as _


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """What one side says: nothing at all, or amount, fee and time, and how often the number stands there."""

    name: str
    there: bool
    amount_fen: int | None
    fee_fen: int | None
    at: object
    amount_differs: bool
    fee_differs: bool
    copies: int = 1


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of a difference shows."""

    row: Row
    sides: list[Side]
    offers: list[Offer]
    left_fen: int
    remedies: Sequence[Row]
    events: list[dict[str, object]]
    files: list[Row]
    lines: Sequence[Row]
    journal_ids: list[UUID]
    payment: Row | None


async def find(session: Session, difference_id: UUID, by: Actor) -> Detail:
    """A difference as finance looks at it; offers only for whoever may propose."""
    row = await differences.find(session, difference_id, by)
    tried = await remedies.list_of(session, row.id)
    live = any(each.status in remedies.LIVE for each in tried)
    left_fen = await remedies.left(session, row.id)
    piece = next(iter(await longs.pieces_of(session, row)), None) if row.kind == "pay" else None
    payment = await longs.payment_of(session, piece) if piece else None
    offers: list[Offer] = []
    if by.may(rights.HANDLE) and not live and left_fen >= 0:
        chased = await remedies.standing_chase(session, row.id)
        merchant = await remedies.merchant_of(session, row)
        offers = offering.offers(row, left_fen, merchant, chased=chased is not None, booked=payment is not None)
    events = await repository.list_events(session, row.id)
    return Detail(
        row=row, sides=sides_of(row), offers=offers, left_fen=left_fen, remedies=tried, events=[_event(each) for each in reversed(events)],
        files=[each for each in events if each.file_id],
        lines=await repository.list_lines(session, row.kind, sorted({row.number, row.order_number or row.number})),
        journal_ids=await repository.list_journals(session, row.id, row.payment_id), payment=payment,
    )  # fmt: skip


def sides_of(row: Row) -> list[Side]:
    """Business, platform and channel beside each other."""
    told = (
        (_("业务"), "business", ("his", "bills", "business"), row.business_fen, None, row.business_at),
        (_("平台"), "platform", ("platform",), row.platform_fen, row.platform_fee_fen, row.platform_at),
        (_("渠道"), "channel", ("channel",), row.channel_fen, row.channel_fee_fen, row.channel_at),
    )
    amounts = [fen for _name, _side, _codes, fen, _fee, _at in told if fen is not None]
    usual = max(set(amounts), key=amounts.count) if amounts else None
    fees = row.platform_fee_fen != row.channel_fee_fen
    return [
        Side(
            name=name, there=fen is not None and not set(codes) & set(row.missing_in), amount_fen=fen, fee_fen=fee, at=at,
            amount_differs=row.differs in ("amount_fen", "payment_count") and fen is not None and fen != usual,
            fee_differs=row.differs == "fee_fen" and fee is not None and fees,
            copies=row.facts.get("repeated", {}).get(side, 1),
        )
        for name, side, codes, fen, fee, at in told
    ]  # fmt: skip


def _event(row: Row) -> dict[str, object]:
    facts = row.facts
    told = [status_label(str(facts["kind"]), "remedy_kind")] if facts.get("kind") else []
    told += [status_label(str(facts[name]), "requery") for name in ("state", "outcome") if facts.get(name)]
    told += [str(facts[name]) for name in ("batch", "owner", "due_on", "reference") if facts.get(name)]
    if row.remark:
        told.append(row.remark)
    tone = {"done": "good", "failed": "bad", "rejected": "warn", "proposed": "wait"}.get(row.what, "quiet")
    return {"title": status_label(row.what, "difference_event"), "text": " · ".join(told), "at": row.at, "by": row.by_name, "tone": tone}


async def raw_line(session: Session, platform: Platform, difference: Detail, chosen: str) -> tuple[str, str] | None:
    """File name and original text of a line the page lists, chosen as `statement.line`; None for anything else."""
    for line in difference.lines:
        if chosen == f"{line.statement_id}.{line.line_no}":
            try:
                source = await registry.find_source(platform, session.tenant_id, line.source)
                return line.file_name, await originals.raw_line(session, platform.vault, source, line.statement_id, line.line_no)
            except PlatformError as error:
                return line.file_name, error.message
    return None
