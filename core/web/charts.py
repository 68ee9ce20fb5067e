"""A chart as pages show it: its figures once, for the picture, the table and the sentence alike.

Amounts are whole fen and shares whole tenths of a percent; only what is shown to people has a decimal point.
"""

from collections.abc import Sequence

import msgspec

from core.web.filters import in_yuan, number
from core.web.i18n import gettext as _

KINDS = ("line", "bar", "stack", "pie", "funnel")
MEASURES = ("money", "number", "percent")


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One line or colour of a chart: a value for each label (None: nothing known), each with the rows behind it."""

    name: str
    values: Sequence[int | None]
    hrefs: Sequence[str] = ()
    target: bool = False


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """`says` tells in one sentence, with figures, what the picture shows; `across` lays bars flat, for long names."""

    code: str
    title: str
    kind: str
    labels: Sequence[str]
    series: Sequence[Series]
    says: str
    measure: str = "number"
    unit: str = ""
    hint: str = ""
    across: bool = False

    def picture(self) -> dict[str, object]:
        """What the script in `static/chart.js` draws."""
        series = [{"name": row.name, "values": list(row.values), "target": row.target} for row in self.series]
        return {
            "kind": self.kind, "labels": list(self.labels), "series": series, "measure": self.measure, "unit": self.unit,
            "across": self.across, "title": self.title, "says": self.says,
        }  # fmt: skip

    @property
    def drawable(self) -> bool:
        """Whether there is anything to draw."""
        return any(value for row in self.series for value in row.values)

    def rows(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The table: each label with its values in words and their links."""
        made = []
        for place, label in enumerate(self.labels):
            cells = [(shown(row.values[place], self.measure), row.hrefs[place] if row.hrefs else "") for row in self.series]
            made.append((label, cells))
        return made


def shown(value: int | None, measure: str) -> str:
    """A value as people read it: `¥1,234.50`, `1,234`, `63.4%`."""
    if value is None:
        return "—"
    if measure == "money":
        return in_yuan(value)
    if measure == "percent":
        return f"{value // 10}.{value % 10}%"
    return number(value)


def permille(part: int, whole: int) -> int | None:
    """A share in tenths of a percent, rounded down so that 100.0% means all; None of nothing."""
    return part * 1000 // whole if whole else None


def told(labels: Sequence[str], values: Sequence[int | None], measure: str, most: int = 6) -> str:
    """Labels with their values as one enumeration, cut off after a few: `微信支付 63.4%，现金 36.6%`."""
    parts = [f"{label} {shown(value, measure)}" for label, value in zip(labels, values, strict=True) if value is not None]
    rest = len(parts) - most
    return _("，").join(parts[:most]) + (_("，等 %(n)s 项", n=len(parts)) if rest > 0 else "")
