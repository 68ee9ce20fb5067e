"""The charts of the business board."""

from collections.abc import Sequence

from core.database import Row
from core.web.charts import Chart, Series, permille, shown
from core.web.i18n import gettext as _


def received(trend: Sequence[Row]) -> Chart:
    """What came in, day by day."""
    fens = [row.paid_fen for row in trend]
    says = _("还没有收款。")
    if any(fens):
        most = max(trend, key=lambda row: row.paid_fen)
        says = _(
            "%(days)s 天共收 %(count)s 笔、%(fen)s；最多的一天是 %(day)s，%(most)s。", days=len(trend),
            count=shown(sum(row.payments for row in trend), "number"), fen=shown(sum(fens), "money"), day=most.day, most=shown(most.paid_fen, "money"),
        )  # fmt: skip
    return Chart(
        code="received", title=_("每日收款"), kind="bar", measure="money", labels=[row.day.isoformat() for row in trend], says=says,
        series=[Series(name=_("收款"), values=fens)],
    )  # fmt: skip


def rate(trend: Sequence[Row]) -> Chart:
    """Collected of billed at the end of each day."""
    known = [row for row in trend if row.billed_fen]
    rates = [permille(row.collected_fen, row.billed_fen) for row in known]
    says = _("还没有账单。")
    if known:
        says = _(
            "收缴率从 %(first)s（%(from_day)s）到 %(last)s（%(to_day)s）。", first=shown(rates[0], "percent"), from_day=known[0].day,
            last=shown(rates[-1], "percent"), to_day=known[-1].day,
        )  # fmt: skip
    return Chart(
        code="rate", title=_("收缴率走势"), kind="line", measure="percent", labels=[row.day.isoformat() for row in known], says=says,
        hint=_("收缴率 = 已收 ÷ 应收，按每天结束时的累计"), series=[Series(name=_("收缴率"), values=rates)],
    )  # fmt: skip


def shares(lines: Sequence[tuple[str, int]]) -> Chart:
    """Which of them bring the money."""
    whole = sum(fen for _label, fen in lines)
    most = max(lines, key=lambda pair: pair[1], default=("", 0))
    return Chart(
        code="shares", title=_("收款占比"), kind="pie", measure="money", labels=[label for label, _fen in lines],
        says=_("%(name)s最多，占 %(share)s。", name=most[0], share=shown(permille(most[1], whole), "percent")) if whole else _("还没有收款。"),
        series=[Series(name=_("收款"), values=[fen for _label, fen in lines])],
    )  # fmt: skip
