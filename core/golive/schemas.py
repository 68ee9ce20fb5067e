"""The way of a client as pages and programs read it."""

import datetime as dt
from uuid import UUID

import msgspec

from core.golive.steps import Evidence


class TrialDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day that the cent moved on: `number` is told in the channel's file or not yet; `status` is that of the day's reconciliation."""

    day: dt.date
    number: str
    kind: str
    file_there: bool
    told: bool
    differs: bool
    status: str
    over: bool

    @property
    def agrees(self) -> bool:
        """Whether the channel's file told of it and the day was compared without a difference about it."""
        return self.told and not self.differs and self.status in ("balanced", "diff_open", "closed")


class TrialRead(msgspec.Struct, frozen=True, kw_only=True):
    """A test bill of one cent and what became of it; `stage` is `unpaid`, `paid`, `refunding`, `refunded` or `reconciled`."""

    id: UUID
    position: int
    stage: str
    bill_id: UUID
    bill_number: str
    pay_code: str
    amount_fen: int
    merchant_name: str
    made_by: str
    created_at: dt.datetime
    channel: str
    order_number: str
    order_status: str
    paid_at: dt.datetime | None
    refund_id: UUID | None
    refund_number: str
    refund_status: str
    refunded_at: dt.datetime | None
    days: list[TrialDay]


class StepRead(msgspec.Struct, frozen=True, kw_only=True):
    """One step: how it stands, what is missing in one sentence, who owes it, until when, what proves it, where it is done."""

    code: str
    title: str
    hint: str
    state: str
    missing: str
    waiting_for: str
    owner: str
    owner_id: str
    owner_name: str
    note: str
    due_on: dt.date
    overdue: bool
    needed: bool
    evidence: list[Evidence]
    task: str
    path: str
    bank_path: str
    permission: str
    after: list[str]


class WayRead(msgspec.Struct, frozen=True, kw_only=True):
    """The whole way; `status` is `early`, `under_way`, `ready` or `live`. `current` is the step that is next, empty when all are done."""

    status: str
    started_on: dt.date
    due_on: dt.date
    done: int
    total: int
    late: int
    current: str
    live_at: dt.datetime | None
    live_by: str
    steps: list[StepRead]

    @property
    def lacking(self) -> list[StepRead]:
        """Steps that stand between the client and going live."""
        return [step for step in self.steps if step.needed and step.state != "done"]


class StepPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who takes a step on, until when, and a note. `owner`: `client`, `bank`, `channel`, or a person's id."""

    owner: str
    due_on: dt.date | None = None
    note: str = ""


class TrialCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which merchant the cent is paid; the first that can be paid where none is named."""

    merchant_id: UUID | None = None


class ProgressRead(msgspec.Struct, frozen=True, kw_only=True):
    """How far a client of the branch is: sums and states, no person but who owes the next step; `lacking` are the steps that are not done."""

    client_id: UUID
    code: str
    name: str
    branch: str
    status: str
    done: int
    total: int
    current: str
    current_title: str
    lacking: list[str]
    waiting_for: str
    owner_name: str
    due_on: dt.date | None
    overdue: bool
    started_on: dt.date
    live_at: dt.datetime | None
    trial_done: bool
    written_at: dt.datetime


class ProgressPage(msgspec.Struct, frozen=True, kw_only=True):
    """Clients by code."""

    items: list[ProgressRead]
    next_cursor: str | None = None
