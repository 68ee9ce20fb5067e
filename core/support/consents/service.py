"""A client's consent that the bank's support looks at its console: given or asked for, answered, ended, and whether it stands now.

Every function runs in the client's transaction. Dates are days of Shanghai, the last one counts whole.
"""

import datetime as dt
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.support import copies_repository as copies
from core.support.consents import repository
from core.support.consents.repository import OBJECT
from core.support.errors import AlreadyAsked, ConsentDatesWrong, ConsentNotFound, ConsentTooLong, PurposeMissing
from core.support.states import CONSENT

MOST_DAYS = 7
ASK_LAPSES = dt.timedelta(days=7)
AHEAD = dt.timedelta(days=30)
LONGEST_PURPOSE = 200
Person = tuple[UUID, str] | None


def stale(now: dt.datetime) -> dt.datetime:
    """A request from before this moment is answered by silence."""
    return now - ASK_LAPSES


def state_of(row: Row, now: dt.datetime) -> str:
    """The state as people see it: besides those of the machine `coming` and `lapsed`."""
    if row.status == "asked":
        return "lapsed" if row.created_at <= stale(now) else "asked"
    if row.status != "granted":
        return row.status
    return "coming" if row.from_at > now else "granted" if row.until_at > now else "lapsed"


def stands(row: Row | None, user_id: str, now: dt.datetime) -> bool:
    """Whether this person may look at this moment."""
    return row is not None and state_of(row, now) == "granted" and (row.user_id is None or str(row.user_id) == user_id)


def span(from_on: dt.date, until_on: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """From when until when: today begins now, the last day ends at its midnight; ConsentTooLong, ConsentDatesWrong."""
    now, today = clock.now(), clock.today()
    if until_on < from_on or until_on < today or from_on < today or from_on > today + AHEAD:
        raise ConsentDatesWrong()
    if (until_on - from_on).days >= MOST_DAYS:
        raise ConsentTooLong(days=MOST_DAYS)
    begins = max(now, dt.datetime.combine(from_on, dt.time(), clock.SHANGHAI))
    return begins, dt.datetime.combine(until_on + dt.timedelta(days=1), dt.time(), clock.SHANGHAI)


def _purpose(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise PurposeMissing()
    return text[:LONGEST_PURPOSE]


async def grant(session: Session, by: Actor, *, purpose: str, person: Person, from_on: dt.date, until_on: dt.date, ticket_id: UUID | None = None) -> UUID:
    """Let the support desk, or one person of it, look from a day to a day."""
    from_at, until_at = span(from_on, until_on)
    row = {
        "id": ids.uuid7(), "client_id": session.tenant_id, "status": "granted", "user_id": person and person[0], "user_name": person and person[1],
        "purpose": _purpose(purpose), "from_at": from_at, "until_at": until_at, "days": (until_on - from_on).days + 1,
        "answered_by_name": by.name, "answered_at": clock.now(), "ticket_id": ticket_id,
    }  # fmt: skip
    await repository.add(session, row)
    await copies.wake(session, clock.now())
    after = {"purpose": row["purpose"], "person": row["user_name"] or "", "from_at": _day(from_at), "until_at": _day(until_at)}
    await audit.record(session, by, "support.consent.grant", OBJECT, row["id"], after=after)
    return row["id"]


async def ask(session: Session, by: Actor, *, purpose: str, days: int, ticket_id: UUID | None = None) -> UUID:
    """A support person asks; the client answers on its home page. `by` stands in the client's rows (`visiting`)."""
    if not 1 <= days <= MOST_DAYS:
        raise ConsentTooLong(days=MOST_DAYS)
    now = clock.now()
    if await repository.waits(session, by.id, stale(now)):
        raise AlreadyAsked()
    row = {
        "id": ids.uuid7(), "client_id": session.tenant_id, "status": "asked", "user_id": UUID(by.id), "user_name": by.name,
        "purpose": _purpose(purpose), "days": days, "asked_by": by.id, "asked_by_name": by.name, "ticket_id": ticket_id,
    }  # fmt: skip
    await repository.add(session, row)
    await copies.wake(session, now)
    await audit.record(session, by, "support.consent.ask", OBJECT, row["id"], after={"purpose": row["purpose"], "days": days})
    return row["id"]


async def answer(session: Session, by: Actor, consent_id: UUID, *, yes: bool) -> None:
    """Agree to a request for the days asked for, from now on, or refuse it."""
    row = await _find(session, consent_id)
    target = CONSENT.check("lapsed" if state_of(row, clock.now()) == "lapsed" else row.status, "granted" if yes else "refused")
    values: dict[str, object] = {"status": target, "answered_by_name": by.name, "answered_at": clock.now()}
    if yes:
        values["from_at"], values["until_at"] = span(clock.today(), clock.today() + dt.timedelta(days=row.days - 1))
    await repository.change(session, consent_id, values)
    await copies.wake(session, clock.now())
    after = {"status": target} | ({"until_at": _day(values["until_at"])} if yes else {})
    action = "support.consent.grant" if yes else "support.consent.refuse"
    await audit.record(session, by, action, OBJECT, consent_id, before={"status": row.status}, after=after)


async def end(session: Session, by: Actor, consent_id: UUID) -> None:
    """Take a consent back: the next look is refused."""
    await _leave(session, by, consent_id, "ended")


async def withdraw(session: Session, by: Actor, consent_id: UUID) -> None:
    """The one who asked does not need it any more."""
    row = await _find(session, consent_id)
    if row.asked_by != by.id:
        raise ConsentNotFound()
    await _leave(session, by, consent_id, "withdrawn")


async def _leave(session: Session, by: Actor, consent_id: UUID, target: str) -> None:
    row = await _find(session, consent_id)
    CONSENT.check(row.status, target)
    await repository.change(session, consent_id, {"status": target, "ended_by_name": by.name, "ended_at": clock.now()})
    await copies.wake(session, clock.now())
    action = {"ended": "support.consent.end", "withdrawn": "support.consent.withdraw"}[target]
    await audit.record(session, by, action, OBJECT, consent_id, before={"status": row.status}, after={"status": target})


async def _find(session: Session, consent_id: UUID) -> Row:
    row = await repository.find(session, consent_id, lock=True)
    if row is None:
        raise ConsentNotFound()
    return row


def _day(at: dt.datetime) -> str:
    return at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
