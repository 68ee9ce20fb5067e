"""Sending rules in the console: quiet hours, the cap, days around due dates, means by event, the official account."""

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.notices import lists, rules, templates
from core.notices.errors import BadRules
from core.notices.events import NoticeEvent
from core.notices.rules import Rules, WechatWrite
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

MANAGE = {"permission": lists.MANAGE}
PATH = "/console/notice-rules"
MEANS = ("wechat", "sms")


@get(PATH, opt=MANAGE, include_in_schema=False)
async def rules_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """What is in force."""
    return await _page(request, session, client, platform, await rules.load(session), "")


@post(PATH, opt=MANAGE, include_in_schema=False)
async def save_rules(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """Set the rules; notices that wait follow them too."""
    form = await request.form()
    events = _payers(platform, client)
    on = {means: {str(value) for value in form.getall(means, [])} for means in MEANS}
    off = [f"{event.code}:{means}" for event in events for means in MEANS if means in event.means and event.code not in on[means]]
    try:
        given = Rules(
            quiet_from=str(form.get("quiet_from", "")), quiet_until=str(form.get("quiet_until", "")), per_day=_whole(form.get("per_day"), 1, 50),
            before_days=_days(str(form.get("before_days", "")), 5), after_days=_days(str(form.get("after_days", "")), 8),
            language=str(form.get("language", "zh")), off=off,
        )  # fmt: skip
        await rules.save(session, given, actor)
    except PlatformError as error:
        return await _page(request, session, client, platform, await rules.load(session), error.message)
    return redirect(request, PATH, success=_("发送规则已保存"))


@post(PATH + "/wechat", opt=MANAGE, include_in_schema=False)
async def save_wechat(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """Set the official account; its secrets are sealed and never shown again."""
    form = await request.form()
    given = WechatWrite(**{name: str(form.get(name, ""))[:200] for name in ("appid", "secret", "token", "base_url")})
    try:
        await rules.save_wechat(session, await platform.vault.keys(session), given, actor, platform.settings.sandbox_url)
    except PlatformError as error:
        return await _page(request, session, client, platform, await rules.load(session), error.message)
    return redirect(request, PATH, success=_("公众号已保存"))


def _payers(platform: Platform, client: ClientProfile) -> list[NoticeEvent]:
    return [event for event in templates.events_of(platform, client).values() if event.audience == "payer"]


def _whole(value: object, least: int, most: int) -> int:
    text = str(value or "")
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadRules(why=_("每人每天上限应为 %(least)s 到 %(most)s 的整数", least=least, most=most))
    return int(text)


def _days(text: str, most: int) -> tuple[int, ...]:
    """`1, 7, 15` as people type it."""
    parts = text.replace("，", ",").replace("、", ",").replace(" ", ",").split(",")
    days = [part for part in parts if part]
    if len(days) > most or not all(day.isascii() and day.isdigit() and int(day) <= 90 for day in days):
        raise BadRules(why=_("天数应为 0 到 90 的整数，用逗号隔开，最多 %(n)s 个", n=most))
    return tuple(int(day) for day in days)


async def _page(request: Request, session: Session, client: ClientProfile, platform: Platform, held: Rules, error: str) -> Response:
    account, events = await rules.wechat(session), _payers(platform, client)
    necessary = _("必要通知，退订后仍在站内显示")
    choices = {m: [(e.code, _(e.title), necessary if e.necessary else "") for e in events if m in e.means] for m in MEANS}
    return render(
        request,
        "notices/rules.html",
        status=422 if error else 200,
        rules=held,
        account=account,
        choices=choices,
        chosen={m: [e.code for e in events if held.sends(e.code, m)] for m in MEANS},
        error=error,
        callback=f"{platform.settings.public_url}/notify/wechat-messages/{client.code}",
        real=rules.REAL_WECHAT,
        sandbox=platform.settings.sandbox_url,
    )


ROUTES = [rules_page, save_rules, save_wechat]
