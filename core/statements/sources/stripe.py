"""Stripe's itemised balance change report (Stripe §7, §8): payouts, fees and disputes are lines too, charges and refunds are trades."""

from collections.abc import Iterator
from typing import BinaryIO

from core.statements.protocol import CHUNK_ROWS, Expected, FileRefused, Line, Notes, StatementSource
from core.statements.sources import amounts, moments
from core.statements.sources.amounts import Fen
from core.statements.sources.faults import fault
from core.statements.sources.moments import Days, Moments
from core.statements.sources.tables import rows
from core.web.i18n import N_
from core.web.i18n import gettext as _

LAYOUT = (
    "balance_transaction_id created_utc created available_on currency gross fee net reporting_category source_id description"
    " customer_facing_amount customer_facing_currency automatic_payout_id automatic_payout_effective_at customer_id charge_id"
    " payment_intent_id charge_created payment_metadata[merchant_order_no] refund_metadata[merchant_refund_no]"
).split()
ORDER, REFUND = LAYOUT[-2:]
NEEDED = ("balance_transaction_id", "created", "available_on", "currency", "gross", "fee", "net", "reporting_category", "source_id",
          "charge_id", ORDER, REFUND)  # fmt: skip
TRADES = {"charge": "pay", "refund": "refund"}
OTHERS = {"payout": "payout", "payout_reversal": "payout", "fee": "fee", "network_cost": "fee", "tax": "fee"}
LONGEST = 64
Fault = tuple[str, str]


def read(content: BinaryIO, expected: Expected, notes: Notes) -> Iterator[list[Line]]:
    """The lines of a report. A trade without our number in its metadata is still a line: it goes by Stripe's own number."""
    fen, days, settled = Fen(), Moments(expected.day), Days()
    ours = [number for number in expected.merchants if not number.startswith("acct_")]
    others = loaded = 0
    chunk: list[Line] = []
    for row_no, line_no, values in rows(content, LAYOUT, NEEDED, notes):
        found = _line(row_no, line_no, values, fen, days, settled)
        if len(found) == 2:
            column, code = found
            number = values[NEEDED.index(REFUND)] or values[NEEDED.index(ORDER)] or values[0]
            notes.fault(fault(row_no, line_no, number, column, values[NEEDED.index(column)], code))
            continue
        if ours and found[4] and not any(number in values[NEEDED.index("source_id")] for number in ours):
            raise FileRefused(
                "other_merchant", _("文件属于另一个账户：%(id)s 不含已登记的账户标识 %(ours)s", id=values[NEEDED.index("source_id")], ours="、".join(ours)),
                row=row_no, line=line_no, column="source_id", value=values[NEEDED.index("source_id")],
            )  # fmt: skip
        loaded += 1
        others += not found[4]
        chunk.append(found)
        if len(chunk) >= CHUNK_ROWS:
            yield chunk
            chunk = []
    notes.check_days(loaded)
    notes.lines -= others
    notes.other_lines = others
    if chunk:
        yield chunk


def _line(row_no: int, line_no: int, values: tuple[str, ...], fen: Fen, days: Moments, settled: Days) -> Line | Fault:
    """The row as a line, or the first column that is wrong and how."""
    entry, created, available, currency, gross, fee, net, category, source, charge, order, refund = values
    kind = TRADES.get(category, "")
    gross_fen, fee_fen, net_fen = fen[gross], fen[fee], fen[net]
    for column, printed, found in (("gross", gross, gross_fen), ("fee", fee, fee_fen), ("net", net, net_fen)):
        if found is None:
            return column, amounts.fault_of(printed)
    if gross_fen - fee_fen != net_fen:
        return "net", "net_mismatch"
    if currency.lower() != "cny":
        return "currency", "other_currency"
    at = days[created]
    if at is None:
        return "created", moments.fault_of(created)
    number = (refund if kind == "refund" else order) or source or entry
    if len(number) > LONGEST or len(source) > LONGEST:
        return ("source_id" if len(source) > LONGEST else REFUND if kind == "refund" else ORDER), "too_long_key"
    if kind == "pay" and gross_fen < 0:
        return "gross", "negative_payment"
    if kind == "refund" and gross_fen > 0:
        return "gross", "negative_refund"
    return (
        row_no, line_no, "stripe", kind or OTHERS.get(category, "adjustment"), bool(kind), number, (kind != "pay" and order) or None,
        source or None, (kind != "pay" and charge) or None, abs(gross_fen), fee_fen, net_fen, at, settled[available], "success", None, entry,
    )  # fmt: skip


SOURCE = StatementSource(code="stripe-balance", title=N_("Stripe 余额变动报告"), side="channel", channel="stripe", read=read, totals=False)
