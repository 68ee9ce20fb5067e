"""Payment instructions: taken once under the customer's number, carried out a moment later, sometimes failed or sent back (退票)."""

import datetime as dt

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.bank import book
from core.sandbox.bank.book import Account
from core.sandbox.faults import repository as faults

USUAL_SECONDS = 2.0
NAME_DIFFERS, CLOSED, TOO_LITTLE = "收款户名与账号不符", "收款账户已销户", "付款账户余额不足"
RETURNED = "收款行退汇：账户状态异常"
_COLUMNS = """customer, number, asked, amount_fen, from_account, to_account, to_name, purpose, state, fails_as, reason, serial, paid_at,
    returned_at, due_at, return_due_at, created_at"""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An instruction as it comes in."""

    number: str
    amount_fen: int
    from_account: str
    to_account: str
    to_name: str
    to_bank: str
    purpose: str


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """An instruction as the bank keeps it; `fails_as` is what it was drawn to fail with."""

    customer: str
    number: str
    asked: str
    amount_fen: int
    from_account: str
    to_account: str
    to_name: str
    purpose: str
    state: str
    fails_as: str
    reason: str
    serial: str | None
    paid_at: dt.datetime | None
    returned_at: dt.datetime | None
    due_at: dt.datetime | None
    return_due_at: dt.datetime | None
    created_at: dt.datetime


class Refused(Exception):
    """An instruction that is not taken: status, code and words."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.code = code


async def find(connection: Connection, customer: str, number: str) -> Payment | None:
    """One instruction by its customer's number."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM sandbox.bank_payment WHERE customer = $1 AND number = $2", customer, number)
    return Payment(**row) if row else None


async def latest(connection: Connection, account: str, limit: int) -> list[Payment]:
    """The last instructions of an account, the newest first."""
    query = f"SELECT {_COLUMNS} FROM sandbox.bank_payment WHERE from_account = $1 ORDER BY created_at DESC LIMIT $2"
    return [Payment(**row) for row in await connection.fetch(query, account, limit)]


async def place(connection: Connection, customer: str, body: bytes, scale: float) -> Payment:
    """Take an instruction, or show what became of the one under this number. Raises Refused."""
    asked = _read(body)
    canonical = msgspec.json.encode(asked, order="sorted").decode()
    async with connection.transaction():
        own = await book.find(connection, asked.from_account)
        if own is None or own.customer != customer:
            raise Refused(403, "ACCOUNT_NOT_YOURS", "付款账户不属于该客户")
        known = await find(connection, customer, asked.number)
        if known is None:
            await book.open_account(connection, Account(asked.to_account, asked.to_name, asked.to_bank, "settlement", None, False))
            await _insert(connection, customer, asked, canonical, scale)
            known = await find(connection, customer, asked.number)
    if known.asked != canonical:
        raise Refused(409, "NUMBER_USED", f"指令号 {asked.number} 已用于另一笔付款")
    return known


def _read(body: bytes) -> Asked:
    try:
        asked = msgspec.json.decode(body, type=Asked)
    except msgspec.MsgspecError as error:
        raise Refused(400, "PARAMETER_ERROR", f"指令内容有误：{error}") from error
    wrong = not asked.number.isascii() or not asked.number.isalnum() or not 16 <= len(asked.number) <= 32
    if wrong or not 0 < asked.amount_fen < 10**15 or not asked.to_account.isascii() or not asked.to_account.isalnum() or not asked.to_name.strip():
        raise Refused(400, "PARAMETER_ERROR", "指令号应为16至32位字母数字，金额应为正，收款账号与户名不能为空")
    return asked


async def _insert(connection: Connection, customer: str, asked: Asked, canonical: str, scale: float) -> None:
    slow = (await faults.draw(connection, "pay_slow", customer, asked.number)).get("pay_slow")
    fails = bool(await faults.draw(connection, "pay_fail", customer, asked.number))
    now = clock.now()
    wait = (USUAL_SECONDS + (slow.lasts if slow else 0.0)) * scale
    await connection.execute(
        """
        INSERT INTO sandbox.bank_payment (customer, number, asked, amount_fen, from_account, to_account, to_name, purpose, fails_as,
            due_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING
        """,
        *(customer, asked.number, canonical, asked.amount_fen, asked.from_account, asked.to_account, asked.to_name, asked.purpose),
        *(NAME_DIFFERS if fails else "", now + dt.timedelta(seconds=wait), now),
    )


async def carry_out_due(connection: Connection, scale: float) -> dt.datetime | None:
    """Carry out what is due and send back what is to come back; answers when more will be due."""
    async with connection.transaction():
        for payment in await _due(connection, "due_at"):
            await _carry_out(connection, payment, scale)
        for payment in await _due(connection, "return_due_at"):
            await send_back(connection, payment, RETURNED)
    return await connection.fetchval(
        """
        SELECT least((SELECT min(due_at) FROM sandbox.bank_payment WHERE due_at IS NOT NULL),
                     (SELECT min(return_due_at) FROM sandbox.bank_payment WHERE return_due_at IS NOT NULL))
        """
    )


async def _due(connection: Connection, when: str) -> list[Payment]:
    query = f"SELECT {_COLUMNS} FROM sandbox.bank_payment WHERE {when} <= $1 ORDER BY {when} LIMIT 100 FOR UPDATE SKIP LOCKED"
    return [Payment(**row) for row in await connection.fetch(query, clock.now())]


async def _carry_out(connection: Connection, payment: Payment, scale: float) -> None:
    own = await book.find(connection, payment.from_account, lock=True)
    to = await book.find(connection, payment.to_account)
    reason = payment.fails_as
    if not reason and to.closed:
        reason = CLOSED
    if not reason and to.name != payment.to_name:
        reason = NAME_DIFFERS
    if not reason and await book.balance(connection, payment.from_account) < payment.amount_fen:
        reason = TOO_LITTLE
    if reason:
        await _set(connection, payment, state="failed", reason=reason, due_at=None)
        return
    now, back = clock.now(), (await faults.draw(connection, "pay_return", payment.customer, payment.number)).get("pay_return")
    told = {"reference": payment.number, "at": now, "summary": "代付" if not payment.purpose else f"代付 {payment.purpose}"}
    serial = await book.move(connection, own.number, -payment.amount_fen, name=to.name, other=to.number, **told)
    await book.move(connection, to.number, payment.amount_fen, name=own.name, other=own.number, **told)
    back_at = now + dt.timedelta(seconds=back.lasts * scale) if back else None
    await _set(connection, payment, state="paid", serial=serial, paid_at=now, due_at=None, return_due_at=back_at)


async def send_back(connection: Connection, payment: Payment, reason: str) -> None:
    """A payment that was made comes back: both accounts get their opposite entries."""
    now = clock.now()
    own = await book.find(connection, payment.from_account, lock=True)
    told = {"reference": payment.number, "at": now, "summary": "退汇"}
    await book.move(connection, own.number, payment.amount_fen, name=payment.to_name, other=payment.to_account, **told)
    await book.move(connection, payment.to_account, -payment.amount_fen, name=own.name, other=own.number, **told)
    await _set(connection, payment, state="returned", reason=reason, returned_at=now, return_due_at=None)


async def age(connection: Connection, account: str, days: int) -> None:
    """Let what an account paid be some days older."""
    await connection.execute(
        """
        UPDATE sandbox.bank_payment SET paid_at = paid_at - make_interval(days => $2), returned_at = returned_at - make_interval(days => $2),
            created_at = created_at - make_interval(days => $2) WHERE from_account = $1
        """,
        *(account, days),
    )


async def _set(connection: Connection, payment: Payment, **values: object) -> None:
    columns = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, 3))
    query = f"UPDATE sandbox.bank_payment SET {columns} WHERE customer = $1 AND number = $2"
    await connection.execute(query, payment.customer, payment.number, *values.values())
