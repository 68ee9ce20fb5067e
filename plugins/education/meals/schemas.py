"""Meal days at the door."""

from typing import Annotated
from uuid import UUID

import msgspec


class MealDays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On how many days a student ate."""

    student_no: Annotated[str, msgspec.Meta(max_length=40)]
    days: int


class MonthDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A month's meal days of some students; `month` is `2026-11`."""

    item_code: Annotated[str, msgspec.Meta(max_length=32)]
    month: Annotated[str, msgspec.Meta(max_length=7)]
    students: Annotated[tuple[MealDays, ...], msgspec.Meta(min_length=1, max_length=1000)]


class Fill(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same number of days for everybody of a part of the school who has none yet; `org_id` none: all within reach."""

    item_code: Annotated[str, msgspec.Meta(max_length=32)]
    month: Annotated[str, msgspec.Meta(max_length=7)]
    days: int
    org_id: UUID | None = None


class MealRow(msgspec.Struct, frozen=True, kw_only=True):
    """A student in a month: `days` none while nobody wrote them down, `paid` how far the item is paid, `billed` once a bill carries the days."""

    id: UUID
    student_no: str
    name: str
    place: str
    days: int | None
    paid: str
    billed: bool


class MealPage(msgspec.Struct, frozen=True):
    """Students at school by number, with the days of a month."""

    item_code: str
    month: str
    items: list[MealRow]
    next_cursor: str | None


class Written(msgspec.Struct, frozen=True):
    """How many students' days were new or changed."""

    written: int
