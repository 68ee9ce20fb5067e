"""Letters that are handed to people: one bill on a page, with its lines, the amount in words, its pay code and a QR that opens it."""

import datetime as dt

import msgspec

from core.money import capital, format_yuan
from core.printing.font import writable


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What one letter says, in words and in the order it is read; `urgent` is printed on an overdue one."""

    client: str
    title: str
    greeting: str
    text: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]
    sums: tuple[tuple[str, str], ...]
    total: str
    in_words: str
    pay_code: str
    url: str
    entry: str
    phone: str
    made_on: str
    urgent: bool


class OwedBill(msgspec.Struct, frozen=True, kw_only=True):
    """A bill as a letter needs it; amounts in fen, `lines` as (name, net)."""

    name: str
    number: str
    place: str
    bill_number: str
    title: str
    period: str
    due_on: dt.date
    pay_code: str
    lines: tuple[tuple[str, int], ...]
    amount_fen: int
    paid_fen: int


def letter_of(bill: OwedBill, client: str, front: str, phone: str, today: dt.date) -> Letter:
    """The letter about one bill; `front` is the payers' front page. It is a document: Chinese whatever the language of the page."""
    late, open_fen = bill.due_on < today, bill.amount_fen - bill.paid_fen
    asked = f"下列费用已于 {bill.due_on:%Y-%m-%d} 到期，尚未缴清，请尽快缴纳。" if late else f"下列费用请于 {bill.due_on:%Y-%m-%d} 前缴清。"
    facts = (
        ("姓名", bill.name), ("编号", bill.number), ("所在", bill.place), ("账单", bill.title), ("账期", bill.period), ("账单号", bill.bill_number),
        ("截止日", f"{bill.due_on:%Y-%m-%d}"),
    )  # fmt: skip
    sums = [("应缴", format_yuan(bill.amount_fen))]
    if bill.paid_fen:
        sums.append(("已缴", format_yuan(bill.paid_fen)))
    return Letter(
        client=writable(client),
        title="催缴通知单" if late else "缴费通知单",
        greeting=writable(f"{bill.name} 及家人："),
        text=f"{asked}扫描二维码，或打开下面的网址输入缴费码，核对无误后即可付款并取得电子收据。已经缴清的，请忽略本通知。",
        facts=tuple((label, writable(value)) for label, value in facts if value),
        lines=tuple((writable(name), format_yuan(fen)) for name, fen in bill.lines),
        sums=tuple(sums),
        total=format_yuan(open_fen),
        in_words=capital(open_fen),
        pay_code=" ".join(bill.pay_code[n : n + 4] for n in range(0, len(bill.pay_code), 4)),
        url=f"{front}/code?code={bill.pay_code}",
        entry=f"{front}/code",
        phone=writable(phone),
        made_on=f"{today:%Y-%m-%d}",
        urgent=late,
    )
