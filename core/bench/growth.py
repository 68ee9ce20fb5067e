"""`growth`: the bill page's 95th percentile with a thousand clients ÷ with ten. A client must not feel how many others there are."""

import random
import time

import httpx
from sqlalchemy import insert, select

from core import clock, ids
from core.app import create_app
from core.bench.figures import Figure, at_most
from core.bench.ground import Ground, Seat, add_people, drafts, seat
from core.billing.issuing import issue
from core.billing.models import bill
from core.payers.access import LIFETIME
from core.payers.models import payer_session

FEW, MANY = 10, 1_000
BILLS_EACH = 40
ASKED = 400


async def growth(ground: Ground) -> list[Figure]:
    """Ask for bill pages of ten clients, open 990 more with bills of their own, ask for pages of all of them."""
    app = create_app(ground.platform)
    pages = [await _client(ground) for _ in range(FEW)]
    await _percentile(app, pages)
    few = await _percentile(app, pages)
    pages += [await _client(ground) for _ in range(MANY - FEW)]
    ground.postgres.psql("ANALYZE", "banyan")
    await _percentile(app, random.sample(pages, 100))
    many = await _percentile(app, pages)
    note = f"p95 {few * 1000:.1f} ms with {FEW} clients, {many * 1000:.1f} ms with {MANY}; {BILLS_EACH} bills each"
    return [at_most("growth", many / few, 1.2, "ratio", note)]


async def _client(ground: Ground) -> tuple[str, str, list]:
    """A client with bills, and a device that has opened all of them: (code, cookie, bill ids)."""
    made: Seat = await seat(ground)
    people = await add_people(ground, made, BILLS_EACH)
    token = ids.token()
    async with ground.platform.database.tenant(made.id) as session:
        await issue(session, drafts(made, people, "bench"))
        bills = [row.id for row in await session.all(select(bill.c.id))]
        row = {
            "id": ids.uuid7(), "token_hash": ground.platform.vault.route_hash("payer", token), "csrf": ids.token(), "device": b"bench",
            "bill_ids": [str(each) for each in bills], "expires_at": clock.now() + LIFETIME,
        }  # fmt: skip
        await session.execute(insert(payer_session), row)
    return made.code, token, bills


async def _percentile(app: object, pages: list[tuple[str, str, list]]) -> float:
    took = []
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as asking:
        for _ in range(ASKED):
            code, token, bills = random.choice(pages)
            began = time.perf_counter()
            answer = await asking.get(f"/h5/{code}/bills/{random.choice(bills)}", headers={"cookie": f"banyan_payer={token}"})
            took.append(time.perf_counter() - began)
            assert answer.status_code == 200, answer.text[:300]
    return sorted(took)[int(len(took) * 0.95)]
