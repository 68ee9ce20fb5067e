"""Plans at the door."""

import datetime as dt
from uuid import UUID

import msgspec


class InstalmentDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One instalment: until when, and how many percent of the bill (a number as text, e.g. `33.3`)."""

    due_on: dt.date
    percent: str


class PlanDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fee plan as its maker writes it; `org_ids` empty is the whole school. Items that are charged by use take what was read or eaten up to
    `usage_until` (none: all of it) and is on no bill yet."""

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
    usage_until: dt.date | None = None


class PlanRead(msgspec.Struct, frozen=True, kw_only=True):
    """A plan with where it stands."""

    id: UUID
    code: str
    title: str
    term: str
    item_codes: list[str]
    org_ids: list[UUID]
    due_on: dt.date
    usage_until: dt.date | None
    instalments: list[InstalmentDraft]
    allow_partial: bool
    allow_merge: bool
    notice: str
    publish_at: dt.datetime | None
    status: str
    made_by: str
    approved_by: str | None
    published_at: dt.datetime | None
    job_id: UUID | None
    version: int


class PlanPage(msgspec.Struct, frozen=True):
    """Plans, the newest first."""

    items: list[PlanRead]
    next_cursor: str | None


class PlanProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a plan is collected; amounts in fen."""

    bills: int
    paid: int
    amount_fen: int
    paid_fen: int


class Started(msgspec.Struct, frozen=True):
    """The job that does it; none when it was done without one."""

    job_id: UUID | None


class Recalled(msgspec.Struct, frozen=True):
    """How many bills a recall made void, and how many stay because money came or is on its way."""

    void: int
    kept: int


class ImportedSums(msgspec.Struct, frozen=True):
    """What a plan holds of imported bills; amounts in fen. Without lines the plan is priced by standards."""

    lines: int
    students: int
    amount_fen: int
    discount_fen: int


class Cleared(msgspec.Struct, frozen=True):
    """How many lines were taken out."""

    lines: int
