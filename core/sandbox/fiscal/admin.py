"""What a tester does from outside the wire: registers units, looks at tickets; and the page on which anybody checks one."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

import msgspec
from litestar import Router, get, post, put
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Template

from core.sandbox.fiscal import replies, tickets, units
from core.sandbox.fiscal.units import Unit
from core.sandbox.pages import page

Kind = Literal["fiscal", "einvoice"]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=3600)]


class UnitCreate(msgspec.Struct, forbid_unknown_fields=True):
    """`items` are the fee items on record (none: all); `slow_seconds` is how long issuing takes."""

    name: str
    items: list[str] = []
    slow_seconds: Seconds = 0


class UnitChange(msgspec.Struct, forbid_unknown_fields=True):
    items: list[str] = []
    slow_seconds: Seconds = 0


class UnitRead(msgspec.Struct):
    """Everything a platform needs to have tickets issued as this unit."""

    kind: str
    name: str
    base_url: str
    app_id: str
    unit_code: str
    secret: str


@post("/{kind:str}/units", summary="登记开票单位，取得密钥")
async def register(kind: FromPath[Kind], data: JSONBody[UnitCreate], state: State) -> UnitRead:
    """Put a unit on record."""
    async with state.sandbox.pool.acquire() as connection:
        unit = await units.register(connection, kind, data.name, data.items, data.slow_seconds)
    return _shown(unit, state.sandbox.settings.public_url)


@put("/{kind:str}/units/{app_id:str}", summary="改变备案项目与开票快慢")
async def change(kind: FromPath[Kind], app_id: FromPath[str], data: JSONBody[UnitChange], state: State) -> UnitRead:
    """Other fee items on record, another pace."""
    async with state.sandbox.pool.acquire() as connection:
        await units.change(connection, app_id, data.items, data.slow_seconds)
        unit = await units.find(connection, app_id)
    if unit is None or unit.kind != kind:
        raise NotFoundException("没有这个开票单位")
    return _shown(unit, state.sandbox.settings.public_url)


@get("/{kind:str}/units/{app_id:str}/tickets/{number:str}", summary="查看一张票据")
async def look(kind: FromPath[Kind], app_id: FromPath[str], number: FromPath[str], state: State) -> dict[str, object]:
    """A ticket as the platform keeps it."""
    async with state.sandbox.pool.acquire() as connection:
        unit = await units.find(connection, app_id)
        ticket = await tickets.find(connection, app_id, number) if unit and unit.kind == kind else None
    if ticket is None:
        raise NotFoundException("没有这张票据")
    return {**replies.told(unit, ticket, state.sandbox.settings.public_url), "asked": ticket.payload, "flushed_by": ticket.flushed_by}


@get("/", summary="公众查验页")
async def verify(
    state: State,
    code: FromQuery[str] = "",
    number: FromQuery[str] = "",
    check_code: FromQuery[str] = "",
    amount: FromQuery[str] = "",
    day: FromQuery[str] = "",
) -> Template:
    """Anybody checks a ticket by number and check code; code, amount and day are compared when they are given."""
    async with state.sandbox.pool.acquire() as connection:
        found = await tickets.search(connection, number.strip(), check_code.strip())
    unit_name, ticket = found or ("", None)
    if ticket is not None:
        wrong = [
            name
            for name, given, true in (("代码", code, ticket.code), ("日期", day, tickets.issued_on(ticket)))
            if given.strip() and given.strip() != true
        ]
        wrong += ["金额"] if amount.strip() and not _same(amount, ticket.amount) else []
    else:
        wrong = []
    return page(
        "fiscal_verify.html", unit=unit_name, ticket=ticket, wrong=wrong, number=number, check_code=check_code,
        issued_on=tickets.issued_on(ticket) if ticket else dt.date.today().isoformat(),
    )  # fmt: skip


def _same(given: str, true: str) -> bool:
    try:
        return Decimal(given.strip()) == Decimal(true)
    except InvalidOperation:
        return False


def _shown(unit: Unit, public_url: str) -> UnitRead:
    return UnitRead(unit.kind, unit.name, f"{public_url}/{unit.kind}/v1", unit.app_id, unit.unit_code, unit.secret)


router = Router("/sandbox/api", route_handlers=[register, change, look], tags=["票据平台"])
verify_router = Router("/fiscal/verify", route_handlers=[verify])
