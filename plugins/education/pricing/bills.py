"""Price students: every line with its standard, its discounts and its net amount, all in fen. Nothing is issued here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import UNSET, Struct, UnsetType, field

from plugins.education.pricing.discounts import Allowance, earned_by
from plugins.education.pricing.families import Families, FamilyPlace
from plugins.education.pricing.late_entry import amount_of, months_billed, share_of
from plugins.education.pricing.rules import ENROLLED, BillableStudent, Discount, FeeItem, FeeStandard, Term
from plugins.education.pricing.standards import PriceList, tied
from plugins.education.pricing.usage import Used, UsedItem

NOTHING_USED: Mapping[str, Mapping[str, UsedItem]] = {}
NOTHING_BILLED: Mapping[str, Collection[str]] = {}


class GivenLine(Struct, frozen=True):
    """One item of one student as the school calculated it itself; a reduction has its `reason`."""

    item_code: str
    amount_fen: int
    discount_fen: int
    reason: str


class LineDiscount(Struct, frozen=True):
    """What one discount takes off one line; `percent` for percentages only."""

    code: str
    amount_fen: int
    percent: int | Decimal | UnsetType = UNSET


class PricedLine(Struct, frozen=True):
    """One item of one student. `unit_price_fen` is the standard, `amount_fen` the line before discounts.

    `months_billed` is there when the tuition is not for the whole term; `months_counted` when its price is for a whole year; `usage` when
    the item is charged by what was used: every reading and month in it. `given` says that no price made it: the school calculated it.
    """

    item_code: str
    item_name: str
    category: str
    mandatory: bool
    unit_price_fen: int
    amount_fen: int
    discount_fen: int
    net_fen: int
    discounts: list[LineDiscount]
    months_billed: int | UnsetType = UNSET
    months_counted: int | UnsetType = UNSET
    usage: tuple[Used, ...] | UnsetType = UNSET
    given: bool | UnsetType = UNSET


class PricedBill(Struct, frozen=True):
    """One student with the lines of the term; a student who is not 在读 has none but for what was used. The total includes lines that are only
    offered."""

    student_no: str
    name: str
    campus: str
    division: str
    grade: str
    class_name: str = field(name="class")
    boarding: str
    student_type: str
    status: str
    entry_date: date | None
    children_on_this_phone: int
    sibling_rank: int
    lines: list[PricedLine]
    total_fen: int
    mandatory_total_fen: int


def price(
    students: Iterable[BillableStudent],
    items: Sequence[FeeItem],
    standards: Iterable[FeeStandard],
    discounts: Sequence[Discount],
    term: Term,
    everyone: Iterable[BillableStudent] | None = None,
    prices: PriceList | None = None,
    used: Mapping[str, Mapping[str, UsedItem]] = NOTHING_USED,
    billed: Mapping[str, Collection[str]] = NOTHING_BILLED,
) -> list[PricedBill]:
    """Price each student for a term, on the standards in force on its first day; raises `StandardsTied` with every tie.

    `used` is what each owes for items that are charged by use (`pricing.usage.charge`), whatever became of the student since. `billed` are the
    items, by student number, that another bill charges already: nobody pays for the same year or thing twice.

    `everyone` are all students of the client, among whom brothers and sisters are sought; without it, the students priced.
    `prices` is the price list to use, for who wants to ask it afterwards which standard priced what.
    """
    students = list(students)
    families = Families(students if everyone is None else everyone)
    prices = prices or PriceList(items, standards, term.starts_on)
    bills = [
        _bill(student, place, _lines(student, place, prices, discounts, term, used.get(student.student_no, {}), billed.get(student.student_no, ())))
        for student in students
        for place in (families.place(student),)
    ]
    if prices.ties:
        raise tied(prices.ties)
    return bills


def take_given(
    students: Iterable[BillableStudent],
    items: Sequence[FeeItem],
    given: Mapping[str, Sequence[GivenLine]],
    everyone: Iterable[BillableStudent],
    billed: Mapping[str, Collection[str]] = NOTHING_BILLED,
) -> list[PricedBill]:
    """Bills as a school calculated them, by student number: no standard and no discount has a say, what another bill charges stays out."""
    families, known = Families(everyone), {item.code: item for item in items}
    return [
        _bill(
            student, families.place(student),
            [_given(known[each.item_code], each) for each in given.get(student.student_no, ())
             if student.status == ENROLLED and each.item_code in known and each.item_code not in billed.get(student.student_no, ())],
        )
        for student in students
    ]  # fmt: skip


def _given(item: FeeItem, each: GivenLine) -> PricedLine:
    return PricedLine(
        item_code=item.code,
        item_name=item.name,
        category=item.category,
        mandatory=item.mandatory,
        unit_price_fen=each.amount_fen,
        amount_fen=each.amount_fen,
        discount_fen=each.discount_fen,
        net_fen=each.amount_fen - each.discount_fen,
        discounts=[LineDiscount(each.reason, each.discount_fen)] if each.discount_fen else [],
        given=True,
    )


def _lines(
    student: BillableStudent,
    place: FamilyPlace,
    prices: PriceList,
    discounts: Sequence[Discount],
    term: Term,
    used: Mapping[str, UsedItem],
    billed: Collection[str],
) -> list[PricedLine]:
    charged = student.status == ENROLLED and months_billed(student, term)
    priced = [(item, standard) for item, standard in prices.priced_items(student) if item.code not in billed] if charged else []
    if not priced and not used:
        return []
    allowance = Allowance(earned_by(discounts, student, place))
    wanted = [*(item for item, _standard in priced), *(each.item for each in used.values())]
    standard_of = {item.code: standard for item, standard in priced}
    must_first = sorted(wanted, key=lambda item: not item.mandatory)  # what nobody has to take does not use up what is taken off
    made = {
        item.code: _used(used[item.code], allowance)
        if item.code in used
        else _line(item, standard_of[item.code], share_of(item, student, term), allowance, term)
        for item in must_first
    }
    return [made[item.code] for item in wanted]


def _bill(student: BillableStudent, place: FamilyPlace, lines: list[PricedLine]) -> PricedBill:
    return PricedBill(
        student_no=student.student_no,
        name=student.name,
        campus=student.campus,
        division=student.division,
        grade=student.grade,
        class_name=student.class_name,
        boarding=student.boarding,
        student_type=student.student_type,
        status=student.status,
        entry_date=student.entry_on,
        children_on_this_phone=place.children,
        sibling_rank=place.rank,
        lines=lines,
        total_fen=sum(line.net_fen for line in lines),
        mandatory_total_fen=sum(line.net_fen for line in lines if line.mandatory),
    )


def _line(item: FeeItem, standard: FeeStandard, share: tuple[int, int], allowance: Allowance, term: Term) -> PricedLine:
    months, counted = share
    amount_fen = amount_of(standard.price_fen, months, counted)
    taken = allowance.take_off(item, amount_fen)
    discount_fen = sum(off for _, off in taken)
    return PricedLine(
        item_code=item.code,
        item_name=item.name,
        category=item.category,
        mandatory=item.mandatory,
        unit_price_fen=standard.price_fen,
        amount_fen=amount_fen,
        discount_fen=discount_fen,
        net_fen=amount_fen - discount_fen,
        discounts=_told(taken),
        months_billed=months if months != counted else UNSET,
        months_counted=counted if months != counted != term.months_counted else UNSET,
    )


def _used(each: UsedItem, allowance: Allowance) -> PricedLine:
    item = each.item
    taken = allowance.take_off(item, each.amount_fen)
    discount_fen = sum(off for _, off in taken)
    return PricedLine(
        item_code=item.code,
        item_name=item.name,
        category=item.category,
        mandatory=item.mandatory,
        unit_price_fen=each.standard.price_fen,
        amount_fen=each.amount_fen,
        discount_fen=discount_fen,
        net_fen=each.amount_fen - discount_fen,
        discounts=_told(taken),
        usage=each.parts,
    )


def _told(taken: Sequence[tuple[Discount, int]]) -> list[LineDiscount]:
    return [LineDiscount(d.code, off, UNSET if d.percent is None else _plain(d.percent)) for d, off in taken]


def _plain(percent: Decimal) -> int | Decimal:
    return int(percent) if percent == percent.to_integral_value() else percent
