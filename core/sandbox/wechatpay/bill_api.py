"""WeChat Pay's addresses for trade bills: ask for the file's address, then fetch it within half a minute (WeChat Pay v3 §9.1)."""

import datetime as dt
import gzip
import hashlib
import secrets

from asyncpg import Connection
from litestar import Request, Response, Router, get
from litestar.datastructures import State

from core import clock
from core.sandbox.wechatpay import bills, errors, replies
from core.sandbox.wechatpay.gate import answer, asking, on_behalf
from core.sandbox.wechatpay.merchants import Merchant

ADDRESS_LIFE = dt.timedelta(seconds=30)
OUT_AT = dt.time(9)
KEPT = dt.timedelta(days=92)


def read_day(value: str | None) -> dt.date:
    """The day asked for. Raises WireError while its bill is not made, or when it is kept no longer."""
    try:
        day = dt.datetime.strptime(value or "", "%Y-%m-%d").date()
    except ValueError:
        raise errors.bad_parameter("/bill_date", value, "应为YYYY-MM-DD格式的日期") from None
    now = clock.now().astimezone(clock.SHANGHAI)
    if now < dt.datetime.combine(day + dt.timedelta(days=1), OUT_AT, clock.SHANGHAI):
        raise errors.WireError(400, "STATEMENT_CREATING", "账单生成中，请稍后再试")
    if day < now.date() - KEPT:
        raise errors.invalid_request("账单日期超出可下载范围（3个月）")
    return day


@get("/bill/tradebill")
async def tradebill(request: Request, state: State) -> Response:
    """Where the bill of a day lies, and what it hashes to."""
    asked = request.query_params
    sub_mchid = asked.get("sub_mchid")

    async def work(connection: Connection, signer: Merchant) -> dict[str, str]:
        merchant = await on_behalf(connection, signer, sub_mchid)
        kind, packing = asked.get("bill_type", "ALL"), asked.get("tar_type")
        if kind not in bills.HEADERS:
            raise errors.bad_parameter("/bill_type", kind, "应为ALL、SUCCESS或REFUND")
        if packing not in (None, "GZIP"):
            raise errors.bad_parameter("/tar_type", packing, "应为GZIP")
        day = read_day(asked.get("bill_date"))
        found = await bills.lines(connection, signer.mchid, merchant.mchid if sub_mchid else None, day, kind)
        if not found:
            raise errors.WireError(400, "NO_STATEMENT_EXIST", "账单文件不存在：该日无交易")
        content = bills.written(found, kind)
        token = await _keep(connection, signer, content, packed=packing == "GZIP")
        url = f"{state.sandbox.settings.public_url}/v3/billdownload/file?token={token}"
        return {"hash_type": "SHA1", "hash_value": hashlib.sha1(content).hexdigest(), "download_url": url}

    return await answer(request, state, None, work, sub_mchid)


async def _keep(connection: Connection, signer: Merchant, content: bytes, *, packed: bool) -> str:
    token, now = secrets.token_urlsafe(48), clock.now()
    await connection.execute("DELETE FROM sandbox.wechat_bill WHERE expires_at < $1", now - ADDRESS_LIFE)
    await connection.execute(
        "INSERT INTO sandbox.wechat_bill (token, mchid, content, packed, expires_at) VALUES ($1, $2, $3, $4, $5)",
        *(token, signer.mchid, content, packed, now + ADDRESS_LIFE),
    )
    return token


@get("/billdownload/file")
async def download(request: Request, state: State) -> Response:
    """The file: asked for with a signature, given without one."""
    sandbox = state.sandbox
    try:
        async with sandbox.pool.acquire() as connection:
            signer = await asking(connection, request, sandbox.settings.clock_window_seconds)
            row = await connection.fetchrow(
                "SELECT content, packed FROM sandbox.wechat_bill WHERE token = $1 AND mchid = $2 AND expires_at > $3",
                *(request.query_params.get("token", ""), signer.mchid, clock.now()),
            )
        if row is None:
            raise errors.no_authority("下载地址无效或已过期，请重新申请账单")
    except errors.WireError as error:
        return replies.refused(error)
    content = gzip.compress(row["content"], mtime=0) if row["packed"] else row["content"]
    return Response(content, media_type="application/gzip" if row["packed"] else "text/plain; charset=utf-8")


router = Router("/v3", route_handlers=[tradebill, download])
