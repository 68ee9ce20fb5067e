"""The demo school with everything that can happen to it, as small as can be, and everybody who looks at its pages."""

import datetime as dt
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import insert, text

from core import clock, ids
from core.app import branches, create_app, make_platform
from core.door import PAYER_COOKIE, STAFF_COOKIE, roles_in_force
from core.identity import models as identity
from core.identity import sessions_repository
from tests.demo import TENANTS
from tests.pages import living, walking

CODE, HOSPITAL = "banyan-school", "banyan-hospital"
PHONE_AGENT = "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0 Mobile Safari/537.36"
FEW = 4
_GRANTS = text('SELECT u.id, u.login, array_agg(g.role) AS roles FROM core."user" u JOIN core.role_grant g ON g.user_id = u.id GROUP BY 1, 2')


class Town(msgspec.Struct):
    """The demo as it is walked: platform, application, the school, the hospital, tokens of everybody, the pages."""

    platform: object
    app: object
    client: object
    bank_id: UUID
    addresses: object
    life: living.Life
    hospital: object
    patient: living.Life
    tokens: dict[str, str]
    rights: dict[str, set[str]]

    def cookies(self, who: str) -> dict[str, str]:
        """What the browser of somebody carries."""
        payers = {"payer": self.life.payer_token, "stranger": self.life.stranger_token, "patient": self.patient.payer_token}
        if who in payers:
            return {PAYER_COOKIE: payers[who]}
        return {STAFF_COOKIE: self.tokens[who]} if who else {}

    async def resolve(self) -> tuple[list[walking.Page], list[str]]:
        """Every page, and the routes for which no page was found."""
        routes = walking.routes(self.app)
        school, hospital = self.resolver(""), self.resolver(walking.HOSPITAL)
        pages = await school.pages([route for route in routes if route.plugin != walking.HOSPITAL])
        pages += await hospital.pages([route for route in routes if route.plugin == walking.HOSPITAL])
        return pages, school.lost + hospital.lost

    def resolver(self, plugin: str) -> walking.Resolver:
        """Who looks at the pages of a plugin, and where."""
        if plugin == walking.HOSPITAL:
            return walking.Resolver(self.platform, self.hospital, self.bank_id, self.rights, walking.HOSPITAL_STAFF, "patient")
        return walking.Resolver(self.platform, self.client, self.bank_id, self.rights)

    def asking(self) -> httpx.AsyncClient:
        """A browser without one: asks the application directly, follows nothing."""
        transport = httpx.ASGITransport(self.app, client=("192.0.2.7", 1234))
        return httpx.AsyncClient(transport=transport, base_url=self.platform.settings.public_url, headers={"user-agent": PHONE_AGENT})


@pytest.fixture(scope="module")
def small() -> bool:
    """Whether the school keeps only a handful of its people; a module says otherwise by a fixture of its own."""
    return True


@pytest.fixture(scope="module")
async def town(demo, small, postgres, fresh_database, make_settings, plugins):
    """The demo with a school that was lived in, on a database of its own."""
    addresses = fresh_database(demo.database)
    url = f"http://127.0.0.1:{demo.port}"
    given = {"public_url": url, "port": demo.port, "sandbox_url": f"http://127.0.0.1:{demo.sandbox_port}", "demo": True, "tenants_dir": TENANTS}
    platform = await make_platform(make_settings(addresses, **given), plugins)
    client = await platform.directory.by_code(CODE)
    if small:
        postgres.psql(_shrunk(client.id), addresses.name)
    schemas = [branch.metadata for branch in branches(plugins)]
    life = await living.live(platform, client, schemas)
    hospital = await platform.directory.by_code(HOSPITAL)
    patient = await living.be_treated(platform, hospital, schemas)
    bank_id = await platform.directory.bank_id()
    tokens, rights = {}, {}
    for tenant, profile in ((client.id, client), (hospital.id, hospital), (bank_id, None)):
        await _opened(platform, tenant, profile, tokens, rights)
    yield Town(platform, create_app(platform), client, bank_id, addresses, life, hospital, patient, tokens, rights)
    await platform.close()


async def _opened(platform, tenant: UUID, profile, tokens: dict[str, str], rights: dict[str, set[str]]) -> None:
    """A session for everybody who works there; and, where it is the bank, for three who are still logging in."""
    roles = roles_in_force(platform, profile)
    async with platform.database.tenant(tenant) as session:
        people = list(await session.all(_GRANTS))
        for person in people:
            rights[person.login] = {right for code in person.roles if code in roles for right in roles[code].permissions}
            tokens[person.login] = await _session(platform, session, person.id)
        if profile is None:
            tokens["code"] = await _session(platform, session, people[0].id, second_factor=False)
            for step, forced in (("enrol", False), ("password", True)):
                user_id = ids.uuid7()
                row = {"id": user_id, "login": f"new.{step}", "name": "新同事", "password_hash": "!", "must_change_password": forced}
                await session.execute(insert(identity.user), row)
                tokens[step] = await _session(platform, session, user_id, second_factor=forced)


async def _session(platform, session, user_id: UUID, second_factor: bool = True) -> str:
    token = ids.token()
    row = {
        "id": ids.uuid7(), "token_hash": platform.vault.route_hash("session", token), "user_id": user_id, "csrf": ids.token(),
        "second_factor": second_factor, "ip": "192.0.2.7", "agent": "", "seen_at": clock.now(), "expires_at": clock.now() + dt.timedelta(hours=9),
    }  # fmt: skip
    await sessions_repository.insert_session(session, row)
    await platform.routes.add(session, "session", token)
    return token


def _shrunk(client_id: UUID) -> str:
    """Of the demo school only a few people stay, with their bills: what is a long list otherwise is a short one."""
    mine = f"tenant_id = '{client_id}'"
    return f"""
        SET session_replication_role = replica;
        CREATE TEMP TABLE stays AS SELECT id FROM core.party WHERE {mine} ORDER BY number LIMIT {FEW};
        CREATE TEMP TABLE goes AS SELECT id FROM core.bill WHERE {mine} AND party_id NOT IN (SELECT id FROM stays);
        DELETE FROM core.notice WHERE {mine};
        DELETE FROM education.student WHERE {mine} AND id NOT IN (SELECT id FROM stays);
        DELETE FROM core.party WHERE {mine} AND id NOT IN (SELECT id FROM stays);
        DELETE FROM core.bill WHERE {mine} AND id IN (SELECT id FROM goes);
        DO $$ DECLARE found record; BEGIN
            FOR found IN SELECT table_schema, table_name, column_name FROM information_schema.columns
                WHERE table_schema IN ('core', 'education') AND column_name IN ('bill_id', 'party_id', 'student_id')
            LOOP EXECUTE format('DELETE FROM %I.%I WHERE tenant_id = %L AND %I ' || CASE found.column_name
                WHEN 'bill_id' THEN 'IN (SELECT id FROM goes)' ELSE 'NOT IN (SELECT id FROM stays)' END,
                found.table_schema, found.table_name, '{client_id}', found.column_name); END LOOP;
        END $$;
    """
