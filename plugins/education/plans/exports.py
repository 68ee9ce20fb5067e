"""A trial run as Excel: one line a student and item, so that a school can check it in its own way."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from core.database import Session
from core.hookspecs import Export
from core.web.i18n import N_, gettext
from plugins.education.plans import service, trial
from plugins.education.plans.errors import PlanNotFound

COLUMNS = (
    (N_("校区"), "text"),
    (N_("学部"), "text"),
    (N_("年级"), "text"),
    (N_("班级"), "text"),
    (N_("学号"), "text"),
    (N_("姓名"), "name"),
    (N_("收费项目"), "text"),
    (N_("标准单价"), "money"),
    (N_("应收"), "money"),
    (N_("减免"), "money"),
    (N_("应缴"), "money"),
    (N_("是否必缴"), "text"),
    (N_("说明"), "text"),
)


async def rows(session: Session, filters: dict[str, str], reach: list[UUID] | None) -> AsyncIterator[Sequence[object]]:
    """Every line of a plan's trial run within reach; students without a bill have one line that says why."""
    try:
        plan = await service.find(session, UUID(filters.get("plan", "")))
    except ValueError:
        raise PlanNotFound() from None
    priced = await service.try_out(session, plan, approved_only=plan.status in trial.AGREED)
    for bill in priced.bills:
        if reach is not None and priced.classes[bill.student_no] not in reach:
            continue
        who = (bill.campus, bill.division, bill.grade, bill.class_name, bill.student_no, bill.name)
        for line in bill.lines:
            given = "、".join(each.code for each in line.discounts)
            mandatory = gettext("是") if line.mandatory else gettext("否")
            yield (*who, line.item_name, line.unit_price_fen, line.amount_fen, line.discount_fen, line.net_fen, mandatory, given)
        if not bill.lines:
            why = gettext(trial.why_not(bill, priced)) % {"status": bill.status}
            yield (*who, "", None, None, None, None, "", why)


TRIAL_RUN = Export("education.trial", N_("收费批次试算"), service.READ, COLUMNS, rows)
