"""What a tester does from outside: opens shops, fills their days, has their sites misbehave."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from litestar import Response, Router, get, post, put
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody

from plugins.medical.sandbox.shops import files, orders
from plugins.medical.sandbox.shops.orders import Order, Shop, Switches


class ShopCreate(msgspec.Struct, forbid_unknown_fields=True):
    platform: Literal["meituan", "eleme", "pdd"]
    name: str


class ShopRead(msgspec.Struct):
    """Everything a robot needs."""

    code: str
    platform: str
    address: str
    login: str
    password: str


class DayWrite(msgspec.Struct, forbid_unknown_fields=True):
    """How many orders a day gets, for which shops (as the platform numbers them)."""

    stores: Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)]
    count: Annotated[int, msgspec.Meta(ge=0, le=20_000)] = 20
    seed: int = 1


@post("/shops", summary="开一家店铺，取得地址与账号")
async def register(data: JSONBody[ShopCreate], state: State) -> ShopRead:
    """Open a shop."""
    async with state.sandbox.pool.acquire() as connection:
        made = await orders.register(connection, data.platform, data.name)
    return ShopRead(made.code, made.platform, f"{state.sandbox.settings.public_url}/shops/{made.code}", made.login, made.password)


@put("/shops/{code:str}/switches", summary="设定店铺网站的异常")
async def switch(code: FromPath[str], data: JSONBody[Switches], state: State) -> Switches:
    """Have exactly these faults."""
    async with state.sandbox.pool.acquire() as connection:
        await _known(connection, code)
        await orders.switch(connection, code, data)
    return data


@post("/shops/{code:str}/passwords", summary="更换密码，已登录的会话立即失效")
async def change_password(code: FromPath[str], state: State) -> dict[str, str]:
    """Another password."""
    async with state.sandbox.pool.acquire() as connection:
        await _known(connection, code)
        return {"password": await orders.change_password(connection, code)}


@put("/shops/{code:str}/days/{day:date}", summary="设定某日订单（同样的参数得到同样的订单）")
async def fill(code: FromPath[str], day: FromPath[dt.date], data: JSONBody[DayWrite], state: State) -> list[Order]:
    """Fill a day."""
    async with state.sandbox.pool.acquire() as connection:
        shop = await _known(connection, code)
        made = orders.make_day(shop, day, data.count, data.stores, data.seed)
        await orders.fill(connection, shop, day, made)
    return made


@get("/shops/{code:str}/days/{day:date}", summary="某日订单")
async def look(code: FromPath[str], day: FromPath[dt.date], state: State) -> list[Order]:
    """A day's orders."""
    async with state.sandbox.pool.acquire() as connection:
        await _known(connection, code)
        return await orders.list_day(connection, code, day)


@get("/shops/{code:str}/days/{day:date}/file", summary="某日账单文件（与网站下载的相同）")
async def file(code: FromPath[str], day: FromPath[dt.date], state: State) -> Response:
    """A day's file."""
    async with state.sandbox.pool.acquire() as connection:
        shop = await _known(connection, code)
        found = await orders.list_day(connection, code, day)
    return Response(files.write(shop.platform, day, found), media_type="application/octet-stream")


async def _known(connection, code: str) -> Shop:
    found = await orders.find(connection, code)
    if found is None:
        raise NotFoundException("没有这家店铺")
    return found


router = Router("/sandbox/api", route_handlers=[register, switch, change_password, fill, look, file], tags=["店铺平台"])
