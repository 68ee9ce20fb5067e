"""Logging in: name and password, then a one-time code where the account has one (bank people must), then a new password where one is due.

Between the steps a half-open session (`second_factor` false, ten minutes) remembers who is at the door; it opens nothing else.
Each step ends the token before it. Hashing and judging hold no transaction.
"""

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

from core import clock
from core.database import Session
from core.identity import accounts_repository, audit, passwords, second_factor, sessions, throttle
from core.identity.actor import Actor
from core.identity.errors import LoginRefused, LoginStepExpired, PasswordUnchanged
from core.identity.sessions_repository import end_session, end_sessions_of, find_half_open
from core.platform import Platform

Step = Literal["code", "enrol", "password", "in"]
HALF_OPEN = dt.timedelta(minutes=10)


class Visitor(msgspec.Struct, frozen=True):
    """Someone between the steps: `session` row, `user` row with secrets, and the step that comes next."""

    tenant_id: UUID
    session: object
    user: object
    step: Step
    bank: bool

    @property
    def actor(self) -> Actor:
        """The person, without any right yet."""
        return Actor(kind="user", id=str(self.user.id), name=self.user.name, tenant_id=self.tenant_id, ip=self.session.ip)


class Entered(msgspec.Struct, frozen=True):
    """A token for the cookie and the step that comes next; `in` means done."""

    token: str
    step: Step
    bank: bool


def _step(user: object, bank: bool, second_factor_done: bool) -> Step:
    if not second_factor_done:
        return "enrol" if bank and user.totp_sealed is None else "code"
    return "password" if user.must_change_password else "in"


async def begin(platform: Platform, login: str, password: str, ip: str, agent: str) -> Entered:
    """The first step. An unknown name costs the same time and gives the same answer as a wrong password."""
    login = login.strip().lower()
    bank_id = await platform.directory.bank_id()
    subjects = {"login": _subject(platform, "login", login), "ip": _subject(platform, "ip", ip)}
    async with platform.database.tenant(bank_id) as session:
        await throttle.attempt(session, subjects)
    tenant_id = await _tenant_of(platform, login, bank_id)
    user = None
    async with platform.database.tenant(tenant_id or bank_id) as session:
        if tenant_id is not None:
            user = await accounts_repository.find_secrets_by_login(session, login)
    if not await passwords.fits(user and user.password_hash, password) or user.status != "active":
        raise LoginRefused()
    async with platform.database.tenant(bank_id) as session:
        await throttle.forgive(session, subjects["login"], subjects["ip"])
    bank = tenant_id == bank_id
    needs_code = bank or user.totp_sealed is not None
    fresh = await passwords.hashed(password) if passwords.outdated(user.password_hash) else None
    async with platform.database.tenant(tenant_id) as session:
        if fresh:
            await accounts_repository.change_user(session, user.id, {"password_hash": fresh})
        token = await _open(session, platform, user, ip, agent, half_open=needs_code)
    return Entered(token, _step(user, bank, not needs_code), bank)


async def _tenant_of(platform: Platform, login: str, bank_id: UUID) -> UUID | None:
    """Where a log-in name belongs; nowhere once its client's contract has ended."""
    tenant_id = await platform.routes.find("login", login)
    if tenant_id is None or tenant_id == bank_id:
        return tenant_id
    profile = await platform.directory.profile(tenant_id)
    return None if profile.status == "closed" else tenant_id


async def visitor(platform: Platform, token: str) -> Visitor:
    """Who is between the steps; LoginStepExpired when nobody is."""
    tenant_id = await platform.routes.find("session", token) if token else None
    if tenant_id is None:
        raise LoginStepExpired()
    async with platform.database.tenant(tenant_id) as session:
        row = await find_half_open(session, platform.vault.route_hash("session", token), clock.now())
        user = row and await accounts_repository.find_secrets(session, row.user_id)
    if user is None or user.status != "active":
        raise LoginStepExpired()
    bank = tenant_id == await platform.directory.bank_id()
    return Visitor(tenant_id, row, user, _step(user, bank, row.second_factor), bank)


async def enter_code(platform: Platform, who: Visitor, code: str) -> Entered:
    """The second step: a one-time code, at most five wrong ones in fifteen minutes."""
    expect(who, "code")
    subject = await _count_code(platform, who)
    async with platform.database.tenant(who.tenant_id) as session:
        user = await accounts_repository.find_secrets(session, who.user.id, lock=True)
        if user.totp_sealed is None:
            raise LoginStepExpired()
        await second_factor.check(session, await platform.vault.keys(session), user, code)
        entered = await _full(session, platform, who)
    return await _forgiven(platform, subject, entered)


async def enrol(platform: Platform, who: Visitor, ticket: str, code: str) -> Entered:
    """The second step of someone who has no authenticator yet and must have one."""
    expect(who, "enrol")
    subject = await _count_code(platform, who)
    async with platform.database.tenant(who.tenant_id) as session:
        keys = await platform.vault.keys(session)
        await second_factor.enrol(session, keys, who.actor, who.user.id, ticket, code)
        entered = await _full(session, platform, who)
    return await _forgiven(platform, subject, entered)


async def replace_password(platform: Platform, who: Visitor, password: str) -> Entered:
    """The last step where a one-time password was used: a password of one's own. Other sessions end."""
    expect(who, "password")
    passwords.check_strength(password, who.user.login)
    if await passwords.fits(who.user.password_hash, password):
        raise PasswordUnchanged()
    stored = await passwords.hashed(password)
    async with platform.database.tenant(who.tenant_id) as session:
        await accounts_repository.change_user(session, who.user.id, {"password_hash": stored, "must_change_password": False})
        await end_sessions_of(session, who.user.id, clock.now())
        await audit.record(session, who.actor, "identity.password.change", "user", who.user.id)
        token = await _open(session, platform, who.user, who.session.ip, who.session.agent, half_open=False)
    return Entered(token, "in", who.bank)


async def _full(session: Session, platform: Platform, who: Visitor) -> Entered:
    await end_session(session, who.session.id, clock.now())
    token = await _open(session, platform, who.user, who.session.ip, who.session.agent, half_open=False)
    return Entered(token, _step(who.user, who.bank, True), who.bank)


async def _open(session: Session, platform: Platform, user: object, ip: str, agent: str, *, half_open: bool) -> str:
    token, session_id = await sessions.begin(
        session, platform.routes, platform.vault.route_hash, user.id, ip=ip, agent=agent,
        second_factor=not half_open, lifetime=HALF_OPEN if half_open else sessions.LIFETIME,
    )
    if not half_open:
        by = Actor(kind="user", id=str(user.id), name=user.name, tenant_id=session.tenant_id, ip=ip)
        await audit.record(session, by, "identity.session.begin", "session", session_id)
    return token


async def _count_code(platform: Platform, who: Visitor) -> bytes:
    subject = _subject(platform, "code", str(who.user.id))
    async with platform.database.tenant(await platform.directory.bank_id()) as session:
        await throttle.attempt(session, {"code": subject})
    return subject


async def _forgiven(platform: Platform, subject: bytes, entered: Entered) -> Entered:
    async with platform.database.tenant(await platform.directory.bank_id()) as session:
        await throttle.forgive(session, subject)
    return entered


def expect(who: Visitor, step: Step) -> None:
    """Nobody may take a step that is not theirs next; LoginStepExpired sends them to the start."""
    if who.step != step:
        raise LoginStepExpired()


def _subject(platform: Platform, kind: str, value: str) -> bytes:
    return platform.vault.route_hash(f"throttle {kind}", value)
