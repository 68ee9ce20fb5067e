"""What people can be told of: an event, the words for it in each language, and how it is treated. Plugins offer further ones by hook."""

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec

from core.web.i18n import N_

KINDS = {"bills": N_("新账单"), "reminders": N_("到期与逾期提醒"), "money": N_("到账与退款")}
"""What a payer may leave out, by kind; an event of another kind is left out by its own title."""


class Words(msgspec.Struct, frozen=True):
    """An event's words in one language: `title` and `inbox` for the page, `sms` signed with the client's name, `wechat` by field name."""

    title: str
    inbox: str
    sms: str = ""
    wechat: dict[str, str] = {}
    template_id: str = ""


class NoticeEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something people are told of. `audience` is payer, staff or phone; `variables` are (title, example) by name.

    `quiet` ones wait for the morning; a `secret` one is wiped once sent; one older than `good_for` is not sent any more. A `necessary` one
    stays in the inbox whatever the payer left out, and the daily cap does not count it. `link` is where it leads below the payers' front page.
    """

    code: str
    title: str
    audience: str = "payer"
    kind: str = ""
    words: Mapping[str, Words]
    variables: Mapping[str, tuple[str, str]] = {}
    means: frozenset[str] = frozenset({"inbox", "sms", "wechat"})
    necessary: bool = False
    quiet: bool = True
    secret: bool = False
    good_for: dt.timedelta = dt.timedelta(days=2)
    link: str = ""


def by_code(offered: Iterable[NoticeEvent]) -> dict[str, NoticeEvent]:
    """Events by code."""
    return {event.code: event for event in offered}


def kinds_of(events: Iterable[NoticeEvent]) -> dict[str, tuple[str, bool]]:
    """The kinds that payers may leave out: their titles, and whether one stays in the inbox all the same."""
    found: dict[str, tuple[str, bool]] = {}
    for event in events:
        if event.audience == "payer" and event.kind and not event.secret:
            found[event.kind] = (KINDS.get(event.kind, event.title), event.necessary)
    return found
