"""Where the sandbox is told to misbehave."""

import msgspec
from litestar import Router, delete, get, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from core.sandbox.faults import repository
from core.sandbox.faults.kinds import BY_CODE, Kind
from core.sandbox.faults.repository import Fault


class FaultsRead(msgspec.Struct):
    faults: list[Fault]
    kinds: tuple[Kind, ...] = msgspec.field(default_factory=lambda: tuple(BY_CODE.values()))


class FaultsWrite(msgspec.Struct, forbid_unknown_fields=True):
    faults: list[Fault]


@get("/", summary="当前故障与全部故障种类")
async def read(state: State) -> FaultsRead:
    """The faults in force and every kind there is."""
    async with state.sandbox.pool.acquire() as connection:
        return FaultsRead(await repository.list_all(connection))


@put("/", summary="以这些故障取代现有全部故障")
async def replace(data: JSONBody[FaultsWrite], state: State) -> FaultsRead:
    """Have exactly these faults; an empty list makes the sandbox well-behaved again."""
    async with state.sandbox.pool.acquire() as connection:
        await repository.replace_all(connection, data.faults)
        return FaultsRead(await repository.list_all(connection))


@put("/orders/{mchid:str}/{out_trade_no:str}", summary="为一笔订单设置故障（可在下单前设置）")
async def replace_for_order(mchid: FromPath[str], out_trade_no: FromPath[str], data: JSONBody[FaultsWrite], state: State) -> FaultsRead:
    """Have these faults for one order."""
    async with state.sandbox.pool.acquire() as connection:
        await repository.replace_for_order(connection, mchid, out_trade_no, data.faults)
        return FaultsRead(await repository.list_all(connection))


@delete("/", summary="清除全部故障")
async def clear(state: State) -> None:
    """Behave."""
    async with state.sandbox.pool.acquire() as connection:
        await repository.replace_all(connection, [])


router = Router("/sandbox/api/faults", route_handlers=[read, replace, replace_for_order, clear])
