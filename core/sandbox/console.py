"""The sandbox's own pages: merchants, orders, faults, and the phone with its text messages."""

from litestar import Router, get, post
from litestar.datastructures import State
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from core.sandbox.delivery import queue
from core.sandbox.faults import repository as faults
from core.sandbox.faults.kinds import BY_CODE
from core.sandbox.faults.repository import Fault
from core.sandbox.pages import page
from core.sandbox.sms import repository as sms
from core.sandbox.worlds import worlds

SHOWN = 50


@get("/")
async def index(state: State) -> Template:
    """Everything at a glance."""
    async with state.sandbox.pool.acquire() as connection:
        found = [order for world in worlds() for order in await world.orders(connection, SHOWN)]
        latest = sorted(found, key=lambda order: order.created_at, reverse=True)[:SHOWN]
        told = await queue.states_of(connection, [(o.channel, o.account, o.number) for o in latest])
        active = await faults.list_all(connection)
        context = {
            "accounts": [account for world in worlds() for account in await world.accounts(connection)],
            "orders": [(order, told.get((order.channel, order.account, order.number), [])) for order in latest],
            "titles": {world.code: world.title for world in worlds()},
            "faults": active,
            "kinds": tuple(BY_CODE.values()),
            "common": {f.kind: f for f in active if f.mchid is None},
            "messages": await sms.latest(connection, limit=3),
            "time_scale": state.sandbox.settings.time_scale,
        }
    return page("index.html", **context)


@get("/sms")
async def phone(state: State, phone: FromQuery[str] = "") -> Template:
    """The last text messages, as they would lie on a phone."""
    async with state.sandbox.pool.acquire() as connection:
        messages = await sms.latest(connection, phone.strip() or None)
    return page("sms.html", messages=messages, phone=phone)


@post("/faults")
async def set_faults(state: State, data: URLEncodedBody[dict[str, str]]) -> Redirect:
    """Set how often each fault happens for everyone; faults of single merchants and orders stay as they are."""
    chosen = []
    for kind in BY_CODE.values():
        percent = int(data.get(f"percent-{kind.code}") or 0)
        if percent:
            seconds = data.get(f"seconds-{kind.code}")
            chosen.append(Fault(kind.code, min(max(percent, 1), 100), float(seconds) if seconds else None))
    async with state.sandbox.pool.acquire() as connection:
        own = [fault for fault in await faults.list_all(connection) if fault.mchid is not None]
        await faults.replace_all(connection, chosen + own)
    return Redirect("/", status_code=303)


router = Router("/", route_handlers=[index, phone, set_faults])
