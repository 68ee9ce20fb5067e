"""The words of each event: the product's own, and what a client put in their place; tried on a real bill before they are kept."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from core.database import Row, Session
from core.database.tables import encode_json
from core.identity import audit
from core.identity.actor import Actor
from core.masking import mask_name
from core.money import format_yuan
from core.notices import settings_repository as repository
from core.notices.errors import EventUnknown
from core.notices.events import NoticeEvent, Words
from core.notices.wording import check_words, fill, segments, units
from core.platform import Platform
from core.tenancy.directory import ClientProfile

LANGUAGES = ("zh", "en")


class TemplateRead(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one event and language in force; `own` says whether they are the client's."""

    event: str
    language: str
    title: str
    inbox: str
    sms: str
    wechat: dict[str, str]
    template_id: str
    own: bool
    version: int
    changed_by: str = ""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """Words filled in: with a bill's values, or the examples where there is none. `segments` is what the SMS is charged as."""

    bill: str
    title: str
    inbox: str
    sms: str
    sms_length: int
    segments: int
    wechat: dict[str, str]


def events_of(platform: Platform, client: ClientProfile) -> dict[str, NoticeEvent]:
    """The events that core and the client's plugins tell of, by code."""
    offered = platform.plugins.collect_all("register_notices")
    return {event.code: event for plugin, event in offered if plugin == "core" or client.has(plugin)}


def find_event(events: Mapping[str, NoticeEvent], code: str) -> NoticeEvent:
    """One event; EventUnknown where its plugin is off."""
    if code not in events:
        raise EventUnknown()
    return events[code]


def editable(event: NoticeEvent) -> bool:
    """Whether a client may have words of its own: not for codes, whose text is the same everywhere."""
    return not event.secret


async def words_of(session: Session, events: Mapping[str, NoticeEvent], language: str) -> dict[str, Words]:
    """The words in force for every event, in one language."""
    own = {row.event: msgspec.convert(row.words, Words) for row in await repository.list_templates(session) if row.language == language}
    return {code: own.get(code) or event.words.get(language) or event.words["zh"] for code, event in events.items()}


async def read(session: Session, event: NoticeEvent, language: str) -> TemplateRead:
    """What stands for one event and language."""
    if language not in LANGUAGES:
        raise EventUnknown()
    return _read(event, language, await repository.find_template(session, event.code, language))


async def list_all(session: Session, events: Mapping[str, NoticeEvent]) -> list[TemplateRead]:
    """Every event in every language."""
    own = {(row.event, row.language): row for row in await repository.list_templates(session)}
    return [_read(event, language, own.get((event.code, language))) for event in events.values() for language in LANGUAGES]


async def save(session: Session, event: NoticeEvent, language: str, words: Words, by: Actor) -> TemplateRead:
    """Put the client's own words in force; BadTemplate when they cannot be filled in."""
    if not editable(event):
        raise EventUnknown()
    before = await read(session, event, language)
    check_words(words, event.variables)
    await repository.save_template(session, event.code, language, encode_json(msgspec.to_builtins(words)), by.name)
    after = msgspec.to_builtins(words)
    told = {"title": before.title, "inbox": before.inbox, "sms": before.sms, "wechat": before.wechat}
    await audit.record(session, by, "notices.template.save", "notice_template", f"{event.code}:{language}", before=told, after=after)
    return await read(session, event, language)


async def reset(session: Session, event: NoticeEvent, language: str, by: Actor) -> TemplateRead:
    """Back to the product's words."""
    if await repository.delete_template(session, event.code, language):
        await audit.record(session, by, "notices.template.reset", "notice_template", f"{event.code}:{language}")
    return await read(session, event, language)


async def preview(
    session: Session, event: NoticeEvent, words: Words, client: ClientProfile, url: str, number: str, reach: list[UUID] | None
) -> Preview:
    """The words on a bill of a number (empty: the newest within reach), the examples where the event has other values."""
    check_words(words, event.variables)
    bill = await repository.find_bill(session, number.strip().upper() or None, reach) if "amount" in event.variables else None
    facts = {name: example for name, (_title, example) in event.variables.items()} | {"client": client.name, "url": url}
    if bill is not None:
        real = {
            "name": mask_name(bill.name), "title": bill.title, "number": bill.number, "due_on": bill.due_on.isoformat(),
            "amount": format_yuan(bill.open_fen or bill.amount_fen),
        }  # fmt: skip
        facts |= {name: value for name, value in real.items() if name in event.variables}
    sms = fill(words.sms, facts)
    return Preview(
        bill=bill.number if bill is not None else "",
        title=fill(words.title, facts),
        inbox=fill(words.inbox, facts),
        sms=sms,
        sms_length=units(sms),
        segments=segments(sms),
        wechat={name: fill(text, facts) for name, text in words.wechat.items()},
    )


def _read(event: NoticeEvent, language: str, row: Row | None) -> TemplateRead:
    words = event.words.get(language) or event.words["zh"]
    if row is not None:
        words = msgspec.convert(row.words, Words)
    return TemplateRead(
        event=event.code, language=language, title=words.title, inbox=words.inbox, sms=words.sms, wechat=words.wechat,
        template_id=words.template_id, own=row is not None, version=row.version if row is not None else 0,
        changed_by=row.changed_by if row is not None else "",
    )  # fmt: skip
