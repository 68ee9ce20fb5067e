"""Users and their role grants."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Session
from core.identity.models import role_grant, user

_SHOWN = [c for c in user.c if c.name not in ("password_hash", "totp_sealed")]
_HAS_TOTP = user.c.totp_sealed.is_not(None).label("has_totp")


async def add_user(session: Session, row: dict[str, object]) -> None:
    """A new user."""
    await session.execute(insert(user), row)


def _within(reach: list[UUID] | None):
    """Users who hold a role within reach, or none anywhere yet."""
    held = select(role_grant.c.user_id).where(role_grant.c.org_id.in_(reach or []))
    return or_(user.c.id.in_(held), user.c.id.not_in(select(role_grant.c.user_id)))


async def find_user(session: Session, user_id: UUID, reach: list[UUID] | None = None) -> Row | None:
    """A user as pages show it, if within reach: no secrets."""
    query = select(*_SHOWN, _HAS_TOTP).where(user.c.id == user_id)
    return await session.one_or_none(query if reach is None else query.where(_within(reach)))


async def find_user_by_login(session: Session, login: str) -> Row | None:
    """The same by log-in name."""
    return await session.one_or_none(select(*_SHOWN, _HAS_TOTP).where(user.c.login == login))


async def find_secrets(session: Session, user_id: UUID, *, lock: bool = False) -> Row | None:
    """A user with password hash and sealed TOTP secret, for log-in only."""
    query = select(user).where(user.c.id == user_id)
    return await session.one_or_none(query.with_for_update() if lock else query)


async def find_secrets_by_login(session: Session, login: str) -> Row | None:
    """The same by log-in name."""
    return await session.one_or_none(select(user).where(user.c.login == login))


async def list_users(
    session: Session, reach: list[UUID] | None, words: str, status: str, after: str, limit: int
) -> Sequence[Row]:
    """Users within reach in the order of their log-in names, after one."""
    query = select(*_SHOWN, _HAS_TOTP).order_by(user.c.login).limit(limit)
    if reach is not None:
        query = query.where(_within(reach))
    if words:
        query = query.where(or_(user.c.name.contains(words, autoescape=True), user.c.login.contains(words.lower(), autoescape=True)))
    if status:
        query = query.where(user.c.status == status)
    if after:
        query = query.where(user.c.login > after)
    return await session.all(query)


async def list_holders(session: Session, role: str) -> Sequence[Row]:
    """The active users who hold a role, the first one made first."""
    held = select(role_grant.c.user_id).where(role_grant.c.role == role)
    return await session.all(select(*_SHOWN, _HAS_TOTP).where(user.c.status == "active", user.c.id.in_(held)).order_by(user.c.id))


async def change_user(session: Session, user_id: UUID, values: dict[str, object]) -> None:
    """Change a user's row; its version goes up."""
    await session.execute(update(user).where(user.c.id == user_id).values(**values, version=user.c.version + 1))


async def use_totp_step(session: Session, user_id: UUID, step: int) -> bool:
    """Spend a one-time code's time step; False when it or a later one was spent already, also by a request at the same moment."""
    fresh = or_(user.c.totp_last_step.is_(None), user.c.totp_last_step < step)
    spent = update(user).where(user.c.id == user_id, fresh).values(totp_last_step=step)
    return (await session.execute(spent)).rowcount == 1


async def list_grants(session: Session, user_ids: Sequence[UUID]) -> Sequence[Row]:
    """The role grants of some users."""
    return await session.all(select(role_grant).where(role_grant.c.user_id.in_(user_ids)).order_by(role_grant.c.role))


async def find_grant(session: Session, grant_id: UUID) -> Row | None:
    """One grant."""
    return await session.one_or_none(select(role_grant).where(role_grant.c.id == grant_id))


async def add_grant(session: Session, row: dict[str, object]) -> bool:
    """A new grant; False when the user has it already."""
    result = await session.execute(upsert(role_grant).values(row).on_conflict_do_nothing())
    return result.rowcount == 1


async def remove_grant(session: Session, grant_id: UUID) -> None:
    """Take a role away."""
    await session.execute(delete(role_grant).where(role_grant.c.id == grant_id))


async def lock_users(session: Session) -> None:
    """Hold every active user, so that two removals cannot each leave the other as the last administrator."""
    await session.all(select(user.c.id).where(user.c.status == "active").order_by(user.c.id).with_for_update())


async def count_holders(session: Session, roles: Sequence[str], without_grant: UUID | None, without_user: UUID | None) -> int:
    """How many active users hold one of some roles, leaving a grant or a user out."""
    query = (
        select(func.count(func.distinct(user.c.id)))
        .join(role_grant, role_grant.c.user_id == user.c.id)
        .where(user.c.status == "active", role_grant.c.role.in_(roles))
    )
    if without_grant:
        query = query.where(role_grant.c.id != without_grant)
    if without_user:
        query = query.where(user.c.id != without_user)
    return await session.scalar(query)


async def count_users(session: Session) -> Row:
    """How many may log in (`active`), and how many of them never did (`fresh`)."""
    active = user.c.status == "active"
    return await session.one(
        select(func.count().filter(active).label("active"), func.count().filter(active & user.c.must_change_password).label("fresh")).select_from(user)
    )
