"""What people change of their own account: password, second factor, sessions elsewhere."""

from uuid import UUID

from core import clock
from core.database import Session
from core.errors import NotFound
from core.identity import accounts_repository, audit, passwords, second_factor, sessions_repository, throttle
from core.identity.actor import Actor
from core.identity.errors import PasswordUnchanged, PasswordWrong
from core.identity.vault import TenantKeys
from core.platform import Platform


def own_id(by: Actor) -> UUID:
    """The user behind the actor; keys and the system have no account."""
    if by.kind != "user":
        raise NotFound()
    return UUID(by.id)


async def change_password(platform: Platform, by: Actor, current: str, new: str) -> None:
    """Prove the present one, take a new one; all other sessions end. Wrong guesses are counted as at the log-in."""
    subject = platform.vault.route_hash("throttle password", by.id)
    bank_id = await platform.directory.bank_id()
    async with platform.database.tenant(bank_id) as session:
        await throttle.attempt(session, {"login": subject})
    async with platform.database.tenant(by.tenant_id) as session:
        user = await accounts_repository.find_secrets(session, own_id(by))
    if not await passwords.fits(user.password_hash, current):
        raise PasswordWrong()
    async with platform.database.tenant(bank_id) as session:
        await throttle.forgive(session, subject)
    passwords.check_strength(new, user.login)
    if new == current:
        raise PasswordUnchanged()
    stored = await passwords.hashed(new)
    async with platform.database.tenant(by.tenant_id) as session:
        await accounts_repository.change_user(session, user.id, {"password_hash": stored, "must_change_password": False})
        await sessions_repository.end_other_sessions(session, user.id, by.session_id, clock.now())
        await audit.record(session, by, "identity.password.change", "user", user.id)


async def end_other_sessions(session: Session, by: Actor) -> None:
    """End every session of mine but this one."""
    await sessions_repository.end_other_sessions(session, own_id(by), by.session_id, clock.now())
    await audit.record(session, by, "identity.session.end", "user", by.id, after={"which": "others"})


async def bind_second_factor(session: Session, keys: TenantKeys, by: Actor, ticket: str, code: str) -> None:
    """Bind the authenticator that was offered."""
    await second_factor.enrol(session, keys, by, own_id(by), ticket, code)


async def drop_second_factor(session: Session, by: Actor) -> None:
    """Do without from now on."""
    await second_factor.drop(session, by, own_id(by))
