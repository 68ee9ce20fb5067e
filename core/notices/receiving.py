"""The door at which WeChat says what became of template messages; and the question by which it checks the address."""

from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.errors import NotFound
from core.notices import rules, sending, wechat_wire
from core.notices.rules import WechatSecrets
from core.platform import Platform

PATH = "/notify/wechat-messages/{client_code:str}"
PUBLIC = {"permission": "public"}


async def _secrets(platform: Platform, client_code: str) -> tuple[object, WechatSecrets]:
    tenant_id = await platform.routes.find("client", client_code)
    if tenant_id is None:
        raise NotFound()
    async with platform.database.tenant(tenant_id) as session:
        secrets = await rules.wechat_secrets(session, await platform.vault.keys(session))
    if secrets is None:
        raise NotFound()
    return tenant_id, secrets


@get(PATH, opt=PUBLIC, include_in_schema=False, media_type=MediaType.TEXT)
async def check_address(
    platform: NamedDependency[Platform],
    client_code: FromPath[str],
    signature: FromQuery[str] = "",
    timestamp: FromQuery[str] = "",
    nonce: FromQuery[str] = "",
    echostr: FromQuery[str] = "",
) -> Response[str]:
    """WeChat asks whether the address is ours: what it sent comes back."""
    _tenant_id, secrets = await _secrets(platform, client_code)
    if not wechat_wire.proved(secrets.token, signature, timestamp, nonce):
        return Response("", status_code=401)
    return Response(echostr[:200], media_type=MediaType.TEXT)


@post(PATH, opt=PUBLIC, status_code=200, include_in_schema=False, media_type=MediaType.TEXT)
async def receive_push(
    request: Request,
    platform: NamedDependency[Platform],
    client_code: FromPath[str],
    signature: FromQuery[str] = "",
    timestamp: FromQuery[str] = "",
    nonce: FromQuery[str] = "",
) -> Response[str]:
    """A template message arrived, or did not. A number that we do not know yet is told again by WeChat."""
    tenant_id, secrets = await _secrets(platform, client_code)
    if not wechat_wire.proved(secrets.token, signature, timestamp, nonce):
        return Response("", status_code=401)
    told = wechat_wire.read_push(await request.body())
    if told is not None and not await sending.write_down_arrivals(platform, tenant_id, [told]):
        known = await sending.is_known(platform, tenant_id, told[0])
        return Response("success" if known else "", status_code=200 if known else 503)
    return Response("success")


ROUTES = [check_address, receive_push]
