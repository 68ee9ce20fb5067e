"""From the tables to prices: who is billed for a term, on which book of prices, with every line explained."""

import asyncio
import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from core.database import Row, Session
from core.money import format_yuan
from core.web.i18n import N_
from plugins.education.organisation import service as organisation
from plugins.education.organisation.service import SchoolTree
from plugins.education.pricing import usage as pricing_usage
from plugins.education.pricing.bills import GivenLine, PricedBill, PricedLine, price, take_given
from plugins.education.pricing.rules import BillableStudent, FeeItem, FeeStandard, Term
from plugins.education.pricing.standards import PriceList
from plugins.education.roster import repository as roster
from plugins.education.standards import repository
from plugins.education.standards import service as standards
from plugins.education.standards.service import PriceBook
from plugins.education.usage import service as usage
from plugins.education.usage.service import Waiting

GIVEN = N_("学校核定")
"""What a line is that no standard priced."""


class Priced(msgspec.Struct, frozen=True):
    """A trial run: every student's bill (those without a line too), the ids behind the numbers, and the term, tree, book and list that priced it;
    `used` is what was charged by use, `elsewhere` what is left out because another plan's bill charges it, by student number; `given` are
    the students whose lines the school calculated itself, where it did, and `left_out` how many of these lines the plan does not cover."""

    bills: list[PricedBill]
    ids: dict[str, UUID]
    classes: dict[str, UUID]
    term: Term
    tree: SchoolTree
    book: PriceBook
    prices: PriceList
    used: pricing_usage.ByStudent
    elsewhere: dict[str, set[str]]
    given: frozenset[str] | None = None
    left_out: int = 0

    def standards_of(self, bill: PricedBill) -> dict[str, FeeStandard]:
        """The standards that priced a bill's lines, by item; none where the school calculated them itself."""
        if self.given is not None:
            return {}
        used = self.used.get(bill.student_no, {})
        return self.prices.chosen_for(bill) | {code: each.standard for code, each in used.items()}

    @property
    def billed(self) -> list[PricedBill]:
        """The students who get a bill."""
        return [bill for bill in self.bills if bill.lines]


class Totals(msgspec.Struct, frozen=True):
    """What a trial run comes to. `digest` is the same only for exactly the same bills."""

    students: int
    lines: int
    amount_fen: int
    discount_fen: int
    net_fen: int
    mandatory_fen: int
    by_item: dict[str, list[int]]
    digest: str


async def trial(
    session: Session,
    term: Term,
    item_codes: Collection[str] | None = None,
    org_ids: Collection[UUID] | None = None,
    approved_only: bool = False,
    usage_until: dt.date | None = None,
    with_usage: bool = True,
    source: str | None = None,
    published: UUID | None = None,
    given: Sequence[Row] = (),
) -> Priced:
    """Price a term's bills without issuing any. None means every item, every class; and all that was used and is not billed yet.

    `with_usage` false leaves out the items that are charged by use. With the `source` of a plan, what other plans' bills charge already is left
    out: a year's item of that year, a thing that is paid once (a term's may come twice: a school collects in parts). `published` is the plan
    that billed what was used, to show it again. `given` are the lines that the school calculated itself (`imported_line`): with any, they are
    the bills, and no price counts.
    """
    tree = await organisation.load(session)
    book = await standards.load(session, approved_only=approved_only, item_codes=item_codes)
    rows = await roster.list_all(session)
    items = [item for item in book.items if item_codes is None or item.code in item_codes]
    billed = await charged_elsewhere(session, items, term, source) if source else set()
    if given:
        book = msgspec.structs.replace(book, drafts=0)
        return await asyncio.to_thread(_taken, rows, tree, book, term, items, org_ids, given, billed)
    campuses = {unit_id: path[0] for unit_id, path in tree.paths.items() if len(path) == 1}
    waiting = await usage.waiting(session, items, campuses, usage_until, published) if with_usage else Waiting()
    return await asyncio.to_thread(_priced, rows, tree, book, term, items, org_ids, waiting, billed)


async def charged_elsewhere(session: Session, items: Sequence[FeeItem], term: Term, source: str) -> set[tuple[UUID, str]]:
    """Who is charged for what by another plan's bill: student and item."""
    year = [f"{term.code[:-1]}{half}" for half in (1, 2)]
    spans = {"year": year, "once": None}
    found: set[tuple[UUID, str]] = set()
    for period, terms in spans.items():
        codes = [item.code for item in items if item.period == period]
        if codes:
            found |= await repository.list_charged(session, codes, terms, source)
    return found


def _priced(
    rows: Sequence[Row], tree: SchoolTree, book: PriceBook, term: Term, items: Sequence[FeeItem], org_ids: Collection[UUID] | None, waiting: Waiting,
    charged: Collection[tuple[UUID, str]],
) -> Priced:
    everyone, chosen = _students(rows, tree, org_ids)
    students = {student.student_no: student for student in chosen}
    used = pricing_usage.charge(waiting.meters, waiting.meals, items, book.standards, students)
    once = [item for item in items if not item.metered]
    prices = PriceList(once, book.standards, term.starts_on)
    elsewhere = _by_number(rows, charged)
    bills = price(chosen, once, book.standards, book.discounts, term, everyone.values(), prices, used, elsewhere)
    ids, classes = {row.student_no: row.id for row in rows}, {row.student_no: row.class_id for row in rows}
    return Priced(bills, ids, classes, term, tree, book, prices, used, elsewhere)


def _taken(
    rows: Sequence[Row], tree: SchoolTree, book: PriceBook, term: Term, items: Sequence[FeeItem], org_ids: Collection[UUID] | None,
    given: Sequence[Row], charged: Collection[tuple[UUID, str]],
) -> Priced:
    everyone, chosen = _students(rows, tree, org_ids)
    lines: dict[str, list[GivenLine]] = {}
    covered, codes = {student.student_no for student in chosen}, {item.code for item in items}
    left_out = sum(row.student_no not in covered or row.item_code not in codes for row in given)
    for row in given:
        lines.setdefault(row.student_no, []).append(GivenLine(row.item_code, row.amount_fen, row.discount_fen, row.reason))
    elsewhere = _by_number(rows, charged)
    bills = take_given(chosen, items, lines, everyone.values(), elsewhere)
    ids, classes = {row.student_no: row.id for row in rows}, {row.student_no: row.class_id for row in rows}
    return Priced(bills, ids, classes, term, tree, book, PriceList([], [], term.starts_on), {}, elsewhere, frozenset(lines), left_out)


def _students(
    rows: Sequence[Row], tree: SchoolTree, org_ids: Collection[UUID] | None
) -> tuple[dict[str, BillableStudent], list[BillableStudent]]:
    everyone = {row.student_no: _student(row, tree) for row in rows}
    return everyone, [everyone[row.student_no] for row in sorted(rows, key=lambda r: r.student_no) if org_ids is None or row.class_id in org_ids]


def _by_number(rows: Sequence[Row], charged: Collection[tuple[UUID, str]]) -> dict[str, set[str]]:
    numbers = {row.id: row.student_no for row in rows}
    found: dict[str, set[str]] = {}
    for student_id, code in charged:
        if student_id in numbers:
            found.setdefault(numbers[student_id], set()).add(code)
    return found


def _student(row: Row, tree: SchoolTree) -> BillableStudent:
    campus, division, grade, class_name = tree.place(row.class_id)
    family = row.family_index.hex() if row.family_index else None
    return BillableStudent(row.student_no, row.name, campus, division, grade, class_name, row.boarding, row.student_type, row.status, row.entry_on, family)


def totals(priced: Priced) -> Totals:
    """Sums of a trial run, by item too (lines, amount, discount, net), and the fingerprint that an approval freezes."""
    by_item: dict[str, list[int]] = {item.code: [0, 0, 0, 0] for item in priced.book.items}
    digest = hashlib.sha256()
    for bill in priced.billed:
        for line in bill.lines:
            sums = by_item[line.item_code]
            for at, value in enumerate((1, line.amount_fen, line.discount_fen, line.net_fen)):
                sums[at] += value
            digest.update(f"{bill.student_no}|{line.item_code}|{line.amount_fen}|{line.discount_fen}|{line.mandatory}\n".encode())
    lines, amount, discount, net = (sum(sums[at] for sums in by_item.values()) for at in range(4))
    return Totals(
        students=len(priced.billed), lines=lines, amount_fen=amount, discount_fen=discount, net_fen=net,
        mandatory_fen=sum(bill.mandatory_total_fen for bill in priced.billed), by_item=by_item, digest=digest.hexdigest(),
    )  # fmt: skip


def explain(line: PricedLine, standard: FeeStandard | None, priced: Priced) -> dict[str, object]:
    """Why a line costs what it costs and by which standard (none: the school calculated it), in the words a parent reads, with the facts a
    program reads."""
    if standard is None:
        said = [(GIVEN, f"{format_yuan(line.amount_fen)} 元"), *((taken.code, f"-{format_yuan(taken.amount_fen)} 元") for taken in line.discounts)]
        said.append(("应缴", f"{format_yuan(line.net_fen)} 元"))
        return {"explanation": said, "discounts": msgspec.to_builtins(line.discounts), "term": priced.term.code}
    used = line.usage if line.usage is not msgspec.UNSET else ()
    said: list[tuple[str, str]] = [told for part in used for told in part.told]
    if not used:
        said += [("收费标准", f"{format_yuan(line.unit_price_fen)} 元")]
    said.append(("适用范围", standard.scope_told()))
    if standard.approval_doc_no:
        said.append(("批准文号", standard.approval_doc_no))
    if line.months_billed is not msgspec.UNSET:
        said.append(("插班按月折算", f"{line.months_billed}/{line.months_counted or priced.term.months_counted} 个月，{format_yuan(line.amount_fen)} 元"))
    for taken in line.discounts:
        rate = "" if taken.percent is msgspec.UNSET else f"（{taken.percent}%）"
        said.append((f"{priced.book.discount_names[taken.code]}{rate}", f"-{format_yuan(taken.amount_fen)} 元"))
    said.append(("应缴", f"{format_yuan(line.net_fen)} 元"))
    priced_by = {"scope": standard.scope, "approval_doc_no": standard.approval_doc_no, "starts_on": str(standard.starts_on)}
    part: dict[str, object] = {} if line.months_billed is msgspec.UNSET else {"months_billed": line.months_billed}
    if used:
        part["usage"] = [{"source": str(each.source_id), "quantity": str(each.quantity), "amount_fen": each.amount_fen} for each in used]
    return {"explanation": said, "discounts": msgspec.to_builtins(line.discounts), "term": priced.term.code, "standard": priced_by, **part}
