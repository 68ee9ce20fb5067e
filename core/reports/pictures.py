"""The charts of collection as pictures: each with its sentence, and each figure with the rows behind it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from core.reports.charts import AGES, Age, Charts
from core.reports.schemas import CollectionReport
from core.web.charts import Chart, Series, permille, shown, told
from core.web.filters import status_label
from core.web.i18n import gettext as _

Kept = Mapping[str, str]
MOST_PLACES = 24


def _to(path: str, kept: Kept, **more: object) -> str:
    return f"{path}?{urlencode({**kept, **{name: value for name, value in more.items() if value}})}"


def progress(drawn: Charts, kept: Kept) -> Chart:
    """Collected against what has fallen due, day by day."""
    now = next((row for row in reversed(drawn.progress) if row.paid_fen is not None), None)
    if now is None:
        says = _("还没有账单。")
    else:
        paid, due = shown(now.paid_fen, "money"), shown(now.due_fen, "money")
        gap = now.paid_fen - now.due_fen
        gone = _("超前 %(fen)s", fen=shown(gap, "money")) if gap >= 0 else _("落后 %(fen)s", fen=shown(-gap, "money"))
        says = _("截至 %(day)s，到期应收 %(due)s，实收 %(paid)s，%(gone)s。", day=now.day, due=due, paid=paid, gone=gone)
    return Chart(
        code="progress", title=_("收缴进度"), kind="line", measure="money", labels=[row.day.isoformat() for row in drawn.progress], says=says,
        hint=_("到期应收 = 到期日在当天及以前的账单；实收 = 当天及以前入账到账单的缴费"),
        series=[
            Series(
                name=_("实收"), values=[row.paid_fen for row in drawn.progress],
                hrefs=[_to("/console/bills", kept, status="received") for _row in drawn.progress],
            ),
            Series(
                name=_("到期应收"), target=True, values=[row.due_fen for row in drawn.progress],
                hrefs=[_to("/console/bills", kept, status="live", due_to=row.day) for row in drawn.progress],
            ),
        ],
    )  # fmt: skip


def places(drawn: Charts, kept: Kept, level: str) -> Chart:
    """Paid and open by unit; the best and the last are told."""
    rows = drawn.places[:MOST_PLACES]
    rates = [(permille(row.paid_fen, row.billed_fen) or 0, row.label) for row in rows]
    says = _("没有分单位的账单。")
    if len(rates) > 1:
        best, last = max(rates), min(rates)
        says = _(
            "收缴率最高的是%(best)s（%(high)s），最低的是%(last)s（%(low)s）。",
            best=best[1], high=shown(best[0], "percent"), last=last[1], low=shown(last[0], "percent"),
        )  # fmt: skip
    elif rates:
        says = _("%(name)s的收缴率是 %(rate)s。", name=rates[0][1], rate=shown(rates[0][0], "percent"))

    def hrefs(status: str) -> list[str]:
        return [_to("/console/bills", kept, status=status, org=row.key) if row.key else "" for row in rows]

    return Chart(
        code="places", title=_("按%(level)s的实收与欠费", level=level), kind="stack", across=True, measure="money", labels=[row.label for row in rows],
        says=says,
        hint=_("只画前 %(n)s 个，全部见收缴统计", n=MOST_PLACES) if len(drawn.places) > MOST_PLACES else "",
        series=[
            Series(name=_("实收"), values=[row.paid_fen for row in rows], hrefs=hrefs("received")),
            Series(name=_("欠费"), values=[row.open_fen for row in rows], hrefs=hrefs("open")),
        ],
    )  # fmt: skip


def collected(report: CollectionReport) -> Chart:
    """The rows of the collection report as bars; the table with every figure stands above it."""
    rows = report.rows[:MOST_PLACES]
    whole = report.total
    rate = permille(whole.paid_fen, whole.gross_fen - whole.discount_fen)
    return Chart(
        code="collected", title=_("实收与欠费"), kind="stack", across=True, measure="money", labels=[row.label for row in rows],
        says=_(
            "实收 %(paid)s，欠费 %(open)s，收缴率 %(rate)s。", paid=shown(whole.paid_fen, "money"), open=shown(whole.open_fen, "money"),
            rate=shown(rate, "percent"),
        ),
        series=[Series(name=_("实收"), values=[row.paid_fen for row in rows]), Series(name=_("欠费"), values=[row.open_fen for row in rows])],
    )  # fmt: skip


def channels(drawn: Charts) -> Chart:
    """Where the money came from."""
    names = [status_label(channel, "channel") for channel, _fen in drawn.channels]
    hrefs = [f"/console/payments?channel={channel}" for channel, _fen in drawn.channels]
    whole = sum(fen for _channel, fen in drawn.channels)
    says = told(names, [permille(fen, whole) for _channel, fen in drawn.channels], "percent")
    return Chart(
        code="channels", title=_("渠道占比"), kind="pie", measure="money", labels=names, hint=_("入账到账单的金额，按支付渠道"),
        says=_("共 %(fen)s：%(parts)s。", fen=shown(whole, "money"), parts=says) if whole else _("还没有收款。"),
        series=[Series(name=_("实收"), values=[fen for _channel, fen in drawn.channels], hrefs=hrefs)],
    )  # fmt: skip


def ages(drawn: Charts, kept: Kept) -> Chart:
    """What is unpaid, by how long it has been due."""
    labels = [_("未到期")]
    for young, old in AGES:
        labels.append(_("逾期 %(young)s–%(old)s 天", young=young, old=old) if old else _("逾期 %(young)s 天以上", young=young))
    late = [age for age in drawn.ages if age.late]
    says = _(
        "欠费 %(open)s，其中已逾期 %(late)s（%(bills)s 张）。", open=shown(sum(age.fen for age in drawn.ages), "money"),
        late=shown(sum(age.fen for age in late), "money"), bills=sum(age.bills for age in late),
    )  # fmt: skip

    def href(age: Age) -> str:
        return _to("/console/bills", kept, status="open", due_from=age.first, due_to=age.last) if age.bills else ""

    return Chart(
        code="unpaid-ages", title=_("欠费账龄"), kind="bar", measure="money", labels=labels,
        says=says if any(age.bills for age in drawn.ages) else _("没有欠费。"),
        series=[Series(name=_("欠费"), values=[age.fen for age in drawn.ages], hrefs=[href(age) for age in drawn.ages])],
    )  # fmt: skip


def funnel(drawn: Charts, kept: Kept) -> Chart:
    """From the bill sent out to the bill paid in full."""
    found = drawn.funnel
    says = _(
        "发出 %(issued)s 张，缴费人看过 %(seen)s 张（%(share)s），缴清 %(cleared)s 张（%(rate)s）。", issued=shown(found.issued, "number"),
        seen=shown(found.seen, "number"), cleared=shown(found.cleared, "number"), share=shown(permille(found.seen, found.issued), "percent"),
        rate=shown(permille(found.cleared, found.issued), "percent"),
    )  # fmt: skip
    return Chart(
        code="funnel", title=_("从通知到缴清"), kind="funnel", labels=[_("已发出"), _("已看到"), _("已缴清")], unit=_("张"),
        says=says if found.issued else _("还没有账单。"), hint=_("已看到 = 缴费人在手机上打开过，或已缴过一部分"),
        series=[
            Series(
                name=_("账单"), values=[found.issued, found.seen, found.cleared],
                hrefs=[_to("/console/bills", kept, status="live"), "", _to("/console/bills", kept, status="paid")],
            )
        ],
    )  # fmt: skip
