"""Calculating a day: what is settled becomes batches, one for each merchant, as often as wanted until a person has approved them.

Nothing is edited: what nobody approved is emptied and laid out anew. An approved batch stands; what came later for its day is in the next.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from core import clock, ids, money
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.settlement import adjusting, gathering_repository, laying_repository, pricing, repository, sharing, working_days
from core.settlement import gate as gates
from core.settlement.booking import available_fen, book_costs
from core.settlement.errors import DayNotOver
from core.settlement.formula import payable
from core.settlement.guard import check_open
from core.settlement.sharing import Borne
from core.settlement.states import BATCH
from core.settlement.terms import NEVER_RETURNED, Terms

FROM_THE_BEGINNING = UUID(int=0)
MARGIN = dt.timedelta(days=1)
MILLION = 1_000_000
AT_ONCE = 2_000
"""Moves of money that are calculated while somebody waits; more are a job."""


async def calculate(session: Session, terms: Terms, day: dt.date, by: Actor) -> list[UUID]:
    """Lay out the batches of a day that nobody has approved yet; answers their ids. The day must be over and its month not signed."""
    if day >= clock.today():
        raise DayNotOver(day=day.isoformat())
    await check_open(session, day)
    await gathering_repository.lock(session)
    now = clock.now()
    await repository.free(session, day)
    await adjusting.take_over(session)
    await gathering_repository.gather(session, day, await _begin(session, terms, day), terms.skips, terms.cuts)
    batches = await _open_batches(session, day, by)
    without_rate = await _lay_out(session, batches)
    await _give_shares(session, batches, day)
    await repository.complete(session, list(batches.values()), day)
    await repository.remove_empty(session, list(batches.values()))
    made = await _finish(session, terms, day, list(batches.values()), without_rate)
    low = min(filter(None, (await gathering_repository.oldest_left(session), ids_from(now - MARGIN))), key=str)
    facts = {"skips": sorted(terms.skips), "batches": len(made)}
    await repository.keep_day(session, {"bill_on": day, "calculated_at": now, "low_id": low, "facts": facts})
    if made:
        await audit.record(session, by, "settlement.day.calculate", "settlement_day", day.isoformat(), after={"batches": len(made)})
    return made


async def is_large(session: Session, terms: Terms, day: dt.date) -> bool:
    """Whether a day is so much that a worker calculates it."""
    return await gathering_repository.count_up_to(session, await _begin(session, terms, day), AT_ONCE + 1) > AT_ONCE


def ids_from(moment: dt.datetime) -> UUID:
    """The lowest identifier that a row of a moment can have (they are ordered by time, `core.ids.uuid7`)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


async def _begin(session: Session, terms: Terms, day: dt.date) -> UUID:
    """Where to begin looking: below it everything is in a batch, unless other channels were left out then."""
    last = await repository.last_day(session, day)
    return last.low_id if last and last.facts.get("skips") == sorted(terms.skips) else FROM_THE_BEGINNING


async def _open_batches(session: Session, day: dt.date, by: Actor) -> dict[UUID, UUID]:
    """The day's batch of every merchant that gets or owes something, by merchant."""
    wanted = {*await gathering_repository.list_merchants(session), *await repository.list_owed(session, day)}
    rows = []
    for merchant in await repository.list_merchants(session, sorted(wanted), day):
        due = working_days.after(day, merchant.settlement_days)
        rows.append(
            {
                "id": ids.uuid7(), "number": ids.number("JS", f"{day:%y%m%d}", 8), "merchant_id": merchant.id, "merchant_code": merchant.code,
                "bill_on": day, "settle_on": due.on, "status": "calculating", "made_by": by.name, "gate": {"guessed_calendar": due.guessed},
            }
        )  # fmt: skip
    return await repository.ensure(session, rows, day) if rows else {}


async def _lay_out(session: Session, batches: dict[UUID, UUID]) -> dict[UUID, set[str]]:
    """Write an item for every payment and refund of each merchant, with its fee; answers the channels without a rate by merchant."""
    rates, lacking, after = await pricing.rates_of(session), defaultdict(set), FROM_THE_BEGINNING
    await laying_repository.set_rest_aside(session)
    agreed, unrated = [], []
    for place in await laying_repository.list_places(session):
        key = {"channel": place.channel, "merchant_number": place.merchant_number, "paid_on": place.paid_on}
        rate = rates.of(place.channel, place.merchant_number, place.paid_on)
        if rate is None:
            unrated.append(key)
        else:
            terms = {name: getattr(rate, name) for name in ("rate_ppm", "min_fen", "cap_fen", "fixed_fen")}
            agreed.append(key | terms)
    for row in await laying_repository.list_lacking(session, unrated):
        lacking[row.merchant_id].add(row.channel)
    await laying_repository.lay_out(session, batches, agreed)
    while rows := await gathering_repository.list_page(session, after):
        after = max((row.payment_id for row in rows), key=str)
        before: dict[UUID, dict[UUID, Borne]] = defaultdict(dict)
        for row in await gathering_repository.list_borne(session, list({row.payment_id for row in rows})):
            before[row.payment_id][row.merchant_id] = Borne(row.settled_fen, row.fee_fen, row.returned_fen, row.fee_returned_fen)
        by_payment: dict[UUID, list[Row]] = defaultdict(list)
        for row in rows:
            if row.merchant_id in batches:
                by_payment[row.payment_id].append(row)
        items: list[dict[str, object]] = []
        for payment_id, money_of in by_payment.items():
            items += _items(batches, money_of, before[payment_id], rates)
        await repository.add_items(session, items)
    return lacking


def _items(
    batches: dict[UUID, UUID], rows: Sequence[Row], before: dict[UUID, Borne], rates: pricing.Rates
) -> Iterable[dict[str, object]]:
    """One payment's part of the day: its pays with their share of the fee, then its refunds with what comes back of it."""
    first = rows[0]
    rate = rates.of(first.channel, first.merchant_number, first.paid_on)
    pays = [row for row in rows if row.kind == "pay"]
    fees = sharing.fees({row.merchant_id: int(row.amount_fen) for row in pays}, before, rate)
    charged = {merchant: has.fee_fen - has.fee_returned_fen for merchant, has in before.items()}
    for row in pays:
        charged[row.merchant_id] = charged.get(row.merchant_id, 0) + fees[row.merchant_id]
        yield _item(batches, row, int(row.amount_fen), fees[row.merchant_id])
    refunds: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        if row.kind == "refund":
            refunds[row.ref_id].append(row)
    for parts in refunds.values():
        refunded = {row.merchant_id: -int(row.amount_fen) for row in parts}
        back = sharing.fees_returned(refunded, charged, rate, returns=first.channel not in NEVER_RETURNED)
        for row in parts:
            charged[row.merchant_id] = charged.get(row.merchant_id, 0) - back[row.merchant_id]
            yield _item(batches, row, -int(row.amount_fen), back[row.merchant_id])


def _item(batches: dict[UUID, UUID], row: Row, amount_fen: int, fee_fen: int) -> dict[str, object]:
    return {
        "batch_id": batches[row.merchant_id], "kind": row.kind, "ref_id": row.ref_id, "merchant_id": row.merchant_id, "payment_id": row.payment_id,
        "allocations": row.allocations, "channel": row.channel, "merchant_number": row.merchant_number, "number": row.number,
        "amount_fen": amount_fen, "fee_fen": fee_fen, "bill_on": row.bill_on,
    }  # fmt: skip


async def _give_shares(session: Session, batches: dict[UUID, UUID], day: dt.date) -> None:
    """What partners get out of a merchant's income of the day, rounded half up once for each rule."""
    rules = [rule for rule in await repository.list_splits(session, day) if rule.merchant_id in batches]
    if not rules:
        return
    income: dict[tuple[UUID, str], int] = defaultdict(int)
    for row in await gathering_repository.list_by_item(session):
        income[row.merchant_id, row.item_code] += int(row.amount_fen)
        income[row.merchant_id, ""] += int(row.amount_fen)
    items = []
    for rule in rules:
        given_fen = money.half_up(money.Decimal(income[rule.merchant_id, rule.item_code]) * rule.share_ppm / MILLION)
        if given_fen:
            items.append(
                {
                    "batch_id": batches[rule.merchant_id], "kind": "split", "ref_id": rule.id, "merchant_id": rule.merchant_id, "payment_id": None,
                    "allocations": [], "channel": "", "merchant_number": "", "number": rule.partner_code, "amount_fen": -given_fen, "fee_fen": 0,
                    "bill_on": day,
                }
            )  # fmt: skip
    await repository.add_items(session, items)


async def _finish(session: Session, terms: Terms, day: dt.date, batches: list[UUID], without_rate: dict[UUID, set[str]]) -> list[UUID]:
    """Each batch goes to its reviewer; one with nothing to pay out is carried as soon as the gate is open."""
    found = await gates.look(session, day, terms.gate)
    rows = await repository.list_by_ids(session, batches)
    for row in rows:
        guessed = bool(row.gate.get("guessed_calendar"))
        gate = gates.with_rates(found, sorted(without_rate.get(row.merchant_id, ())), guessed)
        pay_fen = payable(row.net_fen, await available_fen(session, row))
        status = "carried" if gate.open and pay_fen == 0 else "pending_review"
        values: dict[str, object] = {"status": BATCH.check(row.status, status), "gate": gates.stored(gate), "pay_fen": pay_fen}
        if status == "carried":
            values["finished_at"] = clock.now()
        await repository.change(session, row.id, **values)
        if status == "carried":
            await book_costs(session, row.merchant_id, row.id, only_if_covered=True)
    return [row.id for row in rows]
