"""HIS in the console: the link with its test, the calls made to it, and what it said that our books do not."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import paging
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.medical.his import lists, repository, service
from plugins.medical.his.service import LinkWrite

PATH = "/console/medical/his"
SAID = "/console/medical/his-disagreements"
MANAGE, READ, REPOST = {"permission": service.MANAGE}, {"permission": lists.READ}, {"permission": lists.REPOST}
Short = Annotated[str, msgspec.Meta(max_length=200)]


class LinkForm(msgspec.Struct):
    """The link as the page posts it."""

    base_url: Short = ""
    app_id: Short = ""
    secret: Short = ""
    refund_after_minutes: Short = "30"


class NoteForm(msgspec.Struct):
    """What came of looking."""

    reason: Short = ""


@get(PATH, opt=READ, include_in_schema=False)
async def link_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """The link and the latest calls."""
    return await _page(request, session, actor, cursor=cursor)


@post(PATH, opt=MANAGE, include_in_schema=False)
async def save(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    data: URLEncodedBody[LinkForm],
) -> Response:
    """Set or change it; calls from now on follow."""
    minutes = int(data.refund_after_minutes) if data.refund_after_minutes.strip().isdecimal() else 0
    given = LinkWrite(base_url=data.base_url, app_id=data.app_id, secret=data.secret, refund_after_minutes=minutes)
    try:
        await service.open_link(session, await platform.vault.keys(session), given, actor, service.sandbox_of(platform))
    except PlatformError as error:
        return await _page(request, session, actor, data=data, errors={"base_url": translated(error)}, status=422)
    return redirect(request, PATH, success=_("HIS 接口已保存，请点“测试连接”确认"))


@post(PATH + "/check", opt=MANAGE, include_in_schema=False)
async def check(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """Ask HIS whether it hears and believes us."""
    told = await service.check(platform, client.id)
    if told.state == "absent":
        return redirect(request, PATH, success=_("连接正常：地址、应用编号和密钥都正确"))
    why = status_label(told.message or told.state, "medical.his_why")
    return redirect(request, PATH, danger=_("没有连通：%(why)s。请核对地址、应用编号与密钥，或联系医院信息科", why=why))


@post(PATH + "/close", opt=MANAGE, include_in_schema=False)
async def close(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: URLEncodedBody[NoteForm]
) -> Response:
    """Stop speaking with HIS."""
    await service.close_link(session, actor, data.reason)
    return redirect(request, PATH, info=_("HIS 接口已停用，已收款的订单暂不上账"))


@get(SAID, opt=READ, include_in_schema=False)
async def disagreement_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], status: FromQuery[str] = "open",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """What HIS said that our books do not."""
    page = await lists.list_disagreements(session, status, cursor)
    return render(request, "medical/his_disagreements.html", found=page, picked=status, may_settle=actor.may(lists.REPOST))


@post(SAID + "/{disagreement_id:uuid}/settle", opt=REPOST, include_in_schema=False)
async def settle(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], disagreement_id: FromPath[UUID], data: URLEncodedBody[NoteForm]
) -> Response:
    """Somebody has looked."""
    await lists.settle_disagreement(session, disagreement_id, data.reason, actor)
    return redirect(request, SAID, success=_("已记录核对结果，我方账目不变"))


async def _page(
    request: Request, session: Session, actor: Actor, *, data: LinkForm | None = None, errors: dict[str, str] | None = None, cursor: str | None = None,
    status: int = 200,
) -> Response:
    link = await service.find_link(session)
    rows = await repository.list_calls(session, None, paging.read_id(cursor), paging.PAGE + 1)
    calls, more = paging.cut(rows, paging.PAGE, lambda row: str(row.id))
    shown = data or (LinkForm(link.base_url, link.app_id, "", str(link.refund_after_minutes)) if link else LinkForm())
    return render(
        request, "medical/his.html", status=status, link=link, shown=shown, errors=errors or {}, calls=calls, next_cursor=more,
        may_manage=actor.may(service.MANAGE), open_disagreements=await repository.count_disagreements(session),
    )  # fmt: skip


ROUTES = [link_page, save, check, close, disagreement_list, settle]
