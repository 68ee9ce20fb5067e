"""Merchant numbers in the console: the list, one of them, the forms that only take secrets in, the test button."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.approvals import lists as approvals
from core.billing.filters import word_of
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.payments.accounts import desk as accounts_desk
from core.payments.accounts import probe
from core.payments.accounts import repository as accounts_repository
from core.payments.accounts import view as accounts_view
from core.payments.accounts.api import sandbox_of
from core.payments.accounts.desk import MANAGE, READ
from core.payments.accounts.schemas import AccountCreate, AccountRead
from core.payments.channels.credentials import base_urls_of, fields_of
from core.payments.errors import UnknownChannel
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/channels"
ONE = PATH + "/{account_id:uuid}"
LOOK, ACT = {"permission": READ}, {"permission": MANAGE}


@get(PATH, opt=LOOK, include_in_schema=False)
async def account_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response:
    """Where we collect."""
    found = await accounts_view.listed(session, platform.channels)
    ways = [way for way in platform.channels.values() if fields_of(way) or base_urls_of(way)]
    return render(request, "payments/channels.html", found=found, ways=ways, may=actor.may, manage=MANAGE)


@get(PATH + "/new", opt=ACT, include_in_schema=False)
async def account_form(
    request: Request, session: NamedDependency[Session], platform: NamedDependency[Platform], channel: FromQuery[str] = ""
) -> Response:
    """What a new merchant number asks for."""
    return await _form(request, session, platform, _way(platform, channel), {}, "")


@post(PATH, opt=ACT, include_in_schema=False)
async def account_add(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response:
    """Propose it; typed secrets are never given back, not even to mend an error."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    way = _way(platform, typed.get("channel", ""))
    try:
        given = AccountCreate(
            channel=way.code, mchid=word_of(typed, "mchid"), appid=word_of(typed, "appid"), name=word_of(typed, "name"),
            mode=word_of(typed, "mode") or "direct", environment=word_of(typed, "environment"), merchant_id=_id(typed.get("merchant", "")),
            alert_phone=word_of(typed, "alert_phone"), reason=word_of(typed, "reason"), credentials=_credentials(way, typed),
        )  # fmt: skip
        account_id, _approval = await accounts_desk.propose_new(session, platform.vault, actor, way, given, sandbox_of(platform))
    except PlatformError as error:
        return await _form(request, session, platform, way, typed, translated(error), error.status)
    return redirect(request, f"{PATH}/{account_id}", success=_("已提交，等待另一位同事复核"))


@get(ONE, opt=LOOK, include_in_schema=False)
async def account_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], account_id: FromPath[UUID],
) -> Response:
    """One merchant number."""
    found = await accounts_view.one(session, platform.channels, account_id)
    return await _page(request, session, actor, client, platform, found)


@post(ONE + "/keys", opt=ACT, include_in_schema=False)
async def account_keys(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], account_id: FromPath[UUID],
) -> Response:
    """Propose other keys."""
    found = await accounts_view.one(session, platform.channels, account_id)
    way = _way(platform, found.channel)
    typed = {name: str(value) for name, value in (await request.form()).items()}
    try:
        given = _credentials(way, typed)
        await accounts_desk.propose_keys(session, platform.vault, actor, way, account_id, given, word_of(typed, "reason"))
    except PlatformError as error:
        return await _page(request, session, actor, client, platform, found, translated(error), error.status)
    return redirect(request, f"{PATH}/{account_id}", success=_("已提交，等待另一位同事复核"))


@post(ONE + "/face", opt=ACT, include_in_schema=False)
async def account_face(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], account_id: FromPath[UUID],
) -> Response:
    """Another name, another merchant, another phone for warnings."""
    found = await accounts_view.one(session, platform.channels, account_id)
    typed = {name: str(value) for name, value in (await request.form()).items()}
    face = {"name": word_of(typed, "name"), "merchant_id": _id(typed.get("merchant", "")), "alert_phone": word_of(typed, "alert_phone")}
    try:
        await accounts_desk.change_face(session, platform.vault, actor, account_id, **face)
    except PlatformError as error:
        return await _page(request, session, actor, client, platform, found, translated(error), error.status)
    return redirect(request, f"{PATH}/{account_id}", success=_("已保存"))


@post(ONE + "/suspend", opt=ACT, include_in_schema=False)
async def account_suspend(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], account_id: FromPath[UUID]
) -> Response:
    """Offer it no more."""
    await accounts_desk.change_status(session, actor, account_id, "suspended", str((await request.form()).get("reason", "")))
    return redirect(request, f"{PATH}/{account_id}", success=_("已停用，不再向缴费人提供"))


@post(ONE + "/resume", opt=ACT, include_in_schema=False)
async def account_resume(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], account_id: FromPath[UUID]
) -> Response:
    """Offer it again."""
    await accounts_desk.change_status(session, actor, account_id, "active", str((await request.form()).get("reason", "")))
    return redirect(request, f"{PATH}/{account_id}", success=_("已恢复收款"))


@post(ONE + "/probe", opt=ACT, include_in_schema=False)
async def account_probe(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    account_id: FromPath[UUID],
) -> Response:
    """Send a 0.01 order and close it."""
    made = await probe.run(platform, client, account_id, asker)
    said = {"success": _("测试通过")} if made.ok else {"danger": _("测试没有通过，请看下面每一步的结果")}
    return redirect(request, f"{PATH}/{account_id}#probe", **said)


def _way(platform: Platform, channel: str) -> Any:
    way = platform.channels.get(channel)
    if way is None:
        raise UnknownChannel(channel=channel[:40])
    return way


def _id(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _credentials(way: Any, typed: Mapping[str, str]) -> dict[str, str]:
    return {field.name: typed[f"key.{field.name}"] for field in fields_of(way) if typed.get(f"key.{field.name}", "").strip()}


async def _merchants(session: Session) -> list[tuple[str, str]]:
    return [(str(row.id), f"{row.name}（{row.code}）") for row in await accounts_repository.list_merchants(session)]


async def _form(
    request: Request, session: Session, platform: Platform, way: Any, typed: Mapping[str, str], fault: str, status: int = 200
) -> Response:
    environments = [(name, {"production": _("正式环境"), "sandbox": _("沙箱")}.get(name, name)) for name in base_urls_of(way, sandbox_of(platform))]
    return render(
        request, "payments/channel_new.html", status=status, way=way, fields=fields_of(way), environments=environments,
        merchants=await _merchants(session), typed=typed, fault=fault,
    )  # fmt: skip


async def _page(
    request: Request, session: Session, actor: Actor, client: ClientProfile, platform: Platform, found: AccountRead, fault: str = "",
    status: int = 200,
) -> Response:
    way = platform.channels.get(found.channel)
    waiting = [row for row in await approvals.about(session, found.id) if row.status == "waiting"]
    return render(
        request, "payments/channel.html", status=status, account=found, waiting=waiting, fault=fault, may_act=actor.may(MANAGE),
        merchants=await _merchants(session),
        notify_url=f"{platform.settings.public_url}/notify/{getattr(way, 'notify_path', found.channel)}/{client.code}/{found.id}",
        testable=way is not None and any(scene in way.scenes for scene in probe.SCENES),
    )  # fmt: skip


ROUTES = [
    account_list, account_form, account_add, account_page, account_keys, account_face, account_suspend, account_resume, account_probe,
]  # fmt: skip
