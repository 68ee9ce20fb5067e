"""The history of any object, told the same way everywhere: who, when, what, before and after in words.

A feature names its objects once (`register`), in its `histories.py`; a page adds the panel with one macro (`components/history.html`).
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

import msgspec

from core import paging
from core.database import Row, Session
from core.errors import NotFound
from core.identity import audit_words, repository
from core.identity.actor import Actor
from core.web.i18n import gettext

PAGE = 30
Key = tuple[str, str]
"""Under which kind and id of object the audit trail keeps entries: a bill's own, and those of proposals about it."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened; `changes` are (what, before, after)."""

    at: dt.datetime
    title: str
    by: str
    kind: str = ""
    reason: str = ""
    changes: Sequence[tuple[str, str, str]] = ()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An object within the asker's reach: where the trail keeps its entries, what other rows tell of it, its name, and its page below the house."""

    keys: Sequence[Key]
    title: str
    path: str
    told: Sequence[Entry] = ()
    names: Mapping[str, str] = {}


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of object that has a history: `find` raises NotFound for what is not there or out of reach."""

    code: str
    title: str
    permission: str
    find: Callable[[Session, Actor, str], Awaitable[Found]]
    side: str = "client"
    plugin: str = "core"


class Page(msgspec.Struct, frozen=True):
    """Entries, the newest first."""

    subject: Subject
    found: Found
    entries: Sequence[Entry]
    next_cursor: str | None


_subjects: dict[tuple[str, str], Subject] = {}


def register(*subjects: Subject) -> None:
    """Name objects that have a history; a subject stands on one side, or on `both`."""
    for subject in subjects:
        for side in ("client", "bank") if subject.side == "both" else (subject.side,):
            _subjects[side, subject.code] = subject


def subjects(side: str) -> list[Subject]:
    """Every kind of object with a history on one side."""
    return [subject for (where, _code), subject in _subjects.items() if where == side]


def id_of(text: str) -> UUID:
    """An object's id as addresses write it; NotFound for anything else."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound() from None


async def page(session: Session, by: Actor, side: str, code: str, object_id: str, cursor: str | None, names: Mapping[str, str]) -> Page:
    """One object's history for whoever may read the object; NotFound for everybody else's objects and unknown kinds."""
    subject = _subjects.get((side, code))
    if subject is None:
        raise NotFound()
    by.need(subject.permission)
    found = await subject.find(session, by, object_id)
    place = paging.read_cursor(cursor, tuple[dt.datetime, UUID])
    rows = await repository.list_audit_under(session, found.keys, place, PAGE + 1)
    shown, more = paging.cut(rows, PAGE, lambda row: paging.write_cursor(row.at, row.id))
    words = {**names, **found.names}
    entries = [_told(row, words) for row in shown]
    entries += [one for one in found.told if (place is None or one.at < place[0]) and (more is None or one.at >= shown[-1].at)]
    return Page(subject, found, sorted(entries, key=lambda one: one.at, reverse=True), more)


def _told(row: Row, names: Mapping[str, str]) -> Entry:
    return Entry(
        at=row.at, title=audit_words.word_about(row.action, row.object_type), by=row.actor_name, kind=row.actor_kind, reason=row.reason or "",
        changes=audit_words.changes(row.before, row.after, names, row.object_type),
    )  # fmt: skip


def kind_words() -> dict[str, str]:
    """Whose an entry is, where it is not a member of staff."""
    return {"bank": gettext("银行人员"), "api_key": gettext("接口密钥"), "system": gettext("系统"), "payer": gettext("缴费人")}
