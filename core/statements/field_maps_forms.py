"""The form of a field map: what was typed becomes a layout, and a layout fills the form again."""

import re
from collections.abc import Mapping

import msgspec

from core.statements import layouts
from core.statements.layouts import CHANNELS, PLACES, Layout
from core.statements.states import SIDES
from core.web.i18n import gettext as _

_APART = re.compile(r"[、，,\n\r;；]+")
_LISTS = ("kind_pay", "kind_refund", "kind_other", "status_counts")
_COUNTS = ("header_row", "first_row", "footer_rows")
_CHOICES = ("format", "encoding", "delimiter", "amount_unit", "amount_sign", "fee_sign", "time_format", "total_of")
_TEXTS = ("sheet", "comment", "total_mark", *(name for name, _words in PLACES))
LONGEST = 200


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What a person typed, as far as it could be read, and what is wrong with it by field."""

    title: str
    side: str
    channel: str
    layout: Layout
    errors: dict[str, str]


def read(form: Mapping[str, object], before: Layout) -> Typed:
    """The form as a layout; a value that cannot be keeps what was there before, with its error beside the field."""
    typed = {name: str(value) for name, value in form.items()}
    errors: dict[str, str] = {}
    values: dict[str, object] = {name: typed.get(name, "").strip()[:LONGEST] for name in _TEXTS}
    values |= {name: tuple(_words(typed.get(name, ""))) for name in _LISTS}
    values |= {name: typed.get(name, getattr(before, name)) for name in _CHOICES}
    if values["delimiter"] == "tab":
        values["delimiter"] = "\t"
    values["quoted"] = typed.get("quoted") == "1"
    for name in _COUNTS:
        number = typed.get(name, "0").strip() or "0"
        if number.isascii() and number.isdigit() and len(number) < 6:
            values[name] = int(number)
        else:
            values[name], errors[name] = getattr(before, name), _("请填写数字")
    values["channel_values"] = _pairs(typed.get("channel_values", ""), errors)
    try:
        layout = msgspec.convert(values, Layout)
    except msgspec.ValidationError:
        layout, errors["format"] = before, _("请选择列出的选项")
    side, channel, title = typed.get("side", ""), typed.get("fixed_channel", ""), typed.get("title", "").strip()
    if side not in SIDES:
        side, errors["side"] = SIDES[0], _("请选择列出的选项")
    if channel and channel not in CHANNELS:
        channel, errors["fixed_channel"] = "", _("请选择列出的选项")
    if not 1 <= len(title) <= 60:
        errors["title"] = _("请填写 1–60 字的名称")
    wrong = {name: _(what) for name, what in layouts.problems(layout, channel).items()}
    return Typed(title=title, side=side, channel=channel, layout=layout, errors=wrong | errors)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in _APART.split(text[:2000]) if word.strip()))


def _pairs(text: str, errors: dict[str, str]) -> dict[str, str]:
    """`微信=wechatpay`, one a line."""
    found = {}
    for part in _words(text):
        told, _sign, code = part.replace("＝", "=").rpartition("=")
        if not told.strip() or code.strip() not in CHANNELS:
            errors["channel_values"] = _("每行写成“微信=wechatpay”，等号后是列出的渠道代码")
            continue
        found[told.strip()] = code.strip()
    return found
