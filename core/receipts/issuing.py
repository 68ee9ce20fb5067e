"""Tickets that others issue: sent under our number, asked for until they are decided, taken back before the money goes (domain book §2.8).

The attempt is committed before the issuer is called; a crash in between leaves a ticket that the next query decides.
"""

import asyncio
import datetime as dt
from uuid import UUID

import msgspec
import structlog

from core import clock
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import Vault
from core.platform import Platform
from core.receipts import issuer_repository, repository
from core.receipts.errors import IssuerSilent
from core.receipts.issuers import ISSUERS, Item, Ticket, TicketState, Unit
from core.receipts.models import RECEIPT
from core.receipts.schemas import Content

log = structlog.get_logger()
LEASE = dt.timedelta(seconds=60)
AT_ONCE = 20
LADDER_SECONDS = (5, 10, 20, 60, 120, 300, 900, 3600)
NOT_OPENED = "开票平台未启用，启用后自动继续"


async def ask_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Ask the issuers about every ticket of a client whose turn it is; answers when the next one is due."""
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        rows = await issuer_repository.claim(session, now, now + LEASE, AT_ONCE)
        work = [(row, await _unit(session, platform.vault, row.ticket), await _ticket(session, row)) for row in rows]
    await asyncio.gather(*(_advance(platform, tenant_id, *each) for each in work))
    async with platform.database.tenant(tenant_id) as session:
        return await issuer_repository.next_due(session)


async def _advance(platform: Platform, tenant_id: UUID, row: Row, unit: Unit | None, ticket: Ticket) -> None:
    """One rung: ask, and write down what was answered; no transaction is held meanwhile."""
    state, error = None, NOT_OPENED
    if unit is not None:
        try:
            state = await ask(platform, row.ticket, unit, ticket, first=row.queries == 1)
            error = state.message or None
        except IssuerSilent as silent:
            error = silent.message
            log.info("issuer_unanswered", number=row.number, why=silent.facts.get("why"))
    async with platform.database.tenant(tenant_id) as session:
        if state is None or state.state in ("pending", "absent"):
            wait = LADDER_SECONDS[min(row.queries, len(LADDER_SECONDS)) - 1]
            await issuer_repository.set_next(session, row.id, clock.now() + dt.timedelta(seconds=wait), error)
        else:
            await decide(session, row.id, state)


async def ask(platform: Platform, kind: str, unit: Unit, ticket: Ticket, *, first: bool) -> TicketState:
    """Submit a ticket the first time; later query it, and submit it again only when the issuer never got it."""
    issuer = ISSUERS[kind](platform.http)
    if not first:
        state = await issuer.query(unit, ticket)
        if state.state != "absent":
            return state
    return await (issuer.red_flush if ticket.takes_back else issuer.issue)(unit, ticket)


async def decide(session: Session, receipt_id: UUID, state: TicketState) -> None:
    """Write down that a ticket was issued or refused; a red one issued is the end of its blue one. Late answers change nothing."""
    held = await issuer_repository.lock(session, receipt_id)
    if held.status != "issuing":
        return
    session.has_work = True
    if state.state == "issued":
        facts = msgspec.to_builtins(state.facts)
        values = {"facts": facts, "issued_at": clock.now(), "next_query_at": None, "last_error": None}
        await repository.set_status(session, held.id, RECEIPT.check(held.status, "issued"), **values)
        if held.kind == "red":
            blue = await issuer_repository.lock(session, held.follows_id)
            await repository.set_status(session, blue.id, RECEIPT.check(blue.status, "red_flushed"))
        return
    await issuer_repository.set_next(session, held.id, None, state.message)
    red = await issuer_repository.lock_red_of(session, held.id) if held.kind == "blue" else None
    if red is not None:  # nothing was issued, so there is nothing to take back
        for row in (held, red):
            await repository.set_status(session, row.id, RECEIPT.check(row.status, "voided"), next_query_at=None)


async def retry(session: Session, receipt_id: UUID, by: Actor) -> bool:
    """Submit a ticket that its issuer refused again; False when it was not refused."""
    again = await issuer_repository.retry(session, receipt_id, clock.now())
    if again:
        session.has_work = True
        await audit.record(session, by, "receipts.receipt.retry", "receipt", receipt_id)
    return again


async def _unit(session: Session, vault: Vault, ticket: str) -> Unit | None:
    row = await issuer_repository.find_issuer(session, ticket)
    return None if row is None or row.status != "active" else await unit_of(session, vault, row)


async def unit_of(session: Session, vault: Vault, row: Row) -> Unit:
    """A client at an issuer, its secret opened for the call that needs it."""
    keys = await vault.keys(session)
    known = {name: value for name, value in row.settings.items() if name in Unit.__struct_fields__}
    return Unit(base_url=row.base_url, app_id=row.app_id, secret=keys.open(row.credentials_sealed), **known)


async def _ticket(session: Session, row: Row) -> Ticket:
    content = msgspec.convert(row.content, Content)
    known = await issuer_repository.list_items(session, row.bill_id)
    items = [
        Item(
            code=known[no].item_code if no in known else "",
            name=name,
            quantity=known[no].quantity if no in known else "1",
            unit_price_fen=known[no].unit_price_fen if no in known else fen,
            amount_fen=fen,
        )
        for no, (name, fen) in content.by_line.items()
    ]
    return Ticket(
        number=row.number,
        amount_fen=row.amount_fen,
        payer=content.payer,
        remark=f"{content.title} {content.period}",
        items=items,
        channel=content.channel,
        payment_number=content.payment_number,
        paid_at=content.paid_at,
        takes_back=content.takes_back,
        reason=content.reason,
        extras=content.extras,
    )
