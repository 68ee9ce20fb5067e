"""The desk at which merchant numbers are kept: added and re-keyed by two people, stopped and resumed by one.

Keys go in and never come out: whoever enters them seals them, the second person sees only fingerprints, pages and programs see no more.
Replaced keys stay for a day beside the new ones, because a channel may still send what it sealed under the old ones.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from core import clock, ids
from core.approvals import service as approvals
from core.database import Row, Session
from core.errors import IllegalTransition, InvalidRequest
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys, Vault
from core.masking import mask_phone
from core.payments.accounts import repository
from core.payments.accounts import service as accounts
from core.payments.accounts.schemas import AccountCreate
from core.payments.channels.credentials import CredentialField, base_urls_of, fault_of, fields_of, fingerprint
from core.payments.errors import AccountKnown, AccountNotFound, DraftGone, FieldInvalid
from core.payments.states import ACCOUNT
from core.tenancy import numbers
from core.web import i18n
from core.web.i18n import N_
from core.web.i18n import gettext as _

KIND = "payments.channel_account"
READ, MANAGE, CHECK = "payments.channel.read", "payments.channel.manage", "payments.channel.check"
KEEP_PREVIOUS = dt.timedelta(days=1)
KEEP_DRAFTS = dt.timedelta(days=7)
LONGEST = 20_000
MODES = ("direct", "partner")
_MCHID = re.compile(r"[0-9A-Za-z_-]{3,64}")
_APPID = re.compile(r"[0-9A-Za-z_.-]{0,64}")
_PHONE = re.compile(r"1[3-9]\d{9}")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed until a second person agrees."""

    credentials: dict[str, str]


async def propose_new(session: Session, vault: Vault, by: Actor, way: Any, given: AccountCreate, sandbox_url: str) -> tuple[UUID, UUID]:
    """A new merchant number with its keys; answers its id and that of the proposal. It collects nothing before it is agreed to."""
    keys = await vault.keys(session)
    entered = _entered(way, given.credentials, {})
    if not given.reason.strip():
        raise InvalidRequest(N_("请填写原因，复核人需要据此判断"))
    row = {
        "id": ids.uuid7(),
        "channel": way.code,
        "mchid": _matching(_MCHID, given.mchid, N_("商户号")),
        "appid": _matching(_APPID, given.appid, "APPID"),
        "mode": given.mode if given.mode in MODES else "direct",
        "base_url": _base_url(way, given.environment, sandbox_url),
        "credentials_sealed": keys.seal(b"{}"),
        "status": "pending",
        "name": " ".join(given.name.split())[:40],
        "merchant_id": await _merchant(session, given.merchant_id),
        **_phone(keys, given.alert_phone),
    }
    await numbers.declare(session, vault, way.code, row["mchid"])
    if not await repository.add_account(session, row):
        raise AccountKnown(mchid=row["mchid"])
    approval_id = await _propose(session, keys, by, row["id"], way, entered, given.reason, {"environment": given.environment, **_of(row)})
    return row["id"], approval_id


async def propose_keys(
    session: Session, vault: Vault, by: Actor, way: Any, account_id: UUID, given: Mapping[str, str], reason: str
) -> UUID:
    """Other keys for a merchant number; entries left empty stay as they are. Answers the proposal's id."""
    row = await _held(session, account_id)
    keys = await vault.keys(session)
    kept = msgspec.json.decode(keys.open_bytes(row.credentials_sealed), type=dict[str, str])
    entered = _entered(way, given, kept)
    if not entered:
        raise InvalidRequest(N_("请至少填写一项要更换的密钥"))
    return await _propose(session, keys, by, account_id, way, entered, reason, _of(row._mapping))


async def execute(session: Session, account_id: UUID, proposal: dict[str, Any], by: Actor) -> None:
    """The second person agreed: the keys are in force, those before them stay readable for a day."""
    row = await _held(session, account_id)
    sealed = await repository.take_draft(session, UUID(proposal["draft_id"]))
    if sealed is None:
        raise DraftGone()
    now = clock.now()
    facts = {**row.facts, **{name: {**fact, "checked_by": by.name} for name, fact in proposal["facts"].items()}}
    ends = sorted(fact["expires_at"] for fact in facts.values() if fact.get("expires_at"))
    rotated = row.status != "pending"
    values = {
        "credentials_sealed": sealed,
        "facts": facts,
        "expires_at": dt.datetime.fromisoformat(ends[0]) if ends else None,
        "status": row.status if rotated else ACCOUNT.check(row.status, "active"),
        "previous_sealed": row.credentials_sealed if rotated else None,
        "previous_until": now + KEEP_PREVIOUS if rotated else None,
    }
    await repository.set_account(session, account_id, values)
    tenant_id = session.tenant_id

    async def forget() -> None:
        accounts.forget(tenant_id, account_id)

    session.after_commit(forget)
    action = "payments.channel.rotate" if rotated else "payments.channel.add"
    after = {"channel": row.channel, "mchid": row.mchid, "keys": sorted(proposal["facts"])}
    await audit.record(session, by, action, "channel_account", account_id, after=after)


async def change_status(session: Session, by: Actor, account_id: UUID, target: str, reason: str) -> None:
    """Stop a merchant number or let it go on. Money that still arrives on a stopped one is booked all the same."""
    row = await _held(session, account_id)
    if row.status == "pending" or target == "pending":
        raise IllegalTransition(machine=ACCOUNT.name, source=row.status, target=target)
    ACCOUNT.check(row.status, target)
    told = " ".join(reason.split())
    if len(told) < 2:
        raise InvalidRequest(N_("请写明原因"))
    await repository.set_account(session, account_id, {"status": target})
    action = "payments.channel.suspend" if target == "suspended" else "payments.channel.resume"
    await audit.record(
        session, by, action, "channel_account", account_id, before={"status": row.status}, after={"status": target}, reason=told[:200]
    )


async def change_face(
    session: Session, vault: Vault, by: Actor, account_id: UUID, *, name: str, merchant_id: UUID | None, alert_phone: str
) -> None:
    """What it is called, for whose money it is used, and who is warned before a certificate ends (an empty phone keeps the one there is)."""
    row = await _held(session, account_id)
    values = {"name": " ".join(name.split())[:40], "merchant_id": await _merchant(session, merchant_id)}
    before = {"name": row.name, "merchant": row.merchant_id and str(row.merchant_id)}
    after = {"name": values["name"], "merchant": values["merchant_id"] and str(values["merchant_id"])}
    if alert_phone.strip():
        values |= _phone(await vault.keys(session), alert_phone)
        after["phone"] = values["alert_phone_masked"]
    await repository.set_account(session, account_id, values)
    await audit.record(session, by, "payments.channel.change", "channel_account", account_id, before=before, after=after)


async def adopt(session: Session, vault: Vault, channels: Mapping[str, Any]) -> int:
    """Note the fingerprints and dates of keys that came by a declaration rather than by this desk; answers for how many numbers."""
    found = [row for row in await repository.list_unnoted(session) if row.channel in channels]
    keys = await vault.keys(session)
    for row in found:
        kept = msgspec.json.decode(keys.open_bytes(row.credentials_sealed), type=dict[str, str])
        fields = {field.name: field for field in fields_of(channels[row.channel]) if kept.get(field.name)}
        entered = {name: kept[name] for name, field in fields.items() if not fault_of(field, kept[name])}
        facts = _facts(keys, fields, entered, {}, _("租户声明"), row.created_at)
        ends = sorted(fact["expires_at"] for fact in facts.values() if fact["expires_at"])
        noted = {"facts": facts, "expires_at": dt.datetime.fromisoformat(ends[0]) if ends else None}
        await repository.set_account(session, row.id, noted)
    return len(found)


async def tidy(session: Session) -> None:
    """Keys that nobody agreed to for a week, and those replaced a day ago, are gone."""
    now = clock.now()
    await repository.forget_drafts(session, now - KEEP_DRAFTS)
    await repository.forget_previous(session, now)


def describe(proposal: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What the second person compares: which entries change, by fingerprint."""
    told = [(_("渠道"), "", proposal["channel"]), (_("商户号"), "", proposal["mchid"])]
    for fact in proposal["facts"].values():
        title = fact["title"]
        told.append((_(title), fact["before"] or _("（无）"), fact["fingerprint"]))
    return told


async def _propose(
    session: Session, keys: TenantKeys, by: Actor, account_id: UUID, way: Any, entered: dict[str, str], reason: str, about: dict[str, Any]
) -> UUID:
    row = await _held(session, account_id)
    kept = msgspec.json.decode(keys.open_bytes(row.credentials_sealed), type=dict[str, str])
    fields = {field.name: field for field in fields_of(way)}
    facts = _facts(keys, fields, entered, row.facts, by.name, clock.now())
    draft_id = ids.uuid7()
    proposal = {"draft_id": str(draft_id), "facts": facts, **about}
    with i18n.speaking(i18n.SOURCE):
        title = f"{_(way.title)} {row.mchid}"
    approval_id = await approvals.propose(session, by, kind=KIND, title=title, subject_id=account_id, proposal=proposal, reason=reason)
    await repository.add_draft(session, draft_id, account_id, keys.seal(msgspec.json.encode(kept | entered)))
    return approval_id


def _facts(
    keys: TenantKeys, fields: Mapping[str, CredentialField], entered: Mapping[str, str], before: Mapping[str, Any], by: str, at: dt.datetime
) -> dict[str, dict[str, Any]]:
    """What is written down of each entry: never the value itself."""
    facts = {}
    for name, value in entered.items():
        field = fields[name]
        ends = field.expires(value) if field.expires else None
        facts[name] = {
            "title": field.title, "before": before.get(name, {}).get("fingerprint", ""), "expires_at": ends and ends.isoformat(),
            "fingerprint": fingerprint(field, value, keys.index), "set_at": at.isoformat(), "set_by": by,
        }  # fmt: skip
    return facts


def _of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("channel", "mchid", "appid")}


def _entered(way: Any, given: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """What was really entered, each value as its kind wants it; every required entry is there or was there before."""
    fields = {field.name: field for field in fields_of(way)}
    unknown = sorted(set(given) - set(fields))
    if unknown:
        raise FieldInvalid(title=unknown[0][:40], fault=_("没有这一项"))
    entered = {name: value.strip() for name, value in given.items() if value.strip()}
    for name, value in entered.items():
        _check(fields[name], value)
    for field in fields.values():
        if field.required and field.name not in entered and not kept.get(field.name):
            raise FieldInvalid(title=_(field.title), fault=_("请填写"))
    return entered


def _check(field: CredentialField, value: str) -> None:
    fault = _("太长") if len(value) > LONGEST else _(fault_of(field, value))
    if not fault and field.expires is not None:
        ends = field.expires(value)
        fault = _("证书已经过期") if ends is not None and ends <= clock.now() else ""
    if fault:
        raise FieldInvalid(title=_(field.title), fault=fault)


def _matching(pattern: re.Pattern[str], value: str, title: str) -> str:
    if not pattern.fullmatch(value.strip()):
        raise FieldInvalid(title=_(title), fault=_("只能是字母和数字"))
    return value.strip()


def _base_url(way: Any, environment: str, sandbox_url: str) -> str:
    known = base_urls_of(way, sandbox_url)
    if environment not in known:
        raise FieldInvalid(title=_("环境"), fault=_("请从列表中选择"))
    return known[environment]


async def _merchant(session: Session, merchant_id: UUID | None) -> UUID | None:
    if merchant_id is not None and merchant_id not in {row.id for row in await repository.list_merchants(session)}:
        raise FieldInvalid(title=_("商户"), fault=_("没有这个商户"))
    return merchant_id


def _phone(keys: TenantKeys, phone: str) -> dict[str, Any]:
    phone = re.sub(r"[\s-]", "", phone)
    if not phone:
        return {}
    if not _PHONE.fullmatch(phone):
        raise FieldInvalid(title=_("提醒手机号"), fault=_("请填写 11 位手机号"))
    return {"alert_phone_sealed": keys.seal(phone), "alert_phone_masked": mask_phone(phone)}


async def _held(session: Session, account_id: UUID) -> Row:
    row = await repository.lock_account(session, account_id)
    if row is None:
        raise AccountNotFound()
    return row
