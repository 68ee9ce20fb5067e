"""Reminding those who owe: one notice a day to each bound payer; where nobody is bound, to the roster's phones if the client allows it."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from core import clock, ids, paging
from core.billing import reminding_repository as repository
from core.billing.reminder_schemas import MessagePage, MessageRead, Reminded, RunPage, RunRead
from core.billing.units import Units
from core.database import Row, Session
from core.errors import Conflict, NotFound
from core.hookspecs import BindingProposal
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.masking import mask_name
from core.notices import service as notices
from core.notices.defaults import EVENTS
from core.notices.schemas import PhoneNotice
from core.platform import Platform
from core.tenancy.directory import ClientProfile

SETTING = "remind_unbound"
"""A client's setting: true lets reminders go to roster phones that no payer has bound. They never name an amount."""
UNBOUND = "reminder_unbound"
Contacts = Callable[[Session, Sequence[UUID]], Awaitable[list[BindingProposal]]]


class NothingToRemind(Conflict):
    code = "NOTHING_TO_REMIND"
    message = "没有需要提醒的人：都已缴清"


class RemindedToday(Conflict):
    code = "REMINDED_TODAY"
    message = "今天已经提醒过了，每人每天最多提醒一次"


class NobodyBound(Conflict):
    code = "NOBODY_BOUND"
    message = "还没有缴费人绑定他们，请把缴费码交给本人或家人"


class RunNotFound(NotFound):
    code = "REMINDER_RUN_NOT_FOUND"
    message = "没有找到这次提醒"


def contacts_of(platform: Platform, client: ClientProfile) -> Contacts | None:
    """The roster's phones by the plugins' hook, where the client's setting allows writing to them; None where it does not."""
    if client.settings.get(SETTING) is not True:
        return None

    async def ask(session: Session, party_ids: Sequence[UUID]) -> list[BindingProposal]:
        answers = await platform.plugins.ask("propose_contacts", client.plugins, session=session, party_ids=party_ids)
        return [proposal for found in answers for proposal in found]

    return ask


async def remind(
    session: Session, keys: TenantKeys, units: Units, org_id: UUID | None, party_id: UUID | None, by: Actor, contacts: Contacts | None
) -> Reminded:
    """Write to the payers of those who owe, once a day each; in the evening it goes out the next morning.

    Raises NothingToRemind, NobodyBound, RemindedToday; NotFound for a person out of reach.
    """
    now, run_id = clock.now(), ids.uuid7()
    org_ids, today = units.scope(org_id), clock.business_day(now)
    asked = repository.owing(org_ids, party_id, now, today, run_id)
    done = await notices.tell_of(session, EVENTS["reminder"], repository.REMIND, asked, many=True)
    if not done.asked:
        raise NotFound() if party_id else NothingToRemind()
    reachable, reminded = done.reachable, done.parties
    if contacts is not None:
        unbound = await repository.list_unbound(session, org_ids, party_id, now)
        told = _to_phones(keys, {row.id: row.name for row in unbound}, await contacts(session, [row.id for row in unbound]), today, run_id)
        new = await notices.queue_many(session, keys, told)
        reachable += len({one.party_id for one in told})
        reminded += len({one.party_id for one in told if one.key in new})
    if not reachable:
        raise NobodyBound()
    if not reminded:
        raise RemindedToday()
    facts = {"org_id": org_id and str(org_id), "reminded": reminded, "run": str(run_id)}
    await audit.record(session, by, "billing.status.remind", "party", party_id or "many", after=facts)
    return Reminded(run_id, reminded, done.asked - reachable)


def _to_phones(
    keys: TenantKeys, names: dict[UUID, str], found: list[BindingProposal], today: dt.date, run_id: UUID
) -> list[PhoneNotice]:
    """One message to each of the roster's phones; a phone of several children is told once for each."""
    told = []
    for proposal in found:
        facts, run = {"name": mask_name(names[proposal.party_id])}, f"reminder:{run_id}"
        for phone in dict.fromkeys(keys.open(sealed) for _, sealed, _ in proposal.phones):
            key = f"reminder:{proposal.party_id}:{today}:{keys.index('phone', phone).hex()[:24]}"
            told.append(PhoneNotice(key=key, event=EVENTS[UNBOUND], to=phone, facts=facts, party_id=proposal.party_id, run=run))
    return told


async def runs(session: Session, units: Units, cursor: str | None, limit: int = paging.PAGE) -> RunPage:
    """The reminder runs that wrote about the asker's people, the newest first."""
    rows = await repository.list_runs(session, units.scope(None), paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.run_id))
    return RunPage([_run(row) for row in shown], more)


async def run(session: Session, units: Units, run_id: UUID) -> RunRead:
    """One run; RunNotFound when it wrote about nobody of the asker's."""
    row = await repository.find_run(session, units.scope(None), run_id)
    if row is None:
        raise RunNotFound()
    return _run(row)


async def messages(session: Session, units: Units, run_id: UUID, cursor: str | None, limit: int = paging.PAGE) -> MessagePage:
    """What became of each message of a run."""
    rows = await repository.list_messages(session, units.scope(None), run_id, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return MessagePage([_message(row) for row in shown], more)


def _run(row: Row) -> RunRead:
    return RunRead(**{name: getattr(row, name) for name in RunRead.__struct_fields__})


def _message(row: Row) -> MessageRead:
    return MessageRead(
        id=row.id,
        party_id=row.party_id,
        name=mask_name(row.name),
        phone=row.to_masked,
        bound=row.event != UNBOUND,
        status=row.status,
        sent_at=row.sent_at,
        reason=row.reason,
    )
