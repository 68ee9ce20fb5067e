"""Robots, authorisations, runs and store days at the door."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Platform = Literal["meituan", "eleme", "pdd"]


class StoreLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shop as its platform numbers it, and the store it is."""

    platform_store: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    store_code: Word


class RobotWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A robot as it is made or changed; an empty `secret` keeps the one that is there, and so does the `login` as it is shown."""

    name: Word
    platform: Platform
    way: Literal["site", "mailbox"]
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    login: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    secret: Annotated[str, msgspec.Meta(max_length=200)] = ""
    sender: Annotated[str, msgspec.Meta(max_length=100)] = ""
    hour: Annotated[int, msgspec.Meta(ge=0, le=23)] = 5
    stores: Annotated[list[StoreLink], msgspec.Meta(min_length=1, max_length=200)]


class DraftWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which days a robot is to be authorised."""

    valid_from: dt.date
    valid_to: dt.date


class RunRead(msgspec.Struct, frozen=True, kw_only=True):
    """A run: one robot, one day."""

    id: UUID
    robot_id: UUID
    robot: str
    platform: str
    way: str
    bill_on: dt.date
    status: str
    tries: int
    error: str | None
    told: str | None
    lines: int | None
    settle_fen: int | None
    next_at: dt.datetime | None
    finished_at: dt.datetime | None


class RunPage(msgspec.Struct, frozen=True):
    """A page of runs; the counts are of every run of the filter: `good` brought a file, `waiting` only a person ends, `dead` among them."""

    items: list[RunRead]
    next_cursor: str | None
    runs: int
    good: int
    dead: int
    waiting: int


class StoreDayRead(msgspec.Struct, frozen=True, kw_only=True):
    """One platform, store and day: both sides' counts and sums."""

    id: UUID
    platform: str
    store_id: UUID
    store: str
    store_code: str
    bill_on: dt.date
    shop_orders: int
    shop_fen: int
    till_orders: int
    till_fen: int
    differences: int
    status: str
    reason: str | None
    accepted_by: str | None
    checked_at: dt.datetime

    @property
    def gap_fen(self) -> int:
        """What the platform pays more than the tills have."""
        return self.shop_fen - self.till_fen


class StoreDayPage(msgspec.Struct, frozen=True):
    """A page of store days; the figures are of every day of the filter, `gap_fen` of those of which both sides have told."""

    items: list[StoreDayRead]
    next_cursor: str | None
    days: int
    different: int
    waiting: int
    shop_fen: int
    till_fen: int
    gap_fen: int


class Difference(msgspec.Struct, frozen=True):
    """An order that one side lacks or has with another amount."""

    order_no: str
    shop_fen: int | None
    till_fen: int | None


class DifferencePage(msgspec.Struct, frozen=True):
    """A page of differing orders."""

    items: list[Difference]
    next_cursor: str | None


class TillOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order as a store's till has it; fen."""

    platform: Platform
    store_code: Word
    bill_on: dt.date
    order_no: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    settle_fen: Annotated[int, msgspec.Meta(ge=-10**12, le=10**12)]


class TillOrders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Till orders as a store's system sends them; at most 5,000 at once."""

    orders: Annotated[list[TillOrder], msgspec.Meta(min_length=1, max_length=5000)]


class TillOrdersTaken(msgspec.Struct, frozen=True):
    """How many were new, changed and known already."""

    new: int
    changed: int
    unchanged: int
