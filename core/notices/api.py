"""Notices in the API: what was sent and what became of it, dead ones again, templates with preview, rules."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.notices import filters, lists, rules, templates
from core.notices.events import Words
from core.notices.rules import Rules, WechatAccount, WechatWrite
from core.notices.schemas import NoticePage, NoticeRead, RunRead
from core.notices.templates import Preview, TemplateRead
from core.platform import Platform
from core.tenancy.directory import ClientProfile

READ, MANAGE = {"permission": lists.READ}, {"permission": lists.MANAGE}
TAGS = ["通知 notices"]
NOTICES, TEMPLATES, RULES = "/api/v1/notices", "/api/v1/notice-templates", "/api/v1/notice-rules"
TEMPLATE = TEMPLATES + "/{event:str}/{language:str}"
Text = Annotated[str, msgspec.Meta(max_length=500)]


class WordsWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words as a program writes them."""

    title: Text
    inbox: Text
    sms: Text
    wechat: Annotated[dict[str, Text], msgspec.Meta(max_length=12)] = {}
    template_id: Annotated[str, msgspec.Meta(max_length=64)] = ""

    def words(self) -> Words:
        """The same for the service."""
        return Words(self.title, self.inbox, self.sms, self.wechat, self.template_id)


class PreviewRequest(WordsWrite, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words to try, on a bill of a number (the newest within reach without one)."""

    bill: Annotated[str, msgspec.Meta(max_length=40)] = ""


class ResendRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which dead notices are sent again."""

    event: Annotated[str, msgspec.Meta(max_length=80)] = ""
    run: Annotated[str, msgspec.Meta(max_length=128)] = ""


class Resent(msgspec.Struct, frozen=True):
    """How many are under way again."""

    notices: int


@get(NOTICES, opt=READ, tags=TAGS)
async def list_notices(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    q: FromQuery[str] = "",
    event: FromQuery[str] = "",
    means: FromQuery[str] = "",
    status: FromQuery[str] = "",
    run: FromQuery[str] = "",
    bill: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> NoticePage:
    """Notices, the newest first, with the number in each state; names and phones masked. `status` may also be `waiting`."""
    given = {"q": q, "event": event, "means": means, "status": status, "run": run, "bill": bill, "since": since, "until": until}
    return await lists.page_of(session, templates.events_of(platform, client), filters.read(given), actor, cursor, paging.page_size(limit))


@get(NOTICES + "/{notice_id:uuid}", opt=READ, tags=TAGS)
async def get_notice(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    notice_id: FromPath[UUID],
) -> NoticeRead:
    """One notice with its text."""
    keys = await platform.vault.keys(session)
    return await lists.find(session, keys, templates.events_of(platform, client), notice_id, actor)


@post(NOTICES + "/{notice_id:uuid}/resend", opt=MANAGE, tags=TAGS, status_code=202)
async def resend(session: NamedDependency[Session], actor: NamedDependency[Actor], notice_id: FromPath[UUID]) -> Resent:
    """Send one dead notice again, under a new number; 409 for one that is not dead."""
    await lists.send_again(session, notice_id, actor)
    return Resent(1)


@post(NOTICES + "/resend", opt=MANAGE, tags=TAGS, status_code=202)
async def resend_all(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[ResendRequest]) -> Resent:
    """Send every dead notice of an event or a run again; 409 where there is none."""
    return Resent(await lists.send_all_again(session, filters.NoticeFilter(event=data.event, run=data.run), actor))


@get("/api/v1/notice-runs/{run:str}", opt=READ, tags=TAGS)
async def get_run(session: NamedDependency[Session], actor: NamedDependency[Actor], run: FromPath[str]) -> RunRead:
    """What became of a publication (its bills' source) or a run: each bill counted once, by its best notice."""
    return await lists.run_of(session, run[:128], actor)


@get(TEMPLATES, opt=MANAGE, tags=TAGS)
async def list_templates(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> list[TemplateRead]:
    """The words in force for every event and language."""
    events = templates.events_of(platform, client)
    return await templates.list_all(session, {code: event for code, event in events.items() if templates.editable(event)})


@put(TEMPLATE, opt=MANAGE, tags=TAGS)
async def put_template(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    event: FromPath[str],
    language: FromPath[str],
    data: JSONBody[WordsWrite],
) -> TemplateRead:
    """Put words of one's own in force; 422 for a template that cannot be filled in."""
    found = templates.find_event(templates.events_of(platform, client), event)
    return await templates.save(session, found, language, data.words(), actor)


@delete(TEMPLATE, opt=MANAGE, tags=TAGS, status_code=200)
async def delete_template(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    event: FromPath[str],
    language: FromPath[str],
) -> TemplateRead:
    """Back to the product's words."""
    found = templates.find_event(templates.events_of(platform, client), event)
    return await templates.reset(session, found, language, actor)


@post(TEMPLATES + "/{event:str}/preview", opt=MANAGE, tags=TAGS, status_code=200)
async def preview(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    event: FromPath[str],
    data: JSONBody[PreviewRequest],
) -> Preview:
    """Words filled in, with the length of the text message."""
    found = templates.find_event(templates.events_of(platform, client), event)
    url = f"{platform.settings.public_url}/h5/{client.code}"
    return await templates.preview(session, found, data.words(), client, url, data.bill, actor.reach(lists.MANAGE))


@get(RULES, opt=MANAGE, tags=TAGS)
async def get_rules(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Rules:
    """The rules in force."""
    return await rules.load(session)


@put(RULES, opt=MANAGE, tags=TAGS)
async def put_rules(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[Rules]) -> Rules:
    """Set them."""
    return await rules.save(session, data, actor)


@get(RULES + "/wechat", opt=MANAGE, tags=TAGS)
async def get_wechat(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> WechatAccount:
    """The official account that template messages come from; never its secrets. Its `appid` is empty where there is none."""
    return await rules.wechat(session)


@put(RULES + "/wechat", opt=MANAGE, tags=TAGS)
async def put_wechat(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], data: JSONBody[WechatWrite]
) -> WechatAccount:
    """Set it; an empty secret keeps the one that is there, 422 for an address that is not WeChat's."""
    return await rules.save_wechat(session, await platform.vault.keys(session), data, actor, platform.settings.sandbox_url)


ROUTES = [
    list_notices, get_notice, resend, resend_all, get_run, list_templates, put_template, delete_template, preview, get_rules, put_rules, get_wechat,
    put_wechat,
]  # fmt: skip
