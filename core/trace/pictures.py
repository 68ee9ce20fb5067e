"""The charts of reconciliation as pictures: the same figures as the tables beside them, each told in one sentence."""

import datetime as dt
from collections.abc import Sequence

from core.trace.charts import Charts
from core.web.charts import Chart, Series, permille, shown, told
from core.web.filters import status_label
from core.web.i18n import gettext as _


def ages(drawn: Charts, labels: Sequence[str]) -> Chart:
    """Open differences: each age a bar, each class a colour."""
    counts = [sum(row.ages[place].count for row in drawn.ages) for place in range(len(labels))]
    fen = sum(row.total.fen for row in drawn.ages)
    says = _("%(n)s 条差异未处理，共 %(fen)s：%(parts)s", n=sum(counts), fen=shown(fen, "money"), parts=told(labels, [n or None for n in counts], "number"))
    return Chart(
        code="ages", title=_("未处理的差异：按账龄和类别"), kind="stack", labels=labels, unit=_("条"), hint=_("从首次发现之日算起；等次日文件的不算"),
        says=says if sum(counts) else _("没有未处理的差异。"),
        series=[Series(name=f"{row.klass} {status_label(row.klass, 'difference_class')}", values=[n.count for n in row.ages]) for row in drawn.ages],
    )  # fmt: skip


def closings(drawn: Charts) -> Chart:
    """How many hours each closed day took."""
    closed = [row for row in drawn.closings if row.hours is not None]
    hours = [row.hours for row in closed]
    waiting = len(drawn.closings) - len(closed)
    if hours:
        longest = max(closed, key=lambda row: row.hours)
        says = _(
            "%(closed)s 天已关账，一半在 %(half)s 小时内，最长 %(most)s 小时（%(day)s）；%(waiting)s 天还没有关。",
            closed=len(closed), half=sorted(hours)[(len(hours) - 1) // 2], most=longest.hours, day=longest.day, waiting=waiting,
        )  # fmt: skip
    else:
        says = _("%(waiting)s 天还没有关账。", waiting=waiting)
    return Chart(
        code="closings", title=_("关账用时"), kind="bar", labels=[row.day.isoformat() for row in closed], unit=_("小时"),
        hint=_("从账单日结束到关账的小时数"), says=says, series=[Series(name=_("小时"), values=hours)],
    )  # fmt: skip


def rates(drawn: Charts) -> Chart:
    """The share of each channel's lines that agreed, by day."""
    days = sorted({row.day for row in drawn.rates})
    found = {(row.day, row.channel): permille(row.matched, row.lines) for row in drawn.rates}
    names = [status_label(channel, "channel") for channel in drawn.channels]
    whole = [_share(drawn, channel) for channel in drawn.channels]
    return Chart(
        code="rates", title=_("平账率"), kind="line", labels=[day.isoformat() for day in days], measure="percent",
        hint=_("渠道文件里与其余各方完全一致的行 ÷ 文件行数"),
        says=_("这段时间的平账率：%(parts)s。", parts=told(names, whole, "percent")) if days else _("这段时间没有对账。"),
        series=[
            Series(name=name, values=[found.get((day, channel)) for day in days]) for name, channel in zip(names, drawn.channels, strict=True)
        ],
    )  # fmt: skip


def _share(drawn: Charts, channel: str) -> int | None:
    mine = [row for row in drawn.rates if row.channel == channel]
    return permille(sum(row.matched for row in mine), sum(row.lines for row in mine))


def leaks(drawn: Charts) -> Chart:
    """What channels charged beyond the contract, by day."""
    days: list[dt.date] = sorted({row.day for row in drawn.leaks})
    sums = [sum(row.leak_fen for row in drawn.leaks if row.day == day) for day in days]
    says = _(
        "%(n)s 笔手续费与合同不一致，多扣 %(fen)s，其中 %(open)s 笔未处理。", n=sum(row.count for row in drawn.leaks), fen=shown(sum(sums), "money"),
        open=sum(row.open for row in drawn.leaks),
    )  # fmt: skip
    return Chart(
        code="leaks", title=_("手续费多扣"), kind="bar", labels=[day.isoformat() for day in days], measure="money",
        hint=_("渠道实扣 − 按合同费率逐笔计算；负数是少扣"), says=says if days else _("手续费与合同一致。"), series=[Series(name=_("多扣"), values=sums)],
    )  # fmt: skip
