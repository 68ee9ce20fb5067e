"""Plans at the door."""

import datetime as dt
from uuid import UUID

import msgspec


class InstalmentDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One instalment: until when, and how many percent of the bill (a number as text, e.g. `33.3`)."""

    due_on: dt.date
    percent: str


class PlanDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fee plan as its maker writes it; `org_ids` empty is the whole school."""

    code: str
    title: str
    term: str
    item_codes: tuple[str, ...]
    due_on: dt.date
    org_ids: tuple[UUID, ...] = ()
    instalments: tuple[InstalmentDraft, ...] = ()
    allow_partial: bool = True
    allow_merge: bool = True
    notice: str = ""
    publish_at: dt.datetime | None = None
