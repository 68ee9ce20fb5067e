"""Users: made with a one-time password, renamed, disabled, given a new one-time password."""

import re
from uuid import UUID

from core import clock, ids
from core.database import Session
from core.database.routes import Routes
from core.errors import NotFound
from core.identity import accounts_repository as repository
from core.identity import audit, passwords, sessions_repository
from core.identity.actor import Actor
from core.identity.errors import LoginMalformed, LoginTaken, NameMissing

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{2,39}")
OBJECT = "user"


def login_name(value: str) -> str:
    """A log-in name as it is kept: small letters."""
    login = value.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise LoginMalformed()
    return login


def person_name(value: str) -> str:
    """A person's name."""
    name = " ".join(value.split())
    if not name or len(name) > 50:
        raise NameMissing()
    return name


async def create(
    session: Session, routes: Routes, by: Actor, *, login: str, name: str, password: str = ""
) -> tuple[UUID, str]:
    """A new user and the password to hand over; one that we make must be changed at the first log-in."""
    login, name = login_name(login), person_name(name)
    if not await routes.add(session, "login", login):
        raise LoginTaken(login=login)
    user_id, given = ids.uuid7(), password or passwords.initial()
    await repository.add_user(
        session,
        {
            "id": user_id,
            "login": login,
            "name": name,
            "password_hash": await passwords.hashed(given),
            "must_change_password": not password,
        },
    )
    await audit.record(session, by, "identity.user.create", OBJECT, user_id, after={"login": login, "name": name})
    return user_id, given


async def find(session: Session, user_id: UUID):
    """One user of this tenant."""
    row = await repository.find_user(session, user_id)
    if row is None:
        raise NotFound()
    return row


async def rename(session: Session, by: Actor, user_id: UUID, name: str) -> None:
    """Another name."""
    row = await find(session, user_id)
    name = person_name(name)
    if name != row.name:
        await repository.change_user(session, user_id, {"name": name})
        await audit.record(session, by, "identity.user.rename", OBJECT, user_id, before={"name": row.name}, after={"name": name})


async def reset_password(session: Session, by: Actor, user_id: UUID) -> str:
    """A new one-time password; every session of the user ends."""
    await find(session, user_id)
    by.check_other(str(user_id))
    given = passwords.initial()
    await repository.change_user(session, user_id, {"password_hash": await passwords.hashed(given), "must_change_password": True})
    await sessions_repository.end_sessions_of(session, user_id, clock.now())
    await audit.record(session, by, "identity.user.reset_password", OBJECT, user_id)
    return given


async def reset_second_factor(session: Session, by: Actor, user_id: UUID, why: str) -> None:
    """Forget a lost authenticator; the user enrols anew at the next log-in where that is forced."""
    row = await find(session, user_id)
    by.check_other(str(user_id))
    if row.has_totp:
        await repository.change_user(session, user_id, {"totp_sealed": None, "totp_last_step": None})
        await sessions_repository.end_sessions_of(session, user_id, clock.now())
        await audit.record(session, by, "identity.user.reset_second_factor", OBJECT, user_id, reason=why)
