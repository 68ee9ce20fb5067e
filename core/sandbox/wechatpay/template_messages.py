"""Template messages of an official account: token, send, and the push that says what became of each (WeChat's message interface)."""

import asyncio
import hashlib
import hmac
import time

import httpx
import msgspec
import structlog
from asyncpg import Connection
from litestar import MediaType, Router, get, post, put
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Template

from core.sandbox import wallet
from core.sandbox.faults import repository as faults
from core.sandbox.pages import page
from core.sandbox.wechatpay import keys, merchants

log = structlog.get_logger()
_pushing: set[asyncio.Task] = set()


class Callback(msgspec.Struct, forbid_unknown_fields=True):
    """The server address and token that an account has set, as on WeChat's own pages."""

    url: str
    token: str


class Field(msgspec.Struct):
    value: str


class TemplateMessage(msgspec.Struct):
    """A message as WeChat takes it; what else it may carry is not looked at."""

    touser: str
    template_id: str
    data: dict[str, Field]
    url: str = ""
    client_msg_id: str = ""


class Kept(msgspec.Struct, frozen=True):
    """A message as it lies on a phone."""

    msgid: int
    appid: str
    openid: str
    template_id: str
    url: str | None
    fields: dict[str, str]
    state: str
    sent_at: object


def _token(appid: str, secret: str) -> str:
    return f"{appid}!{hmac.digest(secret.encode(), b'access_token', hashlib.sha256).hex()}"


def _error(code: int, message: str) -> bytes:
    return msgspec.json.encode({"errcode": code, "errmsg": message})


@get("/cgi-bin/token", media_type=MediaType.JSON)
async def access_token(state: State, appid: FromQuery[str] = "", secret: FromQuery[str] = "", grant_type: FromQuery[str] = "") -> bytes:
    """An account's token; errors come with 200, as WeChat's do."""
    async with state.sandbox.pool.acquire() as connection:
        known = await merchants.app_secret(connection, appid)
    if known is None:
        return _error(40013, "invalid appid")
    if secret != known or grant_type != "client_credential":
        return _error(40125, "invalid appsecret")
    return msgspec.json.encode({"access_token": _token(appid, secret), "expires_in": 7200})


@post("/cgi-bin/message/template/send", status_code=200, media_type=MediaType.JSON)
async def send(state: State, data: JSONBody[TemplateMessage], access_token: FromQuery[str] = "") -> bytes:
    """Take a message for one follower; the same client_msg_id again is the same message. The push follows."""
    appid = access_token.partition("!")[0]
    async with state.sandbox.pool.acquire() as connection:
        known = await merchants.app_secret(connection, appid)
        if known is None or access_token != _token(appid, known):
            return _error(40001, "invalid credential, access_token is invalid or not latest")
        drawn = await faults.draw(connection, "text_", appid, data.touser)
        if "text_error" in drawn:
            return _error(-1, "system error")
        if wallet.holder(appid, data.touser) is None:
            return _error(40003, "invalid openid")
        if "text_refuse" in drawn:
            return _error(43004, "require subscribe")
        msgid, fresh = await _keep(connection, appid, data, "failed: user block" if "text_lost" in drawn else "success")
        callback = await connection.fetchrow("SELECT message_url, message_token FROM sandbox.wechat_app WHERE appid = $1", appid)
    if fresh and callback["message_url"]:
        lost = "failed: user block" if "text_lost" in drawn else "success"
        task = asyncio.create_task(_push(callback["message_url"], callback["message_token"], data.touser, msgid, lost))
        _pushing.add(task)
        task.add_done_callback(_pushing.discard)
    for kind in ("text_delay", "text_timeout"):
        if kind in drawn:
            await asyncio.sleep(drawn[kind].lasts)
    return msgspec.json.encode({"errcode": 0, "errmsg": "ok", "msgid": msgid})


async def _keep(connection: Connection, appid: str, data: TemplateMessage, state: str) -> tuple[int, bool]:
    fields = msgspec.json.encode({name: field.value for name, field in data.data.items()}).decode()
    row = await connection.fetchrow(
        """
        INSERT INTO sandbox.wechat_message (appid, openid, template_id, url, fields, client_msg_id, state)
        VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7)
        ON CONFLICT (appid, client_msg_id) DO UPDATE SET client_msg_id = excluded.client_msg_id
        RETURNING msgid, xmax = 0 AS fresh
        """,
        *(appid, data.touser, data.template_id, data.url or None, fields, data.client_msg_id or None, state),
    )
    return row["msgid"], row["fresh"]


def signed(token: str) -> dict[str, str]:
    """The query that proves WeChat speaks: sha1 over token, timestamp and nonce, sorted."""
    stamp, nonce = str(int(time.time())), keys.letters(10)
    signature = hashlib.sha1("".join(sorted((token, stamp, nonce))).encode()).hexdigest()
    return {"signature": signature, "timestamp": stamp, "nonce": nonce}


def told(openid: str, msgid: int, status: str) -> str:
    """The event's XML."""
    return (
        f"<xml><ToUserName><![CDATA[gh_sandbox]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>{msgid}</MsgID><Status><![CDATA[{status}]]></Status></xml>"
    )


async def _push(url: str, token: str, openid: str, msgid: int, status: str) -> None:
    """Tell the account's server, three times at most."""
    async with httpx.AsyncClient(timeout=5, trust_env=False) as outside:
        for wait in (0.2, 1, 5):
            await asyncio.sleep(wait)
            try:
                answer = await outside.post(url, params=signed(token), content=told(openid, msgid, status).encode())
            except httpx.HTTPError as error:
                log.info("wechat_push_failed", error=type(error).__name__)
                continue
            if answer.is_success:
                return


@put("/sandbox/api/wechat-messages/{appid:str}/callback", summary="设置公众号的消息接收地址与令牌")
async def set_callback(state: State, appid: FromPath[str], data: JSONBody[Callback]) -> Callback:
    """What an account sets on WeChat's own pages."""
    async with state.sandbox.pool.acquire() as connection:
        await connection.execute(
            "UPDATE sandbox.wechat_app SET message_url = $2, message_token = $3 WHERE appid = $1", appid, data.url, data.token
        )
    return data


@get("/sandbox/api/wechat-messages", summary="最近的微信模板消息，新的在前")
async def latest(state: State, openid: FromQuery[str | None] = None) -> list[Kept]:
    """The last messages, of one follower or of all."""
    return await _latest(state, openid)


@get("/wechat-messages")
async def phone(state: State) -> Template:
    """The last messages as they would lie in WeChat."""
    return page("wechat_messages.html", messages=await _latest(state, None), holder=wallet.holder)


async def _latest(state: State, openid: str | None) -> list[Kept]:
    async with state.sandbox.pool.acquire() as connection:
        rows = await connection.fetch(
            """
            SELECT msgid, appid, openid, template_id, url, fields, state, sent_at FROM sandbox.wechat_message
            WHERE $1::text IS NULL OR openid = $1 ORDER BY msgid DESC LIMIT 50
            """,
            openid,
        )
    return [Kept(**{**row, "fields": msgspec.json.decode(row["fields"])}) for row in rows]


router = Router("/", route_handlers=[access_token, send, set_callback, latest, phone], tags=["微信模板消息"])
