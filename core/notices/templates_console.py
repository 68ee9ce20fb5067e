"""Notice templates in the console: every event with its words, edited with a preview on a real bill beside."""

from collections.abc import Mapping

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.notices import lists, templates
from core.notices.errors import EventUnknown
from core.notices.events import NoticeEvent, Words
from core.notices.templates import Preview
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

MANAGE = {"permission": lists.MANAGE}
PATH = "/console/notice-templates"
ONE = PATH + "/{event:str}"


@get(PATH, opt=MANAGE, include_in_schema=False)
async def template_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """Every event, whose words are in force, by which means it leaves."""
    events = templates.events_of(platform, client)
    own = {(one.event, one.language) for one in await templates.list_all(session, events) if one.own}
    return render(request, "notices/templates.html", events=list(events.values()), own=own)


@get(ONE, opt=MANAGE, include_in_schema=False)
async def template_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    event: FromPath[str],
    language: FromQuery[str] = "zh",
    bill: FromQuery[str] = "",
) -> Response:
    """One event's words with what they come to."""
    found = _editable(platform, client, event)
    held = await templates.read(session, found, language)
    words = Words(held.title, held.inbox, held.sms, held.wechat, held.template_id)
    return await _page(request, session, actor, client, platform, found, language, words, bill, {})


@post(ONE, opt=MANAGE, include_in_schema=False)
async def save_template(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    event: FromPath[str],
) -> Response:
    """Keep the words, try them, or go back to the product's."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    found, language = _editable(platform, client, event), form.get("language", "zh")
    here = f"{PATH}/{found.code}?language={language}"
    if form.get("what") == "reset":
        await templates.reset(session, found, language, actor)
        return redirect(request, here, info=_("已恢复产品自带的文字"))
    words = _words(form)
    if form.get("what") == "preview":
        return await _page(request, session, actor, client, platform, found, language, words, form.get("bill", ""), {})
    try:
        await templates.save(session, found, language, words, actor)
    except EventUnknown:
        raise
    except PlatformError as error:
        return await _page(request, session, actor, client, platform, found, language, words, form.get("bill", ""), {"sms": error.message})
    return redirect(request, here, success=_("模板已保存，之后发出的通知都用新的文字"))


def _editable(platform: Platform, client: ClientProfile, code: str) -> NoticeEvent:
    event = templates.find_event(templates.events_of(platform, client), code)
    if not templates.editable(event):
        raise EventUnknown()
    return event


def _words(form: Mapping[str, str]) -> Words:
    """The form's words; WeChat fields are lines `name=text`."""
    lines = (line.partition("=") for line in form.get("wechat", "").splitlines() if "=" in line)
    fields = {name.strip()[:40]: text.strip() for name, _sep, text in lines if name.strip()}
    return Words(
        form.get("title", "").strip(), form.get("inbox", "").strip(), form.get("sms", "").strip(), dict(list(fields.items())[:12]),
        form.get("template_id", "").strip()[:64],
    )  # fmt: skip


async def _page(
    request: Request, session: Session, actor: Actor, client: ClientProfile, platform: Platform, event: NoticeEvent, language: str,
    words: Words, bill: str, errors: dict[str, str],
) -> Response:  # fmt: skip
    shown: Preview | None = None
    url = f"{platform.settings.public_url}/h5/{client.code}"
    held = await templates.read(session, event, language)
    try:
        shown = await templates.preview(session, event, words, client, url, bill[:40], actor.reach(lists.MANAGE))
    except EventUnknown:
        raise
    except PlatformError as error:
        errors = errors or {"sms": error.message}
    return render(
        request,
        "notices/template.html",
        status=422 if errors else 200,
        event=event,
        language=language,
        words=words,
        held=held,
        preview=shown,
        bill=bill,
        errors=errors,
        fields="\n".join(f"{name}={text}" for name, text in words.wechat.items()),
    )


ROUTES = [template_list, template_page, save_template]
