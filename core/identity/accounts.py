"""Users: made with a one-time password, renamed, disabled, given a new one-time password."""

import re
from collections.abc import Sequence
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.database.routes import Routes
from core.errors import InvalidRequest, NotFound
from core.identity import accounts_repository as repository
from core.identity import audit, passwords, sessions_repository
from core.identity.actor import Actor
from core.identity.errors import LoginMalformed, LoginTaken, NameMissing
from core.web.i18n import N_

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


async def find(session: Session, user_id: UUID, reach: list[UUID] | None = None) -> Row:
    """One user of this tenant, within reach (None: the whole tenant)."""
    row = await repository.find_user(session, user_id, reach)
    if row is None:
        raise NotFound()
    return row


async def rename(session: Session, by: Actor, user_id: UUID, name: str) -> None:
    """Another name."""
    row = await find(session, user_id, by.reach("identity.user.manage"))
    name = person_name(name)
    if name != row.name:
        await repository.change_user(session, user_id, {"name": name})
        await audit.record(session, by, "identity.user.rename", OBJECT, user_id, before={"name": row.name}, after={"name": name})


async def reset_password(session: Session, by: Actor, user_id: UUID) -> str:
    """A new one-time password; every session of the user ends."""
    await find(session, user_id, by.reach("identity.user.manage"))
    by.check_other(str(user_id))
    given = passwords.initial()
    await repository.change_user(session, user_id, {"password_hash": await passwords.hashed(given), "must_change_password": True})
    await sessions_repository.end_sessions_of(session, user_id, clock.now())
    await audit.record(session, by, "identity.user.reset_password", OBJECT, user_id)
    return given


async def give_password(session: Session, by: Actor, user_id: UUID, password: str) -> None:
    """The password that a demonstration declares; every session of the user ends."""
    await repository.change_user(session, user_id, {"password_hash": await passwords.hashed(password), "must_change_password": False})
    await sessions_repository.end_sessions_of(session, user_id, clock.now())
    await audit.record(session, by, "identity.user.reset_password", OBJECT, user_id)


async def reset_second_factor(session: Session, by: Actor, user_id: UUID, why: str) -> None:
    """Forget a lost authenticator; the user enrols anew at the next log-in where that is forced."""
    row = await find(session, user_id, by.reach("identity.user.manage"))
    by.check_other(str(user_id))
    if not why.strip():
        raise InvalidRequest(N_("请写明原因，例如怎样核实了本人"))
    if row.has_totp:
        await repository.change_user(session, user_id, {"totp_sealed": None, "totp_last_step": None})
        await sessions_repository.end_sessions_of(session, user_id, clock.now())
        await audit.record(session, by, "identity.user.reset_second_factor", OBJECT, user_id, reason=why)


async def people(session: Session, by: Actor, *, words: str = "", status: str = "", after: str = "", limit: int = 50) -> Sequence[Row]:
    """The users within reach, in the order of their log-in names."""
    return await repository.list_users(session, by.reach("identity.user.read"), words.strip(), status, after, limit)


async def grants_of(session: Session, user_ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """The roles that some users hold."""
    held: dict[UUID, list[Row]] = {user_id: [] for user_id in user_ids}
    for row in await repository.list_grants(session, list(user_ids)):
        held[row.user_id].append(row)
    return held
