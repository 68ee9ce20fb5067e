"""Static QR codes in the console: made, printed, taken out of use."""

import io
from uuid import UUID

import segno
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import money
from core.billing.filters import word_of
from core.database import Row, Session
from core.errors import PlatformError
from core.files.answers import attachment
from core.identity import org
from core.identity.actor import Actor
from core.payments.accounts.desk import MANAGE, READ
from core.payments.static_codes import service as static_codes
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/channels/codes"
ONE = PATH + "/{code_id:uuid}"
LOOK, ACT = {"permission": READ}, {"permission": MANAGE}
PRINT_SCALE = 24
"""Dots for each module: sharp on a poster of A3."""


@get(PATH, opt=LOOK, include_in_schema=False)
async def code_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """The codes, those in use first."""
    return await _page(request, session, actor, {}, "", cursor=cursor)


@post(PATH, opt=ACT, include_in_schema=False)
async def code_add(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """One more."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    try:
        unit = next((row.id for row in await org.list_units(session) if str(row.id) == typed.get("org", "")), None)
        cap_fen = money.yuan(typed.get("cap", ""))
        about = {"title": word_of(typed, "title"), "org_id": unit, "item_code": word_of(typed, "item")}
        code_id = await static_codes.add(session, actor, day_cap_fen=cap_fen, **about)
    except PlatformError as error:
        return await _page(request, session, actor, typed, translated(error), error.status)
    return redirect(request, f"{PATH}/{code_id}", success=_("已添加，可以打印张贴"))


@get(ONE, opt=LOOK, include_in_schema=False)
async def code_page(
    request: Request, session: NamedDependency[Session], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    code_id: FromPath[UUID],
) -> Response:
    """One code, ready to print."""
    row = await static_codes.told(session, code_id)
    return render(request, "payments/static_code.html", code=row, url=_url(platform, client, row))


@get(ONE + "/qr.png", opt=LOOK, include_in_schema=False)
async def code_picture(
    session: NamedDependency[Session], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], code_id: FromPath[UUID]
) -> Response[bytes]:
    """The picture for a poster."""
    row = await static_codes.told(session, code_id)
    drawn = io.BytesIO()
    segno.make(_url(platform, client, row), error="q", micro=False).save(drawn, kind="png", scale=PRINT_SCALE, border=4)
    return attachment(f"{row.title}.png", drawn.getvalue(), "image/png")


@post(ONE + "/on", opt=ACT, include_in_schema=False)
async def code_on(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], code_id: FromPath[UUID]) -> Response:
    """In use."""
    await static_codes.set_active(session, actor, code_id, True)
    return redirect(request, PATH, success=_("已启用"))


@post(ONE + "/off", opt=ACT, include_in_schema=False)
async def code_off(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], code_id: FromPath[UUID]) -> Response:
    """Not any more."""
    await static_codes.set_active(session, actor, code_id, False)
    return redirect(request, PATH, success=_("已停用"))


def _url(platform: Platform, client: ClientProfile, row: Row) -> str:
    return f"{platform.settings.public_url}/h5/{client.code}/q/{row.code}"


async def _page(
    request: Request, session: Session, actor: Actor, typed: dict[str, str], fault: str, status: int = 200, cursor: str | None = None
) -> Response:
    found, more = await static_codes.listed(session, cursor)
    units = [(str(row.id), row.name) for row in await org.list_units(session)]
    return render(
        request, "payments/static_codes.html", status=status, found=found, next_cursor=more, typed=typed, fault=fault,
        units=units, items=[(row.code, row.name) for row in await static_codes.items(session)], may_act=actor.may(MANAGE), most_fen=static_codes.MOST_FEN,
    )  # fmt: skip


ROUTES = [code_list, code_add, code_page, code_picture, code_on, code_off]
