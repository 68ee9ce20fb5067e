"""A day's orders of a shop, the same ones whenever they are asked for, and the shops themselves."""

import datetime as dt
import random
import secrets

import msgspec
from asyncpg import Connection

STATES = ("已完成", "已完成", "已完成", "已完成", "部分退款")


class Switches(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a shop's site misbehaves. `elsewhere` is where the bills page redirects to."""

    captcha: bool = False
    locked_out: bool = False
    no_data: bool = False
    format_changed: bool = False
    page_changed: bool = False
    revoked_mid_run: bool = False
    html_file: bool = False
    other_day: bool = False
    formula: bool = False
    slow_seconds: float = 0
    elsewhere: str = ""


class Shop(msgspec.Struct, frozen=True):
    """A merchant's account at a platform."""

    code: str
    platform: str
    name: str
    login: str
    password: str
    switches: Switches = Switches()


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order as its platform has it; fen."""

    order_no: str
    store: str
    status: str
    ordered_at: dt.datetime
    finished_at: dt.datetime
    item_fen: int
    promotion_fen: int
    subsidy_fen: int
    delivery_fen: int
    service_fen: int
    refund_fen: int

    @property
    def settle_fen(self) -> int:
        return self.item_fen - self.promotion_fen - self.service_fen - self.delivery_fen + self.subsidy_fen


async def register(connection: Connection, platform: str, name: str) -> Shop:
    """Open a shop with an account of its own."""
    made = Shop(f"s{secrets.token_hex(6)}", platform, name, f"shop-{secrets.token_hex(4)}", secrets.token_urlsafe(15))
    await connection.execute(
        "INSERT INTO sandbox.shop (code, platform, name, login, password) VALUES ($1, $2, $3, $4, $5)", made.code, platform, name, made.login, made.password
    )
    return made


async def find(connection: Connection, code: str) -> Shop | None:
    """A shop by its code."""
    row = await connection.fetchrow("SELECT code, platform, name, login, password, switches FROM sandbox.shop WHERE code = $1", code)
    if row is None:
        return None
    return Shop(row["code"], row["platform"], row["name"], row["login"], row["password"], msgspec.json.decode(row["switches"], type=Switches))


async def list_all(connection: Connection) -> list[Shop]:
    """Every shop, the newest first."""
    rows = await connection.fetch("SELECT code, platform, name, login, password FROM sandbox.shop ORDER BY created_at DESC LIMIT 200")
    return [Shop(**row) for row in rows]


async def switch(connection: Connection, code: str, switches: Switches) -> None:
    """Have a shop's site misbehave in exactly these ways."""
    await connection.execute("UPDATE sandbox.shop SET switches = $2 WHERE code = $1", code, msgspec.json.encode(switches).decode())


async def change_password(connection: Connection, code: str) -> str:
    """Another password; every session ends."""
    password = secrets.token_urlsafe(15)
    await connection.execute("UPDATE sandbox.shop SET password = $2 WHERE code = $1", code, password)
    await connection.execute("DELETE FROM sandbox.shop_session WHERE code = $1", code)
    return password


def make_day(shop: Shop, day: dt.date, count: int, stores: list[str], seed: int) -> list[Order]:
    """A day's orders by chance, the same for the same seed."""
    chance = random.Random(f"{shop.code}{day}{seed}")
    made = []
    for place in range(count):
        item = chance.randrange(800, 30_000)
        at = dt.datetime.combine(day, dt.time(8)) + dt.timedelta(seconds=chance.randrange(50_000))
        made.append(
            Order(
                order_no=f"{shop.code.upper()}{day:%y%m%d}{place + 1:05d}", store=stores[place % len(stores)], status=chance.choice(STATES), ordered_at=at,
                finished_at=at + dt.timedelta(minutes=chance.randrange(15, 80)), item_fen=item, promotion_fen=chance.choice((0, 0, 300, 500)),
                subsidy_fen=chance.choice((0, 0, 200)), delivery_fen=chance.choice((0, 150, 300)), service_fen=item * 6 // 100,
                refund_fen=chance.choice((0, 0, 0, 100)),
            )
        )  # fmt: skip
    return made


async def fill(connection: Connection, shop: Shop, day: dt.date, orders: list[Order]) -> None:
    """A shop's day is these orders and no others."""
    async with connection.transaction():
        await connection.execute("DELETE FROM sandbox.shop_order WHERE code = $1 AND bill_on = $2", shop.code, day)
        await connection.executemany(
            "INSERT INTO sandbox.shop_order (code, bill_on, order_no, facts) VALUES ($1, $2, $3, $4)",
            [(shop.code, day, order.order_no, msgspec.json.encode(order).decode()) for order in orders],
        )


async def list_day(connection: Connection, code: str, day: dt.date) -> list[Order]:
    """A day's orders by number."""
    rows = await connection.fetch("SELECT facts FROM sandbox.shop_order WHERE code = $1 AND bill_on = $2 ORDER BY order_no", code, day)
    return [msgspec.json.decode(row["facts"], type=Order) for row in rows]
