"""What a fee plan must say before it is kept: who pays what until when, in words that name the field to mend."""

import datetime as dt
import re
from collections.abc import Collection, Sequence
from decimal import Decimal, InvalidOperation

from core import money
from core.errors import InvalidRequest
from plugins.education.plans.errors import BeyondTheYear, PlanInvalid
from plugins.education.plans.schemas import InstalmentDraft, PlanDraft
from plugins.education.pricing.rules import Term

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
MOST_INSTALMENTS = 6
ENROLMENT_OPENS = 6
"""From June on, enrolment for the coming school year is open."""


def check(draft: PlanDraft, term: Term, known_items: Collection[str], today: dt.date) -> None:
    """Never pre-collected across school years (§3.6); instalments add up and end on the due date."""
    if not _CODE.fullmatch(draft.code.strip()):
        raise PlanInvalid(field="code", why="批次编码用字母、数字、点、横线，最多 32 位，例如 2026Q1")
    if not 1 <= len(draft.title.strip()) <= 60:
        raise PlanInvalid(field="title", why="请填写 1–60 个字的名称，家长在账单上看到的就是它")
    if len(draft.notice) > 500:
        raise PlanInvalid(field="notice", why="缴费说明最多 500 个字")
    if term.starts_on > _end_of_year(today):
        raise BeyondTheYear(term=term.code)
    if not draft.item_codes:
        raise PlanInvalid(field="item_codes", why="请至少选择一个收费项目")
    if unknown := [code for code in draft.item_codes if code not in known_items]:
        raise PlanInvalid(field="item_codes", why=f"没有收费项目 {'、'.join(unknown)[:60]}")
    if draft.due_on < today:
        raise PlanInvalid(field="due_on", why="截止日已经过去，请改为今天或以后")
    _check_instalments(draft.instalments, draft.due_on)


def _end_of_year(today: dt.date) -> dt.date:
    return dt.date(today.year + (today.month >= ENROLMENT_OPENS), 8, 31)


def _check_instalments(instalments: Sequence[InstalmentDraft], due_on: dt.date) -> None:
    if not instalments:
        return
    if len(instalments) > MOST_INSTALMENTS:
        raise PlanInvalid(field="instalments", why=f"最多分 {MOST_INSTALMENTS} 期")
    days = [each.due_on for each in instalments]
    if days != sorted(set(days)) or days[-1] != due_on:
        raise PlanInvalid(field="instalments", why="分期的截止日应依次递增，最后一期的截止日即批次截止日")
    try:
        money.instalments(10_000, [Decimal(each.percent) for each in instalments])
    except InvalidOperation:
        raise PlanInvalid(field="instalments", why="分期比例应为数字，例如 50/30/20") from None
    except InvalidRequest as fault:
        raise PlanInvalid(field="instalments", why=fault.message) from None


def equal_parts(count: int) -> tuple[str, ...]:
    """Percentages of equal instalments, fine enough that every bill is cut as by `money.equal_instalments`."""
    part = (Decimal(100) / count).quantize(Decimal("1e-16"))
    return (*(str(part),) * (count - 1), str(100 - part * (count - 1)))
