"""Template filters: money, dates, masks, states, QR codes."""

import datetime as dt
import io
import re

import segno
from jinja2 import Environment
from markupsafe import Markup

from core import clock, masking, money
from core.web import i18n, retold, statuses
from core.web.i18n import gettext, ngettext

MINUS = "\u2212"
_TERM, _MONTH = re.compile(r"(\d{4}-\d{4})-([12])"), re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def yuan(fen: int) -> str:
    """Fen as yuan, `1,234.50`."""
    return money.format_yuan(fen).replace("-", MINUS)


def in_yuan(fen: int) -> str:
    """Fen as yuan with its sign, `¥1,234.50`; a refund is `−¥1.00`."""
    return f"{MINUS if fen < 0 else ''}¥{money.format_yuan(abs(fen))}"


def date(value: dt.date | dt.datetime | str | None) -> str:
    """A day, `2026-09-01`; instants are shown in Shanghai."""
    if isinstance(value, dt.datetime):
        value = value.astimezone(clock.SHANGHAI).date()
    return value.isoformat() if isinstance(value, dt.date) else value or ""


def moment(value: dt.datetime | None, seconds: bool = False) -> str:
    """An instant in Shanghai, `2026-09-01 14:05`."""
    return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M") if value else ""


def ago(value: dt.datetime) -> str:
    """How long ago an instant was, roughly; older than a week is a date."""
    passed = int((clock.now() - value).total_seconds())
    if passed < 60:
        return gettext("刚刚")
    if passed < 3600:
        return ngettext("%(n)s 分钟前", "%(n)s 分钟前", passed // 60)
    if passed < 86400:
        return ngettext("%(n)s 小时前", "%(n)s 小时前", passed // 3600)
    if passed < 7 * 86400:
        return ngettext("%(n)s 天前", "%(n)s 天前", passed // 86400)
    return date(value)


def since(value: dt.datetime | dt.date) -> str:
    """How long something has waited: an instant as `ago` says it, a day as itself."""
    return ago(value) if isinstance(value, dt.datetime) else date(value)


def period(code: str) -> str:
    """What a bill is for, as people say it: `2026-2027-1` is a term of a school year, `2026-09` a month; other words stay as they are."""
    if term := _TERM.fullmatch(code):
        words = gettext("%(years)s 学年第一学期") if term[2] == "1" else gettext("%(years)s 学年第二学期")
        return words % {"years": term[1]}
    if month := _MONTH.fullmatch(code):
        return gettext("%(year)s 年 %(month)s 月", year=month[1], month=int(month[2]))
    return code


def number(value: int) -> str:
    """A count with separators, `8,000`."""
    return f"{value:,}"


def percent(part: int, whole: int) -> str:
    """A part of a whole with one decimal, rounded down so that 100.0% means all: `63.4%`."""
    tenths = part * 1000 // whole if whole else 0
    return f"{tenths // 10}.{tenths % 10}%"


def status_label(status: object, machine: str) -> str:
    """The word of a status."""
    return statuses.word_of(status, machine)[0]


def status_badge(status: object, machine: str) -> Markup:
    """The coloured badge of a status."""
    label, tone = statuses.word_of(status, machine)
    return Markup('<span class="by-badge by-{}">{}</span>').format(tone, label)


def qr(text: str) -> Markup:
    """A QR code as inline SVG, black on white in every theme."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=3, dark="#000", light="#fff", nl=False
    )
    return Markup(drawn.getvalue().decode())


def grouped(text: str, size: int = 4) -> str:
    """A long number in groups of four, as it is read aloud: `2026 0901 0000 0017`."""
    return " ".join(text[i : i + size] for i in range(0, len(text), size))


def install(environment: Environment) -> None:
    """Give a template environment all of these."""
    environment.filters |= {
        "yuan": yuan,
        "money": in_yuan,
        "capital": money.capital,
        "date": date,
        "datetime": moment,
        "ago": ago,
        "since": since,
        "period": period,
        "number": number,
        "percent": percent,
        "status_label": status_label,
        "status_badge": status_badge,
        "listed": i18n.listed,
        "retold": retold.retold,
        "qr": qr,
        "grouped": grouped,
        **{name: getattr(masking, name) for name in dir(masking) if name.startswith("mask_")},
    }
