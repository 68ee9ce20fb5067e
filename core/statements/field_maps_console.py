"""Field maps in the console: the list, a new one from a sample, and the desk where columns are named and the first lines are tried."""

import asyncio
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.database import Row, Session
from core.errors import Conflict, InvalidRequest
from core.identity.actor import Actor
from core.imports.errors import FileMissing
from core.platform import Platform
from core.statements import field_maps, field_maps_forms, layouts, page_words
from core.statements import field_maps_repository as repository
from core.statements.field_maps import Preview
from core.statements.field_maps_forms import Typed
from core.statements.rights import MAKE, READ
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/statement-maps"
SEE, CHANGE = {"permission": READ}, {"permission": MAKE}


@get(PATH, opt=SEE, include_in_schema=False)
async def map_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = "") -> Response:
    """Every field map of the client."""
    rows = await repository.list_all(session, q.strip()[:60])
    return render(request, "statements/maps.html", rows=rows, may_make=actor.may(MAKE), state_of=_state_of)


@get(PATH + "/new", opt=CHANGE, include_in_schema=False)
async def new_map(request: Request, session: NamedDependency[Session]) -> Response:
    """Where a sample is dropped."""
    return _new(request, {}, {})


@post(PATH, opt=CHANGE, include_in_schema=False)
async def create_map(request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform]) -> Response:
    """A sample came in: lay it out by a first guess."""
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip() for name in ("code", "title", "side", "channel")}
    file = form.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise FileMissing()
        content, name = await file.read(), file.filename.replace("\\", "/").rsplit("/", 1)[-1]
        async with platform.database.tenant(asker.tenant_id) as session:
            map_id = await field_maps.create(session, platform.vault, **typed, file_name=name, content=content, by=asker)
    except (InvalidRequest, Conflict) as error:
        field = "file" if isinstance(error, FileMissing) else "code"
        return _new(request, typed, {field: error.message}, status=422)
    return redirect(request, f"{PATH}/{map_id}", info=_("已按样例猜出一版，请逐项核对后保存"))


@get(PATH + "/{map_id:uuid}", opt=SEE, include_in_schema=False)
async def map_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], map_id: FromPath[UUID]
) -> Response:
    """One field map with the first lines of its sample as they would be loaded."""
    row = await field_maps.find(session, map_id)
    layout = field_maps.layout_of(row)
    wrong = {name: _(what) for name, what in layouts.problems(layout, row.channel).items()} if row.version == 0 else {}
    typed = Typed(title=row.title, side=row.side, channel=row.channel, layout=layout, errors=wrong)
    return await _show(request, session, platform, actor, row, typed)


@post(PATH + "/{map_id:uuid}", opt=CHANGE, include_in_schema=False)
async def change_map(request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], map_id: FromPath[UUID]) -> Response:
    """Try what was typed on the sample, or save it."""
    form = await request.form()
    async with platform.database.tenant(asker.tenant_id) as session:
        row = await field_maps.find(session, map_id)
        typed = field_maps_forms.read(form, field_maps.layout_of(row))
        version = str(form.get("version", ""))
        if form.get("action") != "save" or typed.errors or not version.isdigit():
            status = 422 if form.get("action") == "save" else 200
            return await _show(request, session, platform, asker, row, typed, status=status)
        made = await field_maps.save(
            session, map_id, version=int(version), title=typed.title, side=typed.side, channel=typed.channel, layout=typed.layout, by=asker
        )
    return redirect(request, f"{PATH}/{map_id}", success=_("已保存为第 %(n)s 版，来源代码 map-%(code)s，可以用它上传文件了") % {"n": made, "code": row.code})


@post(PATH + "/{map_id:uuid}/sample", opt=CHANGE, include_in_schema=False)
async def change_sample(request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], map_id: FromPath[UUID]) -> Response:
    """Another sample to look at; the map itself stays."""
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise FileMissing()
    content, name = await file.read(), file.filename.replace("\\", "/").rsplit("/", 1)[-1]
    async with platform.database.tenant(asker.tenant_id) as session:
        await field_maps.find(session, map_id, lock=True)
        sample_id = await field_maps.keep_sample(session, platform.vault, name, content, asker)
        await repository.change(session, map_id, {"sample_id": sample_id})
    return redirect(request, f"{PATH}/{map_id}", info=_("已换成新的样例"))


@post(PATH + "/{map_id:uuid}/switch", opt=CHANGE, include_in_schema=False)
async def switch_map(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], map_id: FromPath[UUID]) -> Response:
    """Take a map out of use, or put it back."""
    active = (await request.form()).get("active") == "1"
    await field_maps.switch(session, map_id, active=active, by=actor)
    return redirect(request, f"{PATH}/{map_id}", success=_("已启用") if active else _("已停用，已收到的文件不受影响"))


def _new(request: Request, typed: dict[str, str], errors: dict[str, str], status: int = 200) -> Response:
    return render(request, "statements/map_new.html", status=status, typed=typed, errors=errors, sides=_of(page_words.SIDES), channels=_channels())


async def _show(request: Request, session: Session, platform: Platform, actor: Actor, row: Row, typed: Typed, status: int = 200) -> Response:
    sample = await field_maps.sample_of(session, platform.vault, row)
    tried = await asyncio.to_thread(field_maps.preview, sample[1], typed.layout, typed.channel) if sample else Preview()
    return render(
        request, "statements/map.html", status=status, row=row, typed=typed, layout=typed.layout, errors=typed.errors,
        sample_name=sample[0] if sample else "", tried=tried, may_make=actor.may(MAKE), state=_state_of(row), places=layouts.PLACES,
        sides=_of(page_words.SIDES), channels=_channels(), encodings=layouts.ENCODINGS, signs=_of(layouts.SIGNS), fee_signs=_of(layouts.FEE_SIGNS),
        delimiters=[("tab" if code == "\t" else code, _(word)) for code, word in layouts.DELIMITERS], time_formats=layouts.TIME_FORMATS,
        totals=_of(layouts.TOTALS), versions=await repository.list_versions(session, row.id),
    )  # fmt: skip


def _of(pairs: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(code, _(word)) for code, word in pairs]


def _channels() -> list[tuple[str, str]]:
    return _of(page_words.CHANNELS)


def _state_of(row: Row) -> str:
    return "draft" if row.version == 0 else "active" if row.active else "off"


ROUTES = [map_list, new_map, create_map, map_page, change_map, change_sample, switch_map]
