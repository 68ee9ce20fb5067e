"""The mornings after a drill: files come from the channel and the bank, two people close the day and pay it out, and the equation is told.

Nothing here is arranged: the outside world writes its own statements of what it did, with its own clock on the next working mornings, and
the steps that workers run bring everything home.
"""

import asyncio
import datetime as dt

import httpx
from sqlalchemy import insert, text

from core import clock, ids
from core.approvals import service as approvals
from core.bench.chaos.house import House
from core.bench.ground import Seat
from core.identity.actor import Actor
from core.jobs.pulse import pulse
from core.jobs.runner import run_next
from core.onboarding import rates
from core.onboarding.schemas import Rate
from core.reconciliation import rights
from core.reconciliation.differences.repository import Asked
from core.reconciliation.remedies import bulk
from core.reconciliation.remedies.service import RemedyAsk
from core.reconciliation.runs import closing
from core.settlement import bank_accounts
from core.settlement import service as settlement
from core.tenancy.directory import ClientProfile
from core.tenancy.models import settlement_account
from core.trace import equation
from core.trace.equation import SIX, Cell, Gap

AT = dt.time(15, 0)
"""Shanghai: every file of the day before is there, and batches have been laid out."""
RATE = Rate(channel="wechatpay", rate_ppm=6_000)
TURNS = 400
SOON = dt.timedelta(seconds=25)
"""What is due so soon is waited for: a day's run starts when no file has come for twenty seconds."""


async def prepare(house: House, client: ClientProfile, seat: Seat) -> None:
    """Rates, accounts to pay out to, and a clearing account at the bank, to which the channel settles."""
    maker, _ = people(client)
    async with httpx.AsyncClient(base_url=house.settings.sandbox_url, trust_env=False) as outside:
        given = (await outside.post("/sandbox/api/bank/connections", json={"name": "混沌演练"})).raise_for_status().json()
    async with house.platform.database.tenant(client.id) as session:
        keys = await house.platform.vault.keys(session)
        told = bank_accounts.Given(**{name: given[name] for name in bank_accounts.Given.__struct_fields__ if name in given})
        await bank_accounts.connect(session, keys, told, maker, house.settings.sandbox_url)
        for merchant_id in seat.merchants:
            number = f"622202{ids.digits(13)}"
            account = {
                "id": ids.uuid7(), "merchant_id": merchant_id, "holder": "混沌演练", "bank_name": "榕城银行", "number_sealed": keys.seal(number),
                "number_index": keys.index("account", number), "number_masked": f"622202*********{number[-4:]}", "status": "active",
                "made_by": maker.id, "made_by_name": maker.name,
            }  # fmt: skip
            await session.execute(insert(settlement_account), account)
            await rates.agree(session, maker, merchant_id, [RATE], clock.today() - dt.timedelta(days=1))


def people(client: ClientProfile) -> tuple[Actor, Actor]:
    """Who asks and who agrees."""
    held = dict.fromkeys((rights.READ, rights.RUN, rights.CLOSE, rights.HANDLE, rights.CHECK, settlement.READ, settlement.MAKE, settlement.CHECK))
    return tuple(Actor(kind="user", id=str(ids.uuid7()), name=name, tenant_id=client.id, rights=held) for name in ("财务经办", "财务复核"))


async def close(house: House, client: ClientProfile) -> tuple[dict[str, int], list[str]]:
    """Let the next mornings come until the bank has paid; answers the six numbers of the drill's days, and what keeps them apart."""
    days = await _days(house, client)
    maker, checker = people(client)
    await _wake(house, client, max(days) + dt.timedelta(days=1))
    async with httpx.AsyncClient(base_url=house.settings.sandbox_url, trust_env=False, timeout=60) as outside:
        for day in days:
            (await outside.post("/sandbox/api/bank/settle", json={"day": day.isoformat()})).raise_for_status()
    await _put_right(house, client, maker, checker)
    for day in days:
        async with house.platform.database.tenant(client.id) as session:
            await closing.close(session, day, checker, client.settings)
    await _come_to_rest(house, client)
    settle_on = await _pay_out(house, client, days, maker, checker)
    await _wake(house, client, settle_on)
    await _wake(house, client, settle_on + dt.timedelta(days=1))
    async with house.platform.database.tenant(client.id) as session:
        cells = await equation.reckon(session, days, _terms(house, client))
    return {name: sum(cell.number(name).fen for cell in cells) for name in SIX}, _faults(cells)


async def _days(house: House, client: ClientProfile) -> list[dt.date]:
    """The days of the drill: one, or two when it went past midnight in Shanghai."""
    async with house.platform.database.tenant(client.id) as session:
        rows = await session.all(text("SELECT paid_at AS at FROM core.payment UNION SELECT sent_at FROM core.refund_item WHERE state = 'success'"))
    return sorted({clock.business_day(row.at) for row in rows})


async def _wake(house: House, client: ClientProfile, day: dt.date) -> None:
    """Everybody gets up on a day, after its files have come."""
    at = dt.datetime.combine(day, AT, clock.SHANGHAI)
    if at > clock.now():
        await house.sleep_until(at)
    await _come_to_rest(house, client)


async def _come_to_rest(house: House, client: ClientProfile) -> None:
    """Do what workers do until nothing is due, looked at twice: one step's end may be the next one's beginning."""
    quiet = 0
    for _ in range(TURNS):
        due_at = await pulse(house.platform, client.id)
        if await run_next(house.platform, client.id):
            quiet = 0
        elif due_at is None or due_at > clock.now() + SOON:
            quiet += 1
            if quiet == 2:
                return
        else:
            quiet = 0
            await asyncio.sleep(max(0.05, (due_at - clock.now()).total_seconds()))
    raise RuntimeError("the client's work does not come to an end")


async def _put_right(house: House, client: ClientProfile, maker: Actor, checker: Actor) -> None:
    """Money that came twice goes back: one click, a second person, one batch."""
    async with house.platform.database.tenant(client.id) as session:
        if await bulk.chosen(session, Asked(), "refund", maker):
            ask = RemedyAsk(kind="refund", reason="重复缴费，原路退回")
            await bulk.propose(session, client.settings, Asked(), (), ask, maker)
    await _agree(house, client, checker)
    await _come_to_rest(house, client)


async def _pay_out(house: House, client: ClientProfile, days: list[dt.date], maker: Actor, checker: Actor) -> dt.date:
    """Submit and approve every batch of the days; answers the last day on which one is paid."""
    async with house.platform.database.tenant(client.id) as session:
        asked = text("SELECT id, settle_on FROM core.settlement_batch WHERE bill_on = ANY(:days) AND pay_fen > 0")
        rows = await session.all(asked, {"days": days})
        await settlement.submit_all(session, [row.id for row in rows], maker, "混沌演练")
    await _agree(house, client, checker)
    return max((row.settle_on for row in rows), default=max(days) + dt.timedelta(days=1))


async def _agree(house: House, client: ClientProfile, checker: Actor) -> None:
    """The checker approves everything that waits."""
    kinds = approvals.kinds_of(house.platform.plugins, client.plugins)
    async with house.platform.database.tenant(client.id) as session:
        waiting = [row.id for row in await session.all(text("SELECT id FROM core.approval WHERE status = 'waiting' ORDER BY id"))]
    for approval_id in waiting:
        async with house.platform.database.tenant(client.id) as session:
            await approvals.approve(session, kinds, approval_id, checker)


def _terms(house: House, client: ClientProfile) -> equation.Terms:
    offered = house.platform.plugins.collect_all("register_statement_sources")
    return equation.terms_of(equation.sources_of(offered, client.plugins))


def _faults(cells: list[Cell]) -> list[str]:
    """What keeps the equation from closing to the fen."""
    found = []
    for cell in cells:
        named = f"{cell.day} {cell.channel}"
        found += [f"{named}: {number.count} differences {klass} of {number.fen} fen are open" for klass, number in cell.open.items()]
        found += [f"{named}: {name} {_told(gap)}" for name, gap in cell.gaps.items() if gap.open_fen or gap.strange_fen or gap.waiting_fen]
    return found or ([] if cells else ["there is no equation"])


def _told(gap: Gap) -> str:
    return f"is off by {gap.fen}: {gap.open_fen} open, {gap.waiting_fen} waiting ({gap.why}), {gap.strange_fen} unexplained"
