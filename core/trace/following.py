"""From a number to the whole chain: the payments behind it, what hangs on them, what others say of them. Only what the asker may see."""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from core import clock
from core.database import Session
from core.identity.actor import Actor
from core.ledger import books
from core.ledger.book_schemas import JournalRead
from core.masking import mask_name
from core.trace import following_repository as repository
from core.trace import outside_repository as others
from core.trace import rights
from core.trace.finding import Hit
from core.trace.outside_repository import Place, Wanted
from core.trace.schemas import (
    AuditEntry,
    Bill,
    CounterEntry,
    Notice,
    Order,
    OrderShare,
    Payment,
    Placement,
    Receipt,
    RefundPart,
    Suspense,
)
from core.trace.told_schemas import (
    Arrival,
    Batch,
    Day,
    Difference,
    Line,
    LoadedFile,
    Payout,
    Settled,
)

ONE_DAY = dt.timedelta(days=1)


class Chain(msgspec.Struct, kw_only=True):
    """Everything found, as it stands in the database; `hidden_fen` lies on bills of units that the asker does not see."""

    payments: list[Payment] = []
    orders: list[Order] = []
    shares: list[OrderShare] = []
    bills: list[Bill] = []
    placements: list[Placement] = []
    refunds: list[RefundPart] = []
    receipts: list[Receipt] = []
    suspense: list[Suspense] = []
    notices: list[Notice] = []
    counter: list[CounterEntry] = []
    lines: list[Line] = []
    bank_lines: list[Line] = []
    differences: list[Difference] = []
    settled: list[Settled] = []
    settled_count: int = 0
    batches: list[Batch] = []
    payouts: list[Payout] = []
    arrivals: list[Arrival] = []
    days: list[Day] = []
    files: list[LoadedFile] = []
    journals: list[JournalRead] = []
    audit: list[AuditEntry] = []
    hidden_fen: int = 0
    books_seen: bool = False
    files_seen: bool = False
    settlement_seen: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing of it may be seen."""
        found = (self.payments, self.bills, self.orders, self.lines, self.bank_lines, self.differences, self.batches, self.arrivals, self.journals)
        return not any(found)


class Seeds(msgspec.Struct, kw_only=True):
    """Where following begins."""

    payment_ids: list[UUID] = []
    order_numbers: list[str] = []
    bill_ids: list[UUID] = []
    refund_ids: list[UUID] = []
    refund_numbers: list[str] = []
    suspense_ids: list[UUID] = []
    difference_ids: list[UUID] = []
    remedy_ids: list[UUID] = []
    batch_ids: list[UUID] = []
    arrival_ids: list[UUID] = []
    journal_ids: list[UUID] = []
    lines: list[tuple[UUID, int]] = []


_OF_JOURNAL = {
    "payment": "payment_ids", "bill": "bill_ids", "refund": "refund_ids", "suspense": "suspense_ids", "difference": "difference_ids",
    "recon_difference": "difference_ids", "remedy": "remedy_ids", "batch": "batch_ids", "settlement_batch": "batch_ids", "settlement": "batch_ids",
    "arrival": "arrival_ids", "channel_arrival": "arrival_ids",
}  # fmt: skip
"""What a journal is about, by its `biz_type`."""


def seeds_of(hits: Iterable[Hit]) -> Seeds:
    """Where to begin for things that share a number."""
    seeds = Seeds()
    for hit in hits:
        if hit.kind == "order":
            seeds.order_numbers.append(hit.id)
        elif hit.kind == "payment":
            seeds.payment_ids.append(UUID(hit.id))
            seeds.order_numbers.append(hit.follow)
        elif hit.kind == "receipt":
            seeds.payment_ids.append(UUID(hit.follow))
        elif hit.kind == "journal":
            _journal_seeds(seeds, hit)
        elif hit.kind in ("line", "difference"):
            _told_seeds(seeds, hit)
        else:
            places = {"bill": seeds.bill_ids, "refund": seeds.refund_ids, "arrival": seeds.arrival_ids}
            places.get(hit.kind, seeds.batch_ids).append(UUID(hit.id))
    return seeds


def _journal_seeds(seeds: Seeds, hit: Hit) -> None:
    about, _, subject = hit.follow.partition(":")
    seeds.journal_ids.append(UUID(hit.id))
    try:
        getattr(seeds, _OF_JOURNAL.get(about, "journal_ids")).append(UUID(subject))
    except ValueError:
        return


def _told_seeds(seeds: Seeds, hit: Hit) -> None:
    """A line of a file or a difference: what it is about goes by its own number."""
    if hit.kind == "line":
        statement_id, _, row_no = hit.id.partition("/")
        seeds.lines.append((UUID(statement_id), int(row_no)))
    else:
        seeds.difference_ids.append(UUID(hit.id))
    kind, _, number = hit.follow.partition(":")
    if number and kind in ("pay", "refund"):
        (seeds.refund_numbers if kind == "refund" else seeds.order_numbers).append(number)


async def follow(session: Session, hits: Sequence[Hit], by: Actor) -> Chain:
    """The chain behind things that share a number, cut down to what the asker may see."""
    seeds = seeds_of(hits)
    if seeds.remedy_ids:
        _about(seeds, await others.of_remedies(session, seeds.remedy_ids))
    chain = await _inside(session, seeds, by)
    chain.files_seen, chain.settlement_seen = rights.whole(by, rights.RECON), rights.whole(by, rights.SETTLEMENT)
    chain.books_seen = by.may(rights.BOOKS)
    if by.reach(rights.READ) is None or not chain.empty:
        await _outside(session, chain, seeds)
    if not chain.empty or seeds.journal_ids:
        await _books(session, chain, seeds)
        chain.audit = await repository.list_audit(session, _objects(chain))
    return chain


def _about(seeds: Seeds, found: Iterable[tuple[UUID, str, str]]) -> None:
    """Remedies lead to their differences, and those to the money by its number."""
    for difference_id, kind, number in found:
        seeds.difference_ids.append(difference_id)
        (seeds.refund_numbers if kind == "refund" else seeds.order_numbers).append(number)


async def _inside(session: Session, seeds: Seeds, by: Actor) -> Chain:
    reach = by.reach(rights.READ)
    names = ("payment_ids", "order_numbers", "bill_ids", "refund_ids", "refund_numbers", "suspense_ids")
    wanted = {name: getattr(seeds, name) for name in names}
    if not any(wanted.values()):
        return Chain()
    payments = await repository.find_payments(session, wanted)
    numbers = list(dict.fromkeys([*seeds.order_numbers, *(payment.order_number for payment in payments)]))
    chain = Chain(payments=payments, **await repository.around(session, [y.id for y in payments], numbers, seeds.bill_ids))
    if reach is not None:
        _within(chain, frozenset(reach))
    chain.bills = [msgspec.structs.replace(bill, party=_masked(bill.party)) for bill in chain.bills]
    return chain


def _within(chain: Chain, reach: frozenset[UUID]) -> None:
    """Cut down to some units: payments and orders without a bill in reach are not there, other units' shares of the rest are sums."""
    seen = {place.payment_id for place in chain.placements if place.org_id in reach and place.bill_id is not None}
    chain.payments = [payment for payment in chain.payments if payment.id in seen]
    for name in ("placements", "refunds", "receipts", "suspense", "counter"):
        setattr(chain, name, [each for each in getattr(chain, name) if each.payment_id in seen])
    chain.bills = [bill for bill in chain.bills if bill.org_id in reach]
    known = {bill.id for bill in chain.bills}
    numbers = {share.order_number for share in chain.shares if share.bill_id in known} | {y.order_number for y in chain.payments}
    chain.orders = [order for order in chain.orders if order.number in numbers]
    chain.shares = [share for share in chain.shares if share.bill_id in known]
    chain.notices = [notice for notice in chain.notices if notice.order_number in numbers]
    outside = [place for place in chain.placements if place.bill_id is not None and place.org_id not in reach]
    chain.hidden_fen = sum(place.amount_fen for place in outside)
    chain.placements = [place for place in chain.placements if place.bill_id is None or place.org_id in reach]
    chain.receipts = [receipt for receipt in chain.receipts if receipt.org_id in reach]
    chain.refunds = [part for part in chain.refunds if part.org_id is None or part.org_id in reach]


def _masked(party: str) -> str:
    name, _, number = party.rpartition(" ")
    return f"{mask_name(name)} {number}".strip()


async def _outside(session: Session, chain: Chain, seeds: Seeds) -> None:
    if not (chain.files_seen or chain.settlement_seen):
        return
    wanted = _wanted(chain, seeds)
    if seeds.batch_ids:
        chain.settled, chain.settled_count, wanted.places = await others.of_batches(session, seeds.batch_ids)
        chain.settled_count = max(chain.settled_count, len(chain.settled))
    found = await others.outside(session, wanted)
    if seeds.arrival_ids and found["arrivals"]:
        wanted.places = [(each.channel, each.merchant_number, each.bill_on) for each in found["arrivals"]]
        found = await others.outside(session, wanted)
    shares = found.pop("settled")
    if not seeds.batch_ids:
        chain.settled, chain.settled_count = shares, len(shares)
    for name, rows in found.items():
        setattr(chain, name, rows)
    if not chain.files_seen:
        chain.lines, chain.differences = [], []
    if not chain.settlement_seen:
        chain.settled, chain.batches, chain.payouts, chain.arrivals, chain.bank_lines = [], [], [], [], []


def _wanted(chain: Chain, seeds: Seeds) -> Wanted:
    """By what others know this money: our numbers and theirs, the days of its files."""
    numbers = [order.number for order in chain.orders] + [payment.order_number for payment in chain.payments]
    numbers += seeds.order_numbers + seeds.refund_numbers + [part.number for part in chain.refunds]
    theirs = [payment.channel_txn_id for payment in chain.payments] + [order.channel_txn_id for order in chain.orders]
    theirs += [part.reference for part in chain.refunds]
    return Wanted(
        numbers=list(dict.fromkeys(numbers)),
        channel_numbers=list(dict.fromkeys(number for number in theirs if number)),
        payment_ids=[payment.id for payment in chain.payments],
        difference_ids=seeds.difference_ids,
        ref_ids=[payment.id for payment in chain.payments] + [part.id for part in chain.refunds],
        batch_ids=seeds.batch_ids,
        arrival_ids=seeds.arrival_ids,
        lines=seeds.lines,
        places=_places(chain),
    )


def _places(chain: Chain) -> list[Place]:
    """The files that should tell of the money: of its day, or of the next where the channel's day ends earlier than ours."""
    found: dict[Place, None] = {}
    mchids = {payment.id: payment.mchid for payment in chain.payments}
    moments = [(payment.channel, payment.mchid, payment.paid_at) for payment in chain.payments]
    moments += [(part.channel, mchids[part.payment_id], part.sent_at) for part in chain.refunds if part.sent_at]
    for channel, mchid, at in moments:
        day = clock.business_day(at)
        found[channel, mchid, day] = found[channel, mchid, day + ONE_DAY] = None
    return list(found)


async def _books(session: Session, chain: Chain, seeds: Seeds) -> None:
    if not chain.books_seen:
        return
    known = [place.journal_id for place in chain.placements] + [part.journal_id for part in chain.refunds]
    known += [batch.fee_journal_id for batch in chain.batches] + [payout.journal_id for payout in chain.payouts]
    known += [arrival.journal_id for arrival in chain.arrivals] + seeds.journal_ids
    known += [journal for item in chain.differences for remedy in item.remedies for journal in (remedy.journal_id, remedy.reversal_id)]
    refund_ids = list(dict.fromkeys(part.refund_id for part in chain.refunds))
    unique = list(dict.fromkeys(journal for journal in known if journal is not None))
    about = {
        "payments": [payment.id for payment in chain.payments], "refunds": refund_ids, "arrivals": [each.id for each in chain.arrivals],
        "batches": [batch.id for batch in chain.batches],
    }  # fmt: skip
    ids = await repository.list_journal_ids(session, about, unique)
    chain.journals = await books.journals(session, ids)


def _objects(chain: Chain) -> list[tuple[str, str]]:
    """What the audit trail may speak of."""
    found: list[tuple[str, object]] = []
    for bill in chain.bills:
        found += [(kind, bill.id) for kind in ("bill", "billing.void", "billing.write_off", "billing.adjust", "billing.move")]
    for part in chain.refunds:
        found += [(kind, part.refund_id) for kind in ("refund", "refunds.refund")]
        found += [(kind, part.id) for kind in ("refund_item", "refunds.transfer")]
    for item in chain.suspense:
        found += [(kind, item.id) for kind in ("suspense", "suspense_item", "payments.suspense")]
    for receipt in chain.receipts:
        found += [(kind, receipt.id) for kind in ("receipt", "receipts.red_flush")]
    for batch in chain.batches:
        found += [(kind, batch.id) for kind in ("settlement_batch", "settlement.batch")]
    found += [("payout", payout.id) for payout in chain.payouts]
    for difference in chain.differences:
        found += [(kind, difference.id) for kind in ("recon_difference", "difference", "reconciliation.remedy")]
    return [(kind, str(object_id)) for kind, object_id in dict.fromkeys(found)]
