"""Bring people and their roles to a declaration, in the bank or in a client."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from core.database import Session
from core.hookspecs import Role
from core.identity import accounts, accounts_repository, grants, org, second_factor
from core.identity.actor import Actor
from core.identity.sessions import WHOLE_TENANT
from core.tenancy.changes import Change, Step
from core.tenancy.declaration import HeldRole, Person


async def people(
    work: Any,
    session: Session | None,
    tenant_id: UUID | None,
    where: str,
    declared: Sequence[Person],
    roles: Mapping[str, Role],
    places: Mapping[str, UUID] | None,
) -> None:
    """Users first, then their roles. `places` finds a branch by code; None finds org units by their names."""
    for person in declared:
        known = await accounts_repository.find_user_by_login(session, person.login) if session else None
        if known is None:
            await work.take([_new(work, session, tenant_id, where, person)])
            known = await accounts_repository.find_user_by_login(session, person.login) if session and work.changing else None
        elif known.must_change_password and work.platform.settings.demo and person.demo_password:
            await work.take([_demonstrable(work, session, tenant_id, where, person, known.id)])
        await work.take(await _roles(work, session, tenant_id, where, person, known, roles, places))


def _new(work: Any, session: Session | None, tenant_id: UUID | None, where: str, person: Person) -> Step:
    async def create() -> str:
        demo, by = work.platform.settings.demo, work.acting(tenant_id)
        given = person.demo_password if demo else ""
        user_id, password = await accounts.create(
            session, work.platform.routes, by, login=person.login, name=person.name, password=given
        )
        if demo:
            await _bind_demo_secret(work, session, by, user_id, person)
        return "" if given else password

    return Step(Change(where, "create", "user", person.login, person.name), create)


def _demonstrable(work: Any, session: Session, tenant_id: UUID | None, where: str, person: Person, user_id: UUID) -> Step:
    """Somebody made outside demo mode who never chose a password gets the declared one, so that the printed log-ins work."""

    async def give() -> None:
        by = work.acting(tenant_id)
        await accounts.give_password(session, by, user_id, person.demo_password)
        await _bind_demo_secret(work, session, by, user_id, person)

    return Step(Change(where, "set", "demo_password", person.login, person.name), give)


async def _bind_demo_secret(work: Any, session: Session, by: Actor, user_id: UUID, person: Person) -> None:
    if person.demo_totp_secret:
        await second_factor.bind(session, await work.platform.vault.keys(session), by, user_id, person.demo_totp_secret)


async def _roles(
    work: Any, session: Session | None, tenant_id: UUID | None, where: str, person: Person, known: Any,
    roles: Mapping[str, Role], places: Mapping[str, UUID] | None,
) -> list[Step]:  # fmt: skip
    held = {(row.role, row.org_id) for row in await accounts_repository.list_grants(session, [known.id])} if known else set()
    steps = []
    for wanted in person.roles:
        detail = f"{wanted.role} {wanted.place}".strip()
        role = roles.get(wanted.role)
        if session is not None and role is None:
            steps.append(Step(Change(where, "grant", "role", person.login, detail, "没有这个角色，或插件未开启")))
            continue
        place_id = await _place(session, role, wanted, places) if session is not None else None
        if role is not None and role.scope not in WHOLE_TENANT and place_id is None:
            steps.append(Step(Change(where, "grant", "role", person.login, detail, f"没有找到“{wanted.place}”")))
            continue
        if (wanted.role, place_id) in held:
            continue

        async def give(wanted=wanted, place_id=place_id) -> None:
            await grants.grant(session, dict(roles), work.acting(tenant_id), known.id, wanted.role, place_id)

        steps.append(Step(Change(where, "grant", "role", person.login, detail), give))
    return steps


async def _place(session: Session, role: Role, wanted: HeldRole, places: Mapping[str, UUID] | None) -> UUID | None:
    if role.scope in WHOLE_TENANT:
        return None
    return places.get(wanted.place) if places is not None else await org.find_by_names(session, wanted.place.split("/"))
