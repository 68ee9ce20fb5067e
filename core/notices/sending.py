"""Deliver what is due: claim, let go of the database, hand over, write down what became of it; later ask whether it arrived."""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
import structlog

from core import clock
from core.database import Row
from core.identity.vault import CannotUnseal, TenantKeys
from core.notices import repository, sms_wire, templates, wechat_wire
from core.notices import rules as sending_rules
from core.notices.events import NoticeEvent, Words
from core.notices.rules import Rules, WechatAccount, WechatSecrets, after_quiet_hours
from core.notices.sms_wire import Handed
from core.notices.wechat_wire import TemplateMessage
from core.notices.wording import fill
from core.platform import Platform
from core.tenancy.directory import ClientProfile

log = structlog.get_logger()
BATCH = 200
AT_ONCE = 8
LEASE = dt.timedelta(minutes=2)
ASK_AFTER = dt.timedelta(seconds=3)
ASK_FOR = dt.timedelta(days=3)
MAX_ATTEMPTS = 8
HELD = {"quiet": "quiet", "capped": "capped", "opted_out": "opted_out"}
FAR = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


class Round(msgspec.Struct, frozen=True):
    """Everything one round of sending needs."""

    platform: Platform
    client: ClientProfile
    keys: TenantKeys
    events: Mapping[str, NoticeEvent]
    words: Mapping[str, Words]
    rules: Rules
    account: WechatAccount
    secrets: WechatSecrets | None
    now: dt.datetime


class Outcome(msgspec.Struct, frozen=True):
    """What became of one notice; `body` is the text as it left."""

    state: str
    reason: str | None = None
    provider_id: str | None = None
    body: str | None = None


async def send_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Send a client's due notices and ask about those that left; answers when to look again (None: nothing waits)."""
    now = clock.now()
    client = await platform.directory.profile(tenant_id)
    events = templates.events_of(platform, client)
    async with platform.database.tenant(tenant_id) as session:
        account = await sending_rules.wechat(session)
        kinds = {event.code: event.kind for event in events.values() if not event.necessary}
        claimed = await repository.claim(session, now, now + LEASE, BATCH, account.appid, kinds)
        if claimed:
            rules, keys = await sending_rules.load(session), await platform.vault.keys(session)
            midnight = dt.datetime.combine(clock.business_day(now), dt.time(), clock.SHANGHAI)
            people = {bytes(row.to_index) for row in claimed if row.to_index}
            uncounted = [event.code for event in events.values() if event.necessary or event.secret]
            today = await repository.count_today(session, sorted(people), midnight, uncounted, [row.id for row in claimed])
            work = Round(
                platform, client, keys, events, await templates.words_of(session, events, rules.language), rules, account,
                await sending_rules.wechat_secrets(session, keys) if account.appid else None, now,
            )  # fmt: skip
    if claimed:
        await _send(work, claimed, today)
    await ask_what_arrived(platform, tenant_id)
    async with platform.database.tenant(tenant_id) as session:
        return await repository.next_due(session)


async def _send(work: Round, claimed: Sequence[Row], today: dict[bytes, int]) -> None:
    """Hand over a batch, a few at a time; written down together, so a crash repeats a batch under the same numbers."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(row: Row) -> Outcome:
        held = _held(work, row, today)
        if held is not None:
            return held
        async with turns:
            return await _hand_over(work, row)

    outcomes = await asyncio.gather(*(one(row) for row in claimed))
    rows = [_settled(work, row, outcome) for row, outcome in zip(claimed, outcomes, strict=True)]
    refused = [row.id for row, outcome in zip(claimed, outcomes, strict=True) if row.means == "wechat" and outcome.state == "refused"]
    async with work.platform.database.tenant(work.client.id) as session:
        await repository.settle(session, {name: [row[name] for row in rows] for name in rows[0]})
        if refused:
            await repository.fall_back(session, refused, clock.now())


def _held(work: Round, row: Row, today: dict[bytes, int]) -> Outcome | None:
    """Why a notice does not leave now, if it does not. Counts against the person's day what does leave."""
    event = work.events.get(row.event)
    if event is None:
        return Outcome("refused", "plugin_off")
    if work.now - row.created_at > event.good_for and row.round == 1:
        return Outcome("refused", "expired")
    if row.opted_out:
        return Outcome("opted_out")
    if event.quiet and after_quiet_hours(work.now, work.rules) > work.now:
        return Outcome("quiet")
    if row.to_index and not event.necessary and not event.secret:
        person = bytes(row.to_index)
        if today.get(person, 0) >= work.rules.per_day:
            return Outcome("capped")
        today[person] = today.get(person, 0) + 1
    return None


async def _hand_over(work: Round, row: Row) -> Outcome:
    """Give one notice to its provider. Nothing secret or personal is ever in the reason."""
    event, words = work.events[row.event], work.words[row.event]
    number = f"N{row.id.hex}{row.round:02d}"
    front = f"{work.platform.settings.public_url}/h5/{work.client.code}"
    facts = {"client": work.client.name, "url": front} | row.facts
    try:
        if row.means == "wechat":
            return await _hand_to_wechat(work, row, event, words, number, facts, front)
        text = work.keys.open(row.body_sealed) if event.secret and row.body_sealed else fill(words.sms, facts)
        handed = await sms_wire.send(work.platform, number, work.keys.open(row.to_sealed), text)
    except CannotUnseal:
        return Outcome("refused", "expired")
    return Outcome(handed.state, handed.reason, handed.provider_id, text)


async def _hand_to_wechat(
    work: Round, row: Row, event: NoticeEvent, words: Words, number: str, facts: dict[str, str], front: str
) -> Outcome:
    if work.secrets is None or not row.openid or not words.template_id:
        return Outcome("refused", "no_wechat")
    fields = {name: fill(text, facts) for name, text in words.wechat.items()}
    url = front + event.link.format(bill_id=row.bill_id) if row.bill_id or "{" not in event.link else front
    message = TemplateMessage(row.openid, words.template_id, url, fields)
    handed: Handed = await wechat_wire.send(work.platform, work.account, work.secrets, number, message)
    return Outcome(handed.state, handed.reason, handed.provider_id, "\n".join(fields.values()))


def _settled(work: Round, row: Row, outcome: Outcome) -> dict[str, object]:
    """A notice after this attempt, as it is written down."""
    now, event = clock.now(), work.events.get(row.event)
    secret = event is not None and event.secret
    status, due_at, reason = "sent", now + ASK_AFTER, outcome.reason
    if outcome.state in HELD:
        status = HELD[outcome.state]
        due_at = after_quiet_hours(now, work.rules) if status == "quiet" else now
    elif outcome.state == "refused" or (outcome.state == "again" and row.attempts >= MAX_ATTEMPTS):
        status, due_at = "failed", now
        log.warning("notice_given_up", event_code=row.event, means=row.means, reason=outcome.reason)
    elif outcome.state == "again":
        status, due_at = "queued", now + dt.timedelta(seconds=min(3600, 5 * 2**row.attempts))
    ended = status in ("sent", "failed")
    body = None if secret or outcome.body is None or status != "sent" else work.keys.seal(outcome.body)
    return {
        "id": row.id,
        "status": status,
        "due_at": due_at,
        "sent_at": now if status == "sent" else None,
        "delivered_at": None,
        "reason": reason,
        "provider_id": outcome.provider_id,
        "body": body,
        "keep": secret and not ended,
    }


async def ask_what_arrived(platform: Platform, tenant_id: UUID) -> int:
    """Ask the gateway what became of texts it took; answers how many ended."""
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        asked = await repository.ask(session, now, BATCH)
        if not asked:
            return 0
        await repository.stop_asking(session, now - ASK_FOR)
    told = await sms_wire.reports(platform, [row.provider_id for row in asked if row.means == "sms" and row.provider_id])
    if not told:
        return 0
    return await write_down_arrivals(platform, tenant_id, told)


async def write_down_arrivals(platform: Platform, tenant_id: UUID, told: Sequence[tuple[str, str, str | None]]) -> int:
    """What providers said of their numbers; a WeChat message that did not arrive goes by SMS."""
    async with platform.database.tenant(tenant_id) as session:
        ended = await repository.arrived(session, told, clock.now())
        lost = [row.id for row in ended if row.means == "wechat" and row.status == "failed"]
        if lost:
            session.has_work = True
            await repository.fall_back(session, lost, clock.now())
    return len(ended)


async def is_known(platform: Platform, tenant_id: UUID, provider_id: str) -> bool:
    """Whether a provider's number is one of ours."""
    async with platform.database.tenant(tenant_id) as session:
        return await repository.is_known(session, provider_id)
