"""The demo pharmacy chain's last weeks: three robots at three platforms, their days as the sandbox's shops have them, what the tills say, what differs.

The files are those that the sandbox's sites and mails give, taken in as a run takes them in; only nobody sat in front of a browser. The robots are on:
from the next morning they run by themselves, and the sandbox has the days for a week.
"""

import asyncio
import base64
import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import httpx
import msgspec
import structlog

from core import clock, ids
from core.approvals import service as approvals
from core.database import Session
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from plugins.medical.robots import authorising, days, days_repository, repository, running, service, taking_in, tills
from plugins.medical.robots.files import Brought
from plugins.medical.robots.layouts import LAYOUTS, ShopLine
from plugins.medical.robots.schemas import DraftWrite, RobotWrite, StoreLink, TillOrder
from plugins.medical.robots.states import TASK

log = structlog.get_logger()
DAYS, AHEAD = 14, 7
HOUR = 5
CODES = ("S001", "S002", "S003")
RIGHTS = dict.fromkeys((service.READ, service.OPERATE, authorising.SIGN, days.MAKE, days.CHECK, tills.IMPORT))


class Kind(msgspec.Struct, frozen=True):
    """A robot of the demo: how many orders a day its platform has, and for how long its authorisation still holds."""

    platform: str
    name: str
    way: str
    prefix: str
    orders: int
    ends: int


KINDS = (
    Kind("meituan", "美团外卖账单", "site", "MT", 12, 200), Kind("eleme", "饿了么账单", "site", "EL", 9, 9),
    Kind("pdd", "拼多多账单邮件", "mailbox", "PD", 6, 120),
)  # fmt: skip
CAPTCHA, DEAD = ("meituan", 1), ("eleme", 2)
"""Platform and how many days ago: a site that wanted to see a person, and one that refused the password until the robot gave up."""
DIFFERENT, ACCEPTED = (("meituan", 3, "S002"), ("pdd", 5, "S003")), ("eleme", 8, "S001")
"""Store days whose tills lack an order and have another with a wrong amount."""


class Made(msgspec.Struct):
    """A robot as it stands at the sandbox: its account and each day's file."""

    kind: Kind
    account: Mapping[str, str]
    files: dict[int, Brought]


async def load(platform: Platform, client: ClientProfile) -> None:
    """Load the chain's weeks, once and whole; nothing where no sandbox answers."""
    sandbox = service.sandbox_of(platform)
    async with platform.database.tenant(client.id) as session:
        if not sandbox or await repository.list_robots(session, None, "", "", None, 1) or not await repository.stores_by_code(session, CODES):
            return
    try:
        shops = await asyncio.gather(*(_open(platform, sandbox, kind) for kind in KINDS))
    except (httpx.HTTPError, httpx.InvalidURL):
        log.info("demo_without_shops", client=client.code)
        return
    operator, finance, second = (
        Actor(kind="system", id=f"demo.{place}", name=name, tenant_id=client.id, rights=RIGHTS)
        for place, name in enumerate(("演示·机器人运维", "演示·药房财务", "演示·药房复核"))
    )
    async with platform.database.tenant(client.id) as session:
        keys = await platform.vault.keys(session)
        await days_repository.hold(session)
        read = {shop.kind.platform: await asyncio.to_thread(_read, shop) for shop in shops}
        await tills.take(session, [order for shop in shops for order in _tills(shop.kind, read[shop.kind.platform])], finance)
        for shop in shops:
            await _weeks(session, keys, shop, read[shop.kind.platform], operator, finance, sandbox)
        await _judged(session, platform, finance, second)


async def _open(platform: Platform, sandbox: str, kind: Kind) -> Made:
    """A shop at the sandbox with its days, past and to come, and for a mailbox a mail for each."""

    async def ask(method: str, path: str, body: object = None) -> httpx.Response:
        answer = await platform.http.request(method, f"{sandbox}/sandbox/api{path}", json=body)
        answer.raise_for_status()
        return answer

    shop = (await ask("POST", "/shops", {"platform": kind.platform, "name": kind.name})).json()
    box = (await ask("POST", "/mailboxes", {"name": kind.name})).json() if kind.way == "mailbox" else None
    suffix, found = LAYOUTS[kind.platform].suffix, {}
    for ago in range(DAYS, -AHEAD, -1):
        day = clock.today() - dt.timedelta(days=ago)
        here = f"/shops/{shop['code']}/days/{day}"
        await ask("PUT", here, {"stores": [kind.prefix + code[1:] for code in CODES], "count": kind.orders + ago * 7 % 5})
        if ago > 0 or box:
            content = (await ask("GET", f"{here}/file")).content
            if ago > 0:
                found[ago] = Brought(f"bill_{day:%Y%m%d}{suffix}", content)
            if box:
                mail = {"day": str(day), "statement": base64.b64encode(content).decode(), "suffix": suffix[1:]}
                await ask("POST", f"/mailboxes/{box['login']}/mails", mail)
    return Made(kind, box or shop, found)


def _read(shop: Made) -> dict[int, list[ShopLine]]:
    """Each day's orders as a run reads them."""
    stores = dict.fromkeys(shop.kind.prefix + code[1:] for code in CODES)
    return {ago: taking_in.read_all(shop.kind.platform, [file], _day(ago), stores)[0] for ago, file in shop.files.items()}


def _tills(kind: Kind, read: Mapping[int, Sequence[ShopLine]]) -> list[TillOrder]:
    """What the tills say: all but yesterday, to the fen but for the days that differ."""
    orders = []
    for ago, lines in read.items():
        for code in CODES if ago > 1 else ():
            mine = [line for line in lines if line.platform_store == kind.prefix + code[1:]]
            odd = (kind.platform, ago, code) in (*DIFFERENT, ACCEPTED)
            amounts = [(line.order_no, line.settle_fen - 300 if odd and place == 1 else line.settle_fen) for place, line in enumerate(mine)]
            orders += [TillOrder(kind.platform, code, _day(ago), number, fen) for number, fen in (amounts[1:] if odd else amounts)]
    return orders


async def _weeks(
    session: Session, keys: TenantKeys, shop: Made, read: Mapping[int, list[ShopLine]], operator: Actor, finance: Actor, sandbox: str
) -> None:
    """A robot with its authorisation, and a run for each day."""
    kind = shop.kind
    told = RobotWrite(
        name=kind.name, platform=kind.platform, way=kind.way, address=shop.account["address"], login=shop.account["login"], hour=HOUR,
        secret=shop.account["password"], stores=[StoreLink(kind.prefix + code[1:], code) for code in CODES],
    )  # fmt: skip
    robot_id = await service.save(session, keys, told, operator, sandbox)
    await service.switch(session, robot_id, True, operator)
    allowed = await authorising.draft(session, keys, robot_id, DraftWrite(valid_from=_day(60), valid_to=_day(-kind.ends)), operator)
    await authorising.sign(session, allowed, authorising.hash_of(await authorising.find(session, allowed, None)), finance)
    if kind.ends < 14:
        await authorising.draft(session, keys, robot_id, DraftWrite(valid_from=_day(-kind.ends - 1), valid_to=_day(-360)), operator)
    stores = {row.platform_store: row.store_id for row in await repository.list_stores(session, robot_id)}
    for ago, file in shop.files.items():
        at = min(dt.datetime.combine(_day(ago - 1), dt.time(HOUR, 1), clock.SHANGHAI), clock.now())
        await running.add_day(session, robot_id, _day(ago), at)
        task = await repository.find_day(session, robot_id, _day(ago))
        if (kind.platform, ago) in (CAPTCHA, DEAD):
            await _failed(session, task.id, allowed, at, captcha=(kind.platform, ago) == CAPTCHA)
            continue
        status = TASK.check(task.status, "running")
        await repository.change_task(session, task.id, status=status, tries=1, next_at=None, authorisation_id=allowed)
        steps = ("begun", "logged_in", "download", "upload")
        await _told(session, task.id, [(at + dt.timedelta(seconds=4 * place - 16), step, "") for place, step in enumerate(steps)])
        await taking_in.take_in(session, keys, task.id, kind.platform, _day(ago), stores, [file], [read[ago]], at)


async def _failed(session: Session, task_id: UUID, allowed: UUID, at: dt.datetime, *, captcha: bool) -> None:
    """A run that waits for a person: after one try, or after all of them ten minutes apart."""
    state, error, tries = ("captcha_required", "captcha", 1) if captcha else ("login_failed", "wrong_password", running.MOST_TRIES)
    moments = [at + running.BACK_OFF * place for place in range(tries)]
    steps = [(moment + dt.timedelta(seconds=3 * late), *told) for moment in moments for late, told in enumerate((("begun", ""), (state, error)))]
    status = TASK.check(TASK.check("scheduled", "running"), state)
    if not captcha:
        status = TASK.check(status, "dead")
        steps.append((steps[-1][0] + dt.timedelta(seconds=1), "dead", ""))
    await _told(session, task_id, steps)
    await repository.change_task(
        session, task_id, status=status, tries=tries, next_at=None, authorisation_id=allowed, error=error, finished_at=min(steps[-1][0], clock.now())
    )


async def _told(session: Session, task_id: UUID, steps: Sequence[tuple[dt.datetime, str, str]]) -> None:
    now = clock.now()
    await repository.add_log(session, [{"id": ids.uuid7(), "task_id": task_id, "at": min(at, now), "step": step, "told": told} for at, step, told in steps])


async def _judged(session: Session, platform: Platform, finance: Actor, second: Actor) -> None:
    """One difference was accepted by two people, one waits for the second."""
    kinds = approvals.kinds_of(platform.plugins, frozenset({"medical"}))
    for (name, ago, code), reason, decided in (
        (ACCEPTED, "平台漏记活动补贴 3 元，门店漏录一单，已与平台客服核实", True), (DIFFERENT[1], "顾客改了收货门店，订单记在别的门店", False),
    ):  # fmt: skip
        asked = {"platform": name, "status": "different", "typed": code, "bill_on": _day(ago), "since": None, "until": None, "reach": None}
        [row] = await days_repository.list_days(session, asked, None, 1)
        proposal = await days.propose(session, row.id, reason, finance)
        if decided:
            await approvals.approve(session, kinds, proposal, second)


def _day(ago: int) -> dt.date:
    return clock.today() - dt.timedelta(days=ago)
