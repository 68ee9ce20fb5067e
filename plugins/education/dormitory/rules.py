"""When a reading may be kept and when somebody has to look at the meter again. Pure."""

import datetime as dt
from decimal import Decimal

from msgspec import Struct

from plugins.education.dormitory.errors import DormWrong

ABNORMAL, CONFIRMED = "abnormal", "confirmed"
FAR_ABOVE = 3
"""A use of more than this many times the mean of the last three is looked at again (annex A, readings)."""
MOST = Decimal("9999999999.99")


class MeterState(Struct, frozen=True):
    """Where a meter stands: its last reading and the mean daily use of the last three (None before the first)."""

    last_on: dt.date
    last: Decimal
    daily: Decimal | None


def judge(state: MeterState, read_on: dt.date, value: Decimal, today: dt.date) -> str:
    """`confirmed`, or `abnormal` for a use far above the usual; DormWrong for what cannot be."""
    if read_on > today:
        raise DormWrong(field="read_on", fault="date_in_future", why="抄表日期在今天之后，请核对")
    if read_on <= state.last_on:
        raise DormWrong(field="read_on", fault="not_after_last", why=f"上次抄表是 {state.last_on}，本次须在其后；要改上次读数请先撤回它")
    if value < state.last:
        raise DormWrong(field="value", fault="below_last", why=f"本期读数小于上期 {state.last:f}，请核对；换过表请先停用旧表、登记新表")
    daily = (value - state.last) / (read_on - state.last_on).days
    return ABNORMAL if state.daily and daily > FAR_ABOVE * state.daily else CONFIRMED


def after(state: MeterState, read_on: dt.date, value: Decimal) -> MeterState:
    """Where the meter stands after a reading."""
    return MeterState(read_on, value, state.daily)
