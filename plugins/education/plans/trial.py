"""A trial run as people look at it: sums by item, campus and grade, single students' bills, and who gets no bill and why."""

from collections.abc import Callable
from uuid import UUID

import msgspec

from core import paging
from core.database import Row, Session
from core.identity.actor import Actor
from core.web.i18n import N_
from plugins.education.plans import service
from plugins.education.plans.errors import PlanNotFound
from plugins.education.pricing.bills import PricedBill
from plugins.education.pricing.rules import ENROLLED
from plugins.education.roster.lists import shown_name
from plugins.education.standards import pricing

AGREED = ("approved", "published", "closed")
"""From here on a plan's bills come from approved prices only; before, drafts count too."""
NOT_ENROLLED, ENTERS_LATER, NO_STANDARD = N_("学籍为“%(status)s”，不收费"), N_("学期结束后才入学"), N_("没有适用的收费标准")
NOTHING_USED, BILLED_ALREADY, NOT_IMPORTED = N_("没有待计费的用量"), N_("已由其他批次收取"), N_("不在导入的账单里")


class Group(msgspec.Struct, frozen=True):
    """What a part of the school comes to."""

    name: str
    students: int
    amount_fen: int
    discount_fen: int
    net_fen: int
    mandatory_fen: int


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A trial run within the asker's reach; `drafts` counts prices that nobody has approved, `imported` says that the school calculated it
    itself, `left_out` how many of its lines the plan does not cover."""

    totals: pricing.Totals
    by_item: list[tuple[str, str, list[int]]]
    by_campus: list[Group]
    by_grade: list[Group]
    unbilled: list[tuple[str, str, int]]
    drafts: int
    imported: bool
    left_out: int


class BillRow(msgspec.Struct, frozen=True, kw_only=True):
    """One student in a trial run; `why_not` says why there is no bill."""

    student_no: str
    name: str
    place: str
    student_type: str
    status: str
    lines: int
    amount_fen: int
    discount_fen: int
    net_fen: int
    mandatory_fen: int
    why_not: str


class BillPage(msgspec.Struct, frozen=True):
    """Students by number."""

    items: list[BillRow]
    next_cursor: str | None


class Run(msgspec.Struct, frozen=True):
    """A priced plan with what is needed to show it."""

    plan: Row
    priced: pricing.Priced


async def run(session: Session, plan_id: UUID, by: Actor) -> Run:
    """Price a plan now; only students within the asker's reach are in it."""
    held = await service.find(session, plan_id, by)
    priced = await service.try_out(session, held, approved_only=held.status in AGREED)
    reach = by.reach(service.READ)
    if reach is not None:
        mine = set(reach)
        priced = msgspec.structs.replace(priced, bills=[bill for bill in priced.bills if priced.classes[bill.student_no] in mine])
    return Run(held, priced)


def summed(found: Run) -> Trial:
    """The sums of a trial run."""
    totals = pricing.totals(found.priced)
    names = {item.code: item.name for item in found.priced.book.items}
    unbilled: dict[tuple[str, str], int] = {}
    for bill in found.priced.bills:
        if not bill.lines:
            reason = why_not(bill, found.priced)
            key = (reason, bill.status if reason == NOT_ENROLLED else "")
            unbilled[key] = unbilled.get(key, 0) + 1
    return Trial(
        totals=totals,
        by_item=[(code, names[code], sums) for code, sums in totals.by_item.items() if sums[0]],
        by_campus=_grouped(found, lambda bill: (bill.campus,)),
        by_grade=_grouped(found, lambda bill: (bill.campus, bill.division, bill.grade)),
        unbilled=[(reason, status, count) for (reason, status), count in sorted(unbilled.items())],
        drafts=found.priced.book.drafts,
        imported=found.priced.given is not None,
        left_out=found.priced.left_out,
    )


def why_not(bill: PricedBill, priced: pricing.Priced) -> str:
    """Why a student gets no bill: a sentence to be translated, with the status filled in by the page."""
    if priced.given is None and not priced.prices.items:
        return NOTHING_USED
    if bill.status != ENROLLED:
        return NOT_ENROLLED
    if bill.entry_date and bill.entry_date > priced.term.ends_on:
        return ENTERS_LATER
    if priced.given is not None and bill.student_no not in priced.given:
        return NOT_IMPORTED
    return BILLED_ALREADY if bill.student_no in priced.elsewhere else NO_STANDARD


def _grouped(found: Run, path_of: Callable[[PricedBill], tuple[str, ...]]) -> list[Group]:
    """Sums by part of the school, in the order of the tree."""
    sums: dict[tuple[str, ...], list[int]] = {}
    for bill in found.priced.billed:
        row = sums.setdefault(path_of(bill), [0, 0, 0, 0, 0])
        row[0] += 1
        for at, value in enumerate(_sums(bill), 1):
            row[at] += value
    place = {path: at for at, path in enumerate(found.priced.tree.paths.values())}
    in_order = sorted(sums, key=lambda path: [place.get(path[:depth], 0) for depth in range(1, len(path) + 1)])
    return [Group(" / ".join(path), *sums[path]) for path in in_order]


def _sums(bill: PricedBill) -> tuple[int, int, int, int]:
    return (
        sum(line.amount_fen for line in bill.lines),
        sum(line.discount_fen for line in bill.lines),
        bill.total_fen,
        bill.mandatory_total_fen,
    )


def rows(found: Run, by: Actor, *, words: str = "", only: str = "", cursor: str | None = None, limit: int = paging.PAGE) -> BillPage:
    """Students of a trial run by number; `only` is `unbilled`, `discounted` or empty."""
    last = paging.read_cursor(cursor, tuple[str])
    wanted = words.strip()
    chosen = [
        bill
        for bill in found.priced.bills
        if (not last or bill.student_no > last[0])
        and (not wanted or wanted in bill.name or bill.student_no.startswith(wanted))
        and (only != "unbilled" or not bill.lines)
        and (only != "discounted" or any(line.discount_fen for line in bill.lines))
    ]
    shown, more = paging.cut(chosen[: limit + 1], limit, lambda bill: paging.write_cursor(bill.student_no))
    return BillPage([_row(found, bill, by) for bill in shown], more)


def _row(found: Run, bill: PricedBill, by: Actor) -> BillRow:
    amount, discount, net, mandatory = _sums(bill)
    return BillRow(
        student_no=bill.student_no,
        name=shown_name(by, found.priced.classes[bill.student_no], bill.name),
        place=f"{bill.campus} / {bill.division} / {bill.grade} / {bill.class_name}",
        student_type=bill.student_type,
        status=bill.status,
        lines=len(bill.lines),
        amount_fen=amount,
        discount_fen=discount,
        net_fen=net,
        mandatory_fen=mandatory,
        why_not="" if bill.lines else why_not(bill, found.priced),
    )


def one(found: Run, student_no: str, by: Actor) -> tuple[BillRow, PricedBill, list[list[tuple[str, str]]]]:
    """One student's bill with the explanation of every line; not found outside the plan or the asker's reach."""
    bill = next((each for each in found.priced.bills if each.student_no == student_no), None)
    if bill is None:
        raise PlanNotFound("这个批次里没有这名学生")
    by_item = found.priced.standards_of(bill)
    told = [pricing.explain(line, by_item.get(line.item_code), found.priced)["explanation"] for line in bill.lines]
    return _row(found, bill, by), bill, told
