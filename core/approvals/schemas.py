"""Proposals as the checker and programs read them."""

import datetime as dt
from uuid import UUID

import msgspec


class Change(msgspec.Struct, frozen=True):
    """One thing that a proposal changes, in words."""

    what: str
    before: str
    after: str


class ApprovalRead(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal; `may_decide` says whether the asker may approve or reject it now, `mine` whether the asker made it."""

    id: UUID
    kind: str
    kind_title: str
    title: str
    subject_id: UUID
    amount_fen: int | None
    reason: str
    status: str
    made_by: str
    created_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    remark: str | None
    mine: bool
    may_decide: bool
    changes: list[Change]
    subject_path: str


class ApprovalPage(msgspec.Struct, frozen=True):
    """Proposals, the newest first."""

    items: list[ApprovalRead]
    next_cursor: str | None


class Remark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the checker writes beside a decision; required to reject."""

    remark: str = ""
