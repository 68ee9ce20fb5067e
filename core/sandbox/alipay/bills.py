"""The daily statement of business (业务明细): asked for, then fetched within thirty seconds (Alipay §8)."""

import datetime as dt
import secrets
from urllib.parse import urlencode

from asyncpg import Connection
from litestar import Response, Router, get
from litestar.datastructures import State
from litestar.params import FromQuery

from core import clock
from core.sandbox.alipay import statement
from core.sandbox.alipay.errors import BusinessError
from core.sandbox.alipay.merchants import Merchant

LINK_LIFE = dt.timedelta(seconds=30)
READY_AT = dt.time(9)
"""When the statement of a day is there, on the morning after it."""


async def address(connection: Connection, merchant: Merchant, bill_date: str, public_url: str) -> str:
    """Where a day's statement can be fetched for thirty seconds. Raises BusinessError."""
    try:
        day = dt.date.fromisoformat(bill_date)
    except ValueError:
        raise BusinessError("INVAILID_ARGUMENTS", "入参不合法：bill_date 应为 yyyy-MM-dd") from None
    ready_at = dt.datetime.combine(day + dt.timedelta(days=1), READY_AT, clock.SHANGHAI)
    if clock.now() < ready_at and not await _cut(connection, merchant.mchid, day):
        raise BusinessError("BILL_NOT_EXIST", "账单不存在")
    if not await statement.lines_of(connection, merchant.mchid, day):
        raise BusinessError("NO_BILL_DATA", "没有账单数据")
    token = secrets.token_hex(16)
    await connection.execute(
        "INSERT INTO sandbox.alipay_bill_link (token, mchid, day, expires_at) VALUES ($1, $2, $3, $4)",
        *(token, merchant.mchid, day, clock.now() + LINK_LIFE),
    )
    query = {
        "bizType": "trade",
        "userId": f"{merchant.mchid}0156",
        "fileType": "csv.zip",
        "bizDates": f"{day:%Y%m%d}",
        "downloadFileName": statement.file_name(merchant.mchid, day, "csv.zip"),
        "fileId": f"/trade/{merchant.mchid}/{day:%Y%m%d}.csv.zip",
        "timestamp": f"{int(clock.now().timestamp() * 1000)}",
        "token": token,
    }
    return f"{public_url}/downloadBillFile.resource?{urlencode(query)}"


async def cut(connection: Connection, mchid: str, day: dt.date) -> None:
    """Have a day's statement made before its time, with what there is."""
    await connection.execute("INSERT INTO sandbox.alipay_bill_cut (mchid, day) VALUES ($1, $2) ON CONFLICT DO NOTHING", mchid, day)


async def _cut(connection: Connection, mchid: str, day: dt.date) -> bool:
    return bool(await connection.fetchval("SELECT 1 FROM sandbox.alipay_bill_cut WHERE mchid = $1 AND day = $2", mchid, day))


@get("/downloadBillFile.resource")
async def download(state: State, token: FromQuery[str] = "") -> Response[bytes]:
    """The zip itself: a plain GET, no signature, gone after thirty seconds."""
    async with state.sandbox.pool.acquire() as connection:
        link = await connection.fetchrow(
            "SELECT mchid, day FROM sandbox.alipay_bill_link WHERE token = $1 AND expires_at > $2", token, clock.now()
        )
        if link is None:
            return Response(b"<html><body>The download link has expired.</body></html>", status_code=403, media_type="text/html")
        content = await statement.zipped(connection, link["mchid"], link["day"])
    name = f"{link['mchid']}0156_{link['day']:%Y%m%d}.csv.zip"
    return Response(content, media_type="application/octet-stream", headers={"Content-Disposition": f'attachment; filename="{name}"'})


router = Router("/", route_handlers=[download])
