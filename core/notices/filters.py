"""Which notices are meant: the filters of the list, its API and its export, read from an address the same way."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import clock
from core.errors import InvalidRequest
from core.notices.states import NOTICE
from core.web.i18n import N_


class BadNoticeFilter(InvalidRequest):
    code = "BAD_FILTER"
    message = N_("查询条件“{value}”无效，请清除后重试")


class NoticeFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows the list; `run` is a publication or a reminder run, `status` a state or `waiting` for all that still leaves."""

    text: str = ""
    event: str = ""
    means: str = ""
    status: str = ""
    run: str = ""
    bill_id: UUID | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def read(values: Mapping[str, str]) -> NoticeFilter:
    """The filter that an address names; BadNoticeFilter when a value cannot be one."""
    status, means = _word(values, "status"), _word(values, "means")
    if status and status not in (*NOTICE.states, "waiting"):
        raise BadNoticeFilter(value=status[:40])
    if means and means not in ("inbox", "sms", "wechat"):
        raise BadNoticeFilter(value=means[:40])
    until = _day(values.get("until"))
    return NoticeFilter(
        text=_word(values, "q"),
        event=_word(values, "event"),
        means=means,
        status=status,
        run=_word(values, "run"),
        bill_id=_id(values.get("bill")),
        since=_day(values.get("since")),
        until=until + dt.timedelta(days=1) if until else None,
    )


def _word(values: Mapping[str, str], name: str) -> str:
    return " ".join(values.get(name, "").replace("\0", "").split())[:128]


def _id(value: str | None) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        raise BadNoticeFilter(value=value[:40]) from None


def _day(value: str | None) -> dt.datetime | None:
    try:
        return dt.datetime.combine(dt.date.fromisoformat(value), dt.time(), clock.SHANGHAI) if value else None
    except ValueError:
        raise BadNoticeFilter(value=value[:40]) from None
