"""When and how a client's notices leave: quiet hours, the cap a day, the days before and after a due date, the means of each event."""

import datetime as dt
from typing import Annotated

import msgspec

from core import clock
from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.notices import settings_repository as repository
from core.notices.errors import BadRules
from core.web.i18n import gettext as _

RULES, WECHAT = "rules", "wechat"
REAL_WECHAT = "https://api.weixin.qq.com"
Day = Annotated[int, msgspec.Meta(ge=0, le=90)]


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A client's sending rules. Times are Shanghai's (`HH:MM`); `off` holds `event:means` that the client does not want sent."""

    quiet_from: str = "22:00"
    quiet_until: str = "08:00"
    per_day: Annotated[int, msgspec.Meta(ge=1, le=50)] = 5
    before_days: Annotated[tuple[Day, ...], msgspec.Meta(max_length=5)] = (3,)
    after_days: Annotated[tuple[Day, ...], msgspec.Meta(max_length=8)] = (1, 7, 15)
    language: str = "zh"
    off: list[str] = []
    version: int = 0

    def sends(self, event: str, means: str) -> bool:
        """Whether an event leaves by these means."""
        return f"{event}:{means}" not in self.off


class WechatAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The official account that template messages come from; never its secret."""

    appid: str = ""
    base_url: str = REAL_WECHAT
    version: int = 0


class WechatWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account as it is set; empty secrets keep those that are there. `token` proves WeChat's pushes."""

    appid: Annotated[str, msgspec.Meta(max_length=64)]
    secret: Annotated[str, msgspec.Meta(max_length=128)] = ""
    token: Annotated[str, msgspec.Meta(max_length=64)] = ""
    base_url: Annotated[str, msgspec.Meta(max_length=200)] = REAL_WECHAT


class WechatSecrets(msgspec.Struct, frozen=True):
    """What is sealed of an account."""

    secret: str
    token: str


def after_quiet_hours(at: dt.datetime, rules: Rules | None = None) -> dt.datetime:
    """The same instant by day; the end of the quiet hours while they last."""
    rules = rules or Rules()
    begins, ends = dt.time.fromisoformat(rules.quiet_from), dt.time.fromisoformat(rules.quiet_until)
    local = at.astimezone(clock.SHANGHAI)
    now = local.time()
    quiet = begins <= now or now < ends if begins > ends else begins <= now < ends
    if begins == ends or not quiet:
        return at
    day = local.date() + dt.timedelta(days=1 if begins > ends and now >= begins else 0)
    return dt.datetime.combine(day, ends, clock.SHANGHAI).astimezone(dt.UTC)


async def load(session: Session) -> Rules:
    """A client's rules; the usual ones where it has set none."""
    row = await repository.find(session, RULES)
    return Rules() if row is None else msgspec.convert({**row.value, "version": row.version}, Rules)


async def save(session: Session, given: Rules, by: Actor) -> Rules:
    """Set them; BadRules for times or days that are none."""
    _check(given)
    before = await load(session)
    value = {**msgspec.to_builtins(given), "before_days": sorted(set(given.before_days)), "after_days": sorted(set(given.after_days))}
    value.pop("version")
    await repository.save(session, RULES, value, None)
    await audit.record(session, by, "notices.rules.save", "notice_setting", RULES, before=msgspec.to_builtins(before), after=value)
    return await load(session)


async def wechat(session: Session) -> WechatAccount:
    """The official account, if there is one (its appid is empty otherwise)."""
    row = await repository.find(session, WECHAT)
    return WechatAccount() if row is None else WechatAccount(**row.value, version=row.version)


async def wechat_secrets(session: Session, keys: TenantKeys) -> WechatSecrets | None:
    """What proves the account and its pushes."""
    row = await repository.find(session, WECHAT)
    return None if row is None else msgspec.json.decode(keys.open(row.secret_sealed), type=WechatSecrets)


async def save_wechat(session: Session, keys: TenantKeys, given: WechatWrite, by: Actor, sandbox_url: str) -> WechatAccount:
    """Set the official account; its address must be WeChat's own or the sandbox's."""
    base = given.base_url.strip().rstrip("/")
    if base != REAL_WECHAT and base != sandbox_url.rstrip("/"):
        raise BadRules(why=_("接口地址只能是微信官方地址"))
    held = await wechat_secrets(session, keys)
    if not given.appid.strip() or not (given.secret or held):
        raise BadRules(why=_("请填写公众号的 AppID 与 AppSecret"))
    kept = WechatSecrets(given.secret or held.secret, given.token or (held.token if held else ""))
    value = {"appid": given.appid.strip(), "base_url": base}
    await repository.save(session, WECHAT, value, keys.seal(msgspec.json.encode(kept)))
    await audit.record(session, by, "notices.wechat.save", "notice_setting", WECHAT, after={**value, "secret_changed": bool(given.secret)})
    return await wechat(session)


def _check(given: Rules) -> None:
    for text in (given.quiet_from, given.quiet_until):
        try:
            dt.time.fromisoformat(text)
        except ValueError:
            raise BadRules(why=_("“%(text)s”不是时间", text=text[:10])) from None
    if given.language not in ("zh", "en"):
        raise BadRules(why=_("语言应为中文或英文"))
    if len(given.off) > 200 or any(len(entry) > 80 for entry in given.off):
        raise BadRules(why=_("渠道选择无效"))
