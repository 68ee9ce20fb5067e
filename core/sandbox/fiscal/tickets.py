"""The tickets themselves: one for each number of a unit however often it is asked for, each with its code, number and check code."""

import datetime as dt
import hashlib
import secrets
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.fiscal.units import Unit

_SHANGHAI = dt.timezone(dt.timedelta(hours=8))
_FEN = Decimal("0.01")
NAMES = {"fiscal": ("busNo", "totalAmt"), "einvoice": ("orderNo", "totalAmount")}
"""What each platform calls the unit's own number and the sum."""


class Refused(Exception):
    """The platform does not issue this; the message says why."""


class Used(Exception):
    """The number stands for another ticket already."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket; `flushed_by` is the number of the red one that took it back."""

    number: str
    original: str | None
    payload: dict
    amount: str
    code: str
    ticket_no: str
    check_code: str
    ready_at: dt.datetime
    created_at: dt.datetime
    flushed_by: str | None

    @property
    def ready(self) -> bool:
        return self.ready_at <= clock.now()


_READ = """
    SELECT t.number, t.original, t.payload, t.amount, t.code, t.ticket_no, t.check_code, t.ready_at, t.created_at,
           (SELECT r.number FROM sandbox.fiscal_ticket r WHERE r.app_id = t.app_id AND r.original = t.number) AS flushed_by
    FROM sandbox.fiscal_ticket t
"""


async def find(connection: Connection, app_id: str, number: str) -> Ticket | None:
    """A unit's ticket by the unit's own number."""
    return _ticket(await connection.fetchrow(_READ + " WHERE t.app_id = $1 AND t.number = $2", app_id, number))


async def issue(connection: Connection, unit: Unit, body: bytes, scale: float) -> Ticket:
    """Issue a ticket, once. Raises Refused, Used."""
    payload = _object(body)
    number, total = (_word(payload, name) for name in NAMES[unit.kind])
    check(unit, payload)
    return await _write(connection, unit, number, None, body, payload, total, scale)


async def red_flush(connection: Connection, unit: Unit, original: str, body: bytes, scale: float) -> Ticket:
    """Take a ticket back by a red one of the whole sum, once. Raises Refused, Used."""
    payload = _object(body)
    number, total = (_word(payload, name) for name in NAMES[unit.kind])
    blue = await find(connection, unit.app_id, original)
    if blue is None or not blue.ready or blue.original is not None:
        raise Refused("原票据不存在或尚未开具")
    if Decimal(total) != -Decimal(blue.amount):
        raise Refused("红票金额须与原票据一致")
    if blue.flushed_by not in (None, number):
        raise Refused("原票据已红冲")
    return await _write(connection, unit, number, original, body, payload, total, scale)


def check(unit: Unit, payload: dict) -> None:
    """What the platform insists on: sums that add up, items on record, tax that is right. Raises Refused."""
    lines = payload.get("chargeDetail" if unit.kind == "fiscal" else "items")
    if not isinstance(lines, list) or not lines or not str(payload.get("payer" if unit.kind == "fiscal" else "buyerName") or "").strip():
        raise Refused("票据要素不全")
    amount, code = ("amt", "chargeCode") if unit.kind == "fiscal" else ("amount", "itemCode")
    if sum((_money(line, amount) for line in lines), Decimal(0)) != _money(payload, NAMES[unit.kind][1]):
        raise Refused("明细合计与总额不符")
    unknown = [str(line.get(code)) for line in lines if unit.items and line.get(code) not in unit.items]
    if unknown:
        raise Refused(f"收费项目 {unknown[0]} 未备案")
    if unit.kind == "einvoice":
        for line in lines:
            rate = _money(line, "taxRate")
            due = (_money(line, "amount") * rate / (100 + rate)).quantize(_FEN, ROUND_HALF_UP)
            if due != _money(line, "tax"):
                raise Refused("税额与税率不符")


async def search(connection: Connection, ticket_no: str, check_code: str) -> tuple[str, Ticket] | None:
    """The ticket that a number and a check code name together, with its unit's name."""
    row = await connection.fetchrow(
        f"SELECT u.name AS unit_name, f.* FROM ({_READ} WHERE t.ticket_no = $1) f"
        " JOIN sandbox.fiscal_ticket k ON k.ticket_no = f.ticket_no JOIN sandbox.fiscal_unit u ON u.app_id = k.app_id",
        ticket_no,
    )
    if row is None or row["check_code"] != check_code:
        return None
    return row["unit_name"], _ticket({name: value for name, value in row.items() if name != "unit_name"})


def issued_on(ticket: Ticket) -> str:
    """The day on the ticket."""
    return f"{ticket.ready_at.astimezone(_SHANGHAI):%Y-%m-%d}"


async def _write(
    connection: Connection, unit: Unit, number: str, original: str | None, body: bytes, payload: dict, total: str, scale: float
) -> Ticket:
    asked = hashlib.sha256(body).hexdigest()
    serial = secrets.randbelow(10**10)
    code = f"35{clock.now().astimezone(clock.SHANGHAI):%y}{unit.unit_code[-4:]}" if unit.kind == "fiscal" else ""
    ticket_no = f"{serial:010d}" if unit.kind == "fiscal" else f"{clock.now().astimezone(clock.SHANGHAI):%y}352000{serial:010d}{secrets.randbelow(100):02d}"
    wait = dt.timedelta(seconds=unit.slow_seconds * scale)
    await connection.execute(
        "INSERT INTO sandbox.fiscal_ticket (app_id, number, original, asked, payload, amount, code, ticket_no, check_code, ready_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
        unit.app_id, number, original, asked, msgspec.json.encode(payload).decode(), total, code, ticket_no,
        secrets.token_hex(3), clock.now() + wait,
    )  # fmt: skip
    kept = await connection.fetchval("SELECT asked FROM sandbox.fiscal_ticket WHERE app_id = $1 AND number = $2", unit.app_id, number)
    if kept is None:
        raise Refused("原票据已红冲")
    if kept != asked:
        raise Used(number)
    return await find(connection, unit.app_id, number)


def _object(body: bytes) -> dict:
    try:
        return msgspec.json.decode(body, type=dict)
    except msgspec.MsgspecError:
        raise Refused("请求体不是 JSON 对象") from None


def _word(payload: dict, name: str) -> str:
    word = payload.get(name)
    if not isinstance(word, str) or not word:
        raise Refused(f"{name} 缺失")
    return word


def _money(line: object, name: str) -> Decimal:
    try:
        return Decimal(line[name])
    except (InvalidOperation, KeyError, TypeError, ValueError):
        raise Refused(f"{name} 无效") from None


def _ticket(row: object) -> Ticket | None:
    if row is None:
        return None
    values = dict(row)
    return Ticket(**{**values, "payload": msgspec.json.decode(values["payload"])})
