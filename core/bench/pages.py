"""`list_pages`, `h5_pages`: the slowest page's 95th percentile of server time, of every console page without an id and of every phone page, with 100,000 bills.

Pages come from the application's own route table; the data is that of the penny trace (paid bills with everything that follows) and open bills.
"""

import time
from uuid import UUID

import httpx
from litestar import Litestar
from sqlalchemy import insert, text

from core import clock, ids
from core.app import create_app
from core.bench import tracing
from core.bench.figures import Figure, at_most
from core.bench.ground import Ground, Seat, seat
from core.identity import models as identity
from core.ledger.repository import take_snapshots
from core.payers.access import LIFETIME
from core.payers.models import binding, payer, payer_session

PAID, OPEN = 60_000, 40_000
ASKED, WARM = 40, 4
CHILDREN = 3
GRADES, CLASSES = 12, 400
ROLES = ("client.admin", "client.finance_maker", "client.cashier", "client.treasurer", "edu.group_admin", "edu.group_finance")
"""Beside the penny trace's own: together they open every list."""
LEFT_OUT = ("/_gallery", "/bell", "/template", ".xlsx", "/new", "/scan", "/one")
OPEN_BILLS = """
SET session_replication_role = replica;
INSERT INTO core.bill (tenant_id, id, number, pay_code, plugin, source, party_id, title, period, due_on, visible_from, amount_fen,
  discount_fen, paid_fen, status, allow_partial, allow_merge, issued_at)
SELECT '{tenant}', gen_random_uuid(), 'B2610' || lpad(n::text, 10, '0'), lpad((5000000000000000 + n)::text, 16, '0'), 'education', 'open:' || n,
  p.id, '学费', '2026-2027-1', current_date + 30 - (n % 60), now() - interval '1 day', 30000, 0, 0, 'issued', true, true,
  now() - make_interval(secs => n)
FROM generate_series(0, {open} - 1) AS g(n) JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS at FROM core.party WHERE tenant_id = '{tenant}') p
  ON p.at = n % {people};
INSERT INTO core.bill_line (tenant_id, bill_id, line_no, item_code, item_name, category, merchant_id, quantity, unit_price_fen, amount_fen,
  discount_fen, net_fen, mandatory, chosen, rule)
SELECT '{tenant}', id, 1, 'ITEM1', '项目1', '学费', '{m1}', 1, amount_fen, amount_fen, 0, amount_fen, true, true, '{{}}'
FROM core.bill WHERE tenant_id = '{tenant}' AND source LIKE 'open:%';
UPDATE core.receipt SET content = jsonb_build_object('client', '学校', 'payer', '学生', 'party_number', 'S1', 'title', '学费', 'period', '2026-2027-1',
  'lines', jsonb_build_array(jsonb_build_array('学费', amount_fen)), 'channel', '微信支付', 'payment_number', number, 'paid_at', issued_at, 'seal', '章')
WHERE tenant_id = '{tenant}';
"""
UNITS = """
SET session_replication_role = replica;
CREATE TEMP TABLE unit AS
SELECT n, gen_random_uuid() AS id, CASE WHEN n = 0 THEN 'campus' WHEN n <= {grades} THEN 'grade' ELSE 'class' END AS kind,
  CASE WHEN n = 0 THEN NULL WHEN n <= {grades} THEN 0 ELSE 1 + n % {grades} END AS above FROM generate_series(0, {grades} + {classes}) AS g(n);
INSERT INTO core.org_unit (tenant_id, id, parent_id, path, kind, name, position)
SELECT '{tenant}', u.id, a.id, CAST(concat_ws('.', 'u' || z.n, 'u' || a.n, 'u' || u.n) AS public.ltree), u.kind, u.kind || u.n, u.n
FROM unit u LEFT JOIN unit a ON a.n = u.above LEFT JOIN unit z ON z.n = a.above;
CREATE TEMP TABLE seat AS SELECT p.id AS person, u.id AS class FROM (SELECT id, row_number() OVER (ORDER BY id) AS at FROM core.party
  WHERE tenant_id = '{tenant}') p JOIN unit u ON u.n = {grades} + 1 + p.at % {classes};
UPDATE core.party SET org_id = class FROM seat WHERE tenant_id = '{tenant}' AND id = person;
UPDATE core.bill SET org_id = class FROM seat WHERE tenant_id = '{tenant}' AND party_id = person;
"""
_FAMILY = text("SELECT id FROM core.party ORDER BY id LIMIT :n")
_BILLS = text("SELECT id, status FROM core.bill WHERE party_id = ANY(CAST(:people AS uuid[])) ORDER BY status, number")
_ORDER = text("SELECT o.number FROM core.payment_order o JOIN core.payment_order_item i ON i.order_id = o.id WHERE i.bill_id = :bill")
_RECEIPT = text("SELECT id FROM core.receipt WHERE bill_id = :bill AND number IS NOT NULL LIMIT 1")


async def list_pages(ground: Ground) -> list[Figure]:
    """Every console page that needs no id, asked by somebody who may see all of them."""
    made = await _seeded(ground)
    token = await tracing.log_in(ground, made)
    async with ground.platform.database.tenant(made.id) as session:
        user_id = await session.scalar(text('SELECT id FROM core."user" WHERE login = \'bench\''))
        for role in ROLES:
            await session.execute(insert(identity.role_grant), {"id": ids.uuid7(), "user_id": user_id, "role": role, "granted_by": "bench"})
    app = create_app(ground.platform)
    return [await _figure("list_pages", 120, app, _lists(app), f"banyan_session={token}")]


async def h5_pages(ground: Ground) -> list[Figure]:
    """Every phone page of a family with three children, bills paid and open."""
    made = await _seeded(ground)
    token, pages = await _family(ground, made)
    return [await _figure("h5_pages", 60, create_app(ground.platform), pages, f"banyan_payer={token}")]


async def _seeded(ground: Ground) -> Seat:
    made = await seat(ground)
    ground.postgres.psql(tracing.seed(made, PAID), "banyan")
    ground.postgres.psql(OPEN_BILLS.format(tenant=made.id, open=OPEN, people=tracing.PEOPLE, m1=made.merchants[0]), "banyan")
    ground.postgres.psql(UNITS.format(tenant=made.id, grades=GRADES, classes=CLASSES), "banyan")
    ground.postgres.psql("VACUUM ANALYZE", "banyan")
    async with ground.platform.database.tenant(made.id) as session:
        await take_snapshots(session)  # as every night does
    return made


def _lists(app: Litestar) -> list[str]:
    """Addresses of the client's console in which no id stands."""
    return sorted(
        route.path
        for route in app.routes
        if route.path.startswith("/console") and "{" not in route.path and not route.path.endswith(LEFT_OUT)
        for handler in getattr(route, "route_handlers", [])
        if "GET" in handler.http_methods and handler.opt.get("side", "client") in ("client", "both")
    )


async def _family(ground: Ground, made: Seat) -> tuple[str, list[str]]:
    """A payer's device bound to three children; answers its token and every address it can open."""
    token, payer_id, home = ids.token(), ids.uuid7(), f"/h5/{made.code}"
    async with ground.platform.database.tenant(made.id) as session:
        known = {"id": payer_id, "phone_sealed": b"", "phone_index": payer_id.bytes, "phone_masked": "138****0000"}
        await session.execute(insert(payer), known)
        device = {
            "id": ids.uuid7(), "token_hash": ground.platform.vault.route_hash("payer", token), "payer_id": payer_id, "csrf": ids.token(),
            "device": b"bench", "expires_at": clock.now() + LIFETIME,
        }  # fmt: skip
        await session.execute(insert(payer_session), device)
        people: list[UUID] = [row.id for row in await session.all(_FAMILY, {"n": CHILDREN})]
        for child in people:
            row = {"id": ids.uuid7(), "payer_id": payer_id, "party_id": child, "relation": "母亲", "method": "roster", "is_primary": True, "status": "bound"}
            await session.execute(insert(binding), row)
        bills = await session.all(_BILLS, {"people": people})
        paid, due = (next(row.id for row in bills if row.status == status) for status in ("paid", "issued"))
        order, receipt = await session.scalar(_ORDER, {"bill": paid}), await session.scalar(_RECEIPT, {"bill": paid})
    ends = [
        "", f"/bills/{paid}", f"/bills/{due}", f"/bills/{paid}/refund", f"/pay?bill={due}", f"/orders/{order}", "/history", "/receipts", "/refunds", "/notices",
        "/notices/choices", "/bindings", "/privacy", "/code", "/bind", "/login",
    ]  # fmt: skip
    return token, [home + end for end in ends] + ([f"{home}/receipts/{receipt}"] if receipt else [])


async def _figure(name: str, reach_ms: float, app: Litestar, pages: list[str], cookie: str) -> Figure:
    """Ask for each page many times, one after the other; the figure is the slowest page's 95th percentile."""
    found: list[tuple[float, str]] = []
    refused: list[str] = []
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bench", headers={"cookie": cookie}) as asking:
        for page in pages:
            took, status = [], 200
            for turn in range(WARM + ASKED):
                began = time.perf_counter()
                answer = await asking.get(page)
                if turn >= WARM:
                    took.append(time.perf_counter() - began)
                if (status := answer.status_code) != 200:
                    break
            if status == 200:
                found.append((sorted(took)[int(len(took) * 0.95)] * 1000, page))
            else:
                refused.append(f"{page} {status}")
    found.sort(reverse=True)
    slowest = ", ".join(f"{page} {ms:.0f}" for ms, page in found[:3])
    left = f"; not asked: {', '.join(refused)}" if refused else ""
    note = f"{len(found)} pages, {PAID + OPEN:,} bills; slowest: {slowest} ms; median page {found[len(found) // 2][0]:.0f} ms{left}"
    return at_most(name, found[0][0], reach_ms, "ms", note)
