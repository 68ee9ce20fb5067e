"""Every query about faults."""

import random

import msgspec
from asyncpg import Connection

from core.sandbox.faults.kinds import BY_CODE


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to misbehave. Without an order it counts for the merchant, without a merchant for everyone."""

    kind: str
    percent: int = 100
    seconds: float | None = None
    remaining: int | None = None
    """How many more times it happens; None is for ever."""
    mchid: str | None = None
    out_trade_no: str | None = None

    def __post_init__(self) -> None:
        """Refuse what could never happen."""
        if self.kind not in BY_CODE:
            raise ValueError(f"没有这种故障：{self.kind}")
        if not 1 <= self.percent <= 100:
            raise ValueError("percent 应为 1 到 100 的整数")
        if self.out_trade_no and not self.mchid:
            raise ValueError("指定订单的故障须同时给出 mchid")

    @property
    def lasts(self) -> float:
        """Its seconds, or those usual for its kind."""
        return self.seconds if self.seconds is not None else BY_CODE[self.kind].seconds or 0.0


_COLUMNS = "kind, percent, seconds, remaining, mchid, out_trade_no"


async def list_all(connection: Connection) -> list[Fault]:
    """Every fault that may still happen."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM sandbox.fault WHERE remaining IS DISTINCT FROM 0 ORDER BY id")
    return [Fault(**row) for row in rows]


async def replace_all(connection: Connection, faults: list[Fault]) -> None:
    """Forget every fault and have these instead."""
    async with connection.transaction():
        await connection.execute("DELETE FROM sandbox.fault")
        await add(connection, faults)


async def replace_for_order(connection: Connection, mchid: str, out_trade_no: str, faults: list[Fault]) -> None:
    """Have these faults for one order instead of the ones it had; the order need not exist yet."""
    async with connection.transaction():
        await connection.execute("DELETE FROM sandbox.fault WHERE mchid = $1 AND out_trade_no = $2", mchid, out_trade_no)
        own = [msgspec.structs.replace(fault, mchid=mchid, out_trade_no=out_trade_no) for fault in faults]
        await add(connection, own)


async def add(connection: Connection, faults: list[Fault]) -> None:
    """Have these faults as well."""
    await connection.executemany(
        f"INSERT INTO sandbox.fault ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)",
        [(f.kind, f.percent, f.seconds, f.remaining, f.mchid, f.out_trade_no) for f in faults],
    )


async def draw(connection: Connection, prefix: str, mchid: str, out_trade_no: str | None = None) -> dict[str, Fault]:
    """The faults of one family that happen this time, by kind: chance is thrown, and counted ones are used up."""
    rows = await connection.fetch(
        f"""
        SELECT id, {_COLUMNS} FROM sandbox.fault
        WHERE starts_with(kind, $1) AND remaining IS DISTINCT FROM 0
          AND (mchid IS NULL OR mchid = $2) AND (out_trade_no IS NULL OR out_trade_no = $3)
        ORDER BY out_trade_no NULLS LAST, mchid NULLS LAST, id
        """,
        prefix,
        mchid,
        out_trade_no,
    )
    drawn: dict[str, Fault] = {}
    for row in rows:
        if row["kind"] in drawn or random.randrange(100) >= row["percent"]:
            continue
        if row["remaining"] is not None and not await _use_up(connection, row["id"]):
            continue
        drawn[row["kind"]] = Fault(**{name: row[name] for name in Fault.__struct_fields__})
    return drawn


async def _use_up(connection: Connection, fault_id: int) -> bool:
    return bool(
        await connection.fetchval(
            "UPDATE sandbox.fault SET remaining = remaining - 1 WHERE id = $1 AND remaining > 0 RETURNING 1", fault_id
        )
    )
