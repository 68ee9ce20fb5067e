"""The ground a benchmark stands on: its own durable PostgreSQL, its own web process, clients with bills and orders waiting to be paid."""

import contextlib
import datetime as dt
import os
import secrets
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
from sqlalchemy import insert

from core import clock, ids
from core.app import branches, load_plugins, make_platform
from core.billing.issuing import issue
from core.billing.schemas import BillDraft, LineDraft
from core.database import migrate
from core.database.tables import new_tenant_id
from core.payers.models import party
from core.payments.models import channel_account
from core.payments.repository import add_order
from core.platform import Platform
from core.plugin_manager import PluginManager
from core.settings import Settings
from core.supervisor import Child, EmbeddedPostgres, Supervisor
from core.supervisor.guarded import free_port, listens
from core.tenancy.models import branch, client, client_plugin, merchant

APPID = "wxbench0000000001"
LINES = (("TUITION", 1_000_000, True), ("DORM", 150_000, True), ("INSURANCE", 10_000, True), ("MEAL", 200_000, False))


class Seat(msgspec.Struct, frozen=True):
    """A client of the benchmark."""

    id: UUID
    code: str
    merchants: list[UUID]
    account_id: UUID
    mchid: str


class Ground(msgspec.Struct):
    """The servers and the platform of a run."""

    postgres: EmbeddedPostgres
    settings: Settings
    platform: Platform
    plugins: PluginManager
    bank_id: UUID
    branch_id: UUID


@contextlib.asynccontextmanager
async def prepared() -> AsyncIterator[Ground]:
    """Start a durable PostgreSQL in a temporary folder, migrate it, found the bank; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="banyan-bench-") as folder, EmbeddedPostgres(Path(folder) / "postgres") as postgres:
        plugins = load_plugins()
        await migrate.upgrade(postgres.owner_url, branches(plugins))
        settings = Settings(
            data_dir=Path(folder),
            database_url=postgres.app_url,
            owner_database_url=postgres.owner_url,
            master_keys="bench:" + b64encode(secrets.token_bytes(32)).decode(),
            port=free_port(),
            log_level="error",
            workers=os.cpu_count() or 1,
        )
        platform = await make_platform(settings, plugins)
        bank_id, branch_id = await found_bank(platform)
        try:
            yield Ground(postgres, settings, platform, plugins, bank_id, branch_id)
        finally:
            await platform.close()


async def found_bank(platform: Platform) -> tuple[UUID, UUID]:
    """The bank's tenant and its head office."""
    bank_id, branch_id = new_tenant_id(), ids.uuid7()
    async with platform.database.tenant(bank_id) as session:
        await platform.routes.add(session, "bank", "bank")
        hq = {"id": branch_id, "path": "hq", "kind": "hq", "code": "HQ", "name": "总行"}
        await session.execute(insert(branch), hq)
    return bank_id, branch_id


async def seat(
    ground: Ground, credentials: dict[str, str] | None = None, *, mchid: str = "", appid: str = APPID, base_url: str = "http://127.0.0.1:9"
) -> Seat:
    """Open a client with merchants and a collecting account."""
    mchid = mchid or "19" + ids.digits(8)
    made = Seat(new_tenant_id(), f"bench-{secrets.token_hex(4)}", [ids.uuid7() for _ in LINES], ids.uuid7(), mchid)
    async with ground.platform.database.tenant(ground.bank_id) as session:
        await ground.platform.routes.add(session, "client", made.code, made.id)
        row = {"id": made.id, "code": made.code, "name": made.code, "kind": "school_group", "branch_id": ground.branch_id, "status": "active"}
        await session.execute(insert(client), row)
        switch = {"client_id": made.id, "plugin": "education", "enabled": True, "changed_by": "bench"}
        await session.execute(insert(client_plugin), switch)
    async with ground.platform.database.tenant(made.id) as session:
        keys = await ground.platform.vault.keys(session)
        rows = [
            {"id": merchant_id, "code": code, "name": code, "legal_name": code, "status": "active"}
            for merchant_id, (code, _, _) in zip(made.merchants, LINES, strict=True)
        ]
        await session.execute(insert(merchant), rows)
        account = {
            "id": made.account_id, "channel": "wechatpay", "mchid": made.mchid, "appid": appid, "base_url": base_url,
            "credentials_sealed": keys.seal(msgspec.json.encode(credentials or {})),
        }  # fmt: skip
        await session.execute(insert(channel_account), account)
    return made


def drafts(made: Seat, people: list[UUID], source: str) -> list[BillDraft]:
    """One bill of four lines for each person."""
    lines = tuple(
        LineDraft(
            item_code=code, item_name=code, category="学费", merchant_id=merchant_id, unit_price_fen=fen, amount_fen=fen, discount_fen=0,
            mandatory=mandatory, rule={"explanation": [["收费标准", "按学期"]]},
        )
        for merchant_id, (code, fen, mandatory) in zip(made.merchants, LINES, strict=True)
    )  # fmt: skip
    now = clock.now()
    return [
        BillDraft(
            plugin="education", source=source, party_id=person, org_id=None, title="学费", period="2026-2027-1",
            due_on=dt.date(2099, 1, 1), visible_from=now, lines=lines,
        )
        for person in people
    ]  # fmt: skip


async def add_people(ground: Ground, made: Seat, count: int) -> list[UUID]:
    """People to bill."""
    people = [ids.uuid7() for _ in range(count)]
    rows = [
        {"id": person, "plugin": "education", "number": person.hex[-12:], "name": "学生", "name_pinyin": "xs"} for person in people
    ]
    async with ground.platform.database.tenant(made.id) as session:
        await session.execute(insert(party), rows)
    return people


async def add_orders(ground: Ground, made: Seat, count: int) -> list[tuple[str, int]]:
    """Bills with a pending order on each: (order number, amount in fen)."""
    people = await add_people(ground, made, count)
    source = f"bench:{secrets.token_hex(4)}"
    now, orders = clock.now(), []
    async with ground.platform.database.tenant(made.id) as session:
        await issue(session, drafts(made, people, source))
        connection = await session.connection.get_raw_connection()
        rows = await connection.driver_connection.fetch("SELECT id, amount_fen FROM core.bill WHERE source = $1", source)
        for row in rows:
            number = ids.number("P", now.strftime("%y%m%d"), 14)
            orders.append((number, row["amount_fen"]))
            await add_order(
                session,
                {
                    "id": ids.uuid7(), "number": number, "channel_account_id": made.account_id, "channel": "wechatpay",
                    "mchid": made.mchid, "scene": "h5", "description": "学费", "amount_fen": row["amount_fen"], "payer_id": None,
                    "payer_session_id": None, "idempotency_key": number, "payer_ip": "", "openid": None, "return_url": None,
                    "expires_at": now + dt.timedelta(hours=2), "next_query_at": now + dt.timedelta(hours=2),
                    "bills": [row["id"]], "amounts": [row["amount_fen"]],
                },
            )  # fmt: skip
        await session.simple("UPDATE core.payment_order SET status = 'pending' WHERE status = 'created'")
    return orders


@contextlib.contextmanager
def web_process(ground: Ground) -> Iterator[int]:
    """The application as production serves it, in a process of its own; answers its port."""
    names = ("data_dir", "database_url", "master_keys", "port", "log_level", "workers")
    env = {f"BANYAN_{name.upper()}": str(getattr(ground.settings, name)) for name in names}
    lines: list[str] = []
    supervisor = Supervisor(write=lines.append)
    supervisor.start([Child("web", [sys.executable, "-m", "core.cli", "web"], env=env, restart=False)])
    try:
        for _ in range(600):
            if listens(ground.settings.port):
                break
            time.sleep(0.05)
        else:
            raise RuntimeError("the web process did not come up:\n" + "\n".join(lines))
        yield ground.settings.port
    finally:
        supervisor.stop()
