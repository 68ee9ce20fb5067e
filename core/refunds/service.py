"""Money back: asked for, approved by another person above the client's limit, held on its payments, then sent (`sending.py`).

Never more goes back than was paid: what is not finally failed counts, and is held under the lock of its payment (architecture §11.3).
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock, ids
from core.approvals import service as approvals
from core.billing import service as billing
from core.billing.schemas import BillRead
from core.database import Row, Session
from core.errors import InvalidRequest, NotFound, StaleForm
from core.identity import audit
from core.identity.actor import Actor
from core.jobs import service as jobs
from core.masking import mask_name
from core.payers import service as payers
from core.payments.suspense import service as suspense
from core.refunds import holding, lists_repository, money_repository, policy, repository
from core.refunds.errors import BadRefund, RefundNotFound, RefundNotWaiting
from core.refunds.schemas import ItemRead, LineAsk, PartRead, PolicyLine, RefundAsk, RefundRead
from core.refunds.splitting import total
from core.refunds.states import OPEN, REFUND, status_of
from core.refunds.words import CAUSES

KIND = "refunds.refund"
MAKE, CHECK, READ = "refunds.refund.make", "refunds.refund.check", "refunds.refund.read"
Settings = Mapping[str, object]
AUTOMATIC = "额度内自动批准"


async def request(
    session: Session, settings: Settings, ask: RefundAsk, by: Actor, *, payer_id: UUID | None = None, told: list[PolicyLine] | None = None
) -> RefundRead:
    """Ask for money back. Up to the client's limit (`refund_auto_limit_fen`) it is approved at once, above it another person decides.

    `told` is what the policies said to whoever asks; core's own reckoning without it.

    Raises RefundTooLarge when less is there than was asked for, StaleForm when the bill changed since it was seen.
    """
    return await decide(session, settings, await draft(session, settings, ask, by, payer_id=payer_id, told=told), by)


async def decide(session: Session, settings: Settings, row: Mapping[str, object], by: Actor) -> RefundRead:
    """What is asked for and checked goes on: by itself up to the client's limit, else to another person."""
    if by.kind != "payer" and await _within_limit(session, row, auto_limit(settings)):
        await hold_approved(session, await repository.lock(session, row["id"]), AUTOMATIC)
        return await find(session, row["id"])
    proposal = {"number": row["number"], "amount_fen": row["amount_fen"], "lines": row["lines"], "source": row["source"], "policy": row["policy"]}
    await approvals.propose(
        session, by, kind=KIND, title=f"退款 · {row['title']}", subject_id=row["id"], proposal=proposal, reason=row["reason"],
        amount_fen=row["amount_fen"], org_id=row["org_id"],
    )  # fmt: skip
    return await find(session, row["id"])


async def draft(
    session: Session, settings: Settings, ask: RefundAsk, by: Actor, *, payer_id: UUID | None = None, batch_id: UUID | None = None,
    position: int = 0, told: list[PolicyLine] | None = None, number: str = "",
) -> dict[str, object]:
    """Check a request and write it down; nothing is held yet. A `number` of the caller's own (`RC…`) is the one its channel gets to see."""
    row = {
        "id": ids.uuid7(), "number": number or new_number(), "status": "requested", "payer_id": payer_id, "batch_id": batch_id, "position": position,
        **await checked(session, settings, ask, by, told),
    }  # fmt: skip
    await money_repository.lock_source(session, bill_id=row["bill_id"], suspense_id=row["suspense_id"])  # before the row refers to it
    await repository.add_refund(session, row)
    await check_free(session, await repository.find(session, row["id"]))
    after = {"number": row["number"], "amount_fen": ask.amount_fen, "source": row["source"]}
    await audit.record(session, by, "refunds.refund.request", "refund", row["id"], after=after, reason=row["reason"])
    return row


async def checked(
    session: Session, settings: Settings, ask: RefundAsk, by: Actor, told: list[PolicyLine] | None
) -> dict[str, object]:
    """What is asked for and by whom, as it is kept, once everything typed makes sense."""
    if not ask.reason.strip() or len(ask.reason) > 200:
        raise BadRefund(why="请填写 1–200 字的退款原因")
    if ask.cause is not None and ask.cause not in CAUSES:
        raise BadRefund(why="原因类别不在可选范围内")
    if ask.effective_on is not None and not 2000 <= ask.effective_on.year <= 2100:
        raise BadRefund(why="停止使用的日期不合理，请核对")
    if ask.payment_id is not None and not await money_repository.list_payments(session, [ask.payment_id]):
        raise NotFound()
    return {
        "amount_fen": ask.amount_fen, "split": ask.split or split_of(settings), "reason": ask.reason.strip(), "cause": ask.cause,
        "effective_on": ask.effective_on, "requested_by": by.name, "requested_by_id": by.id, "requested_by_kind": by.kind,
        "payment_id": ask.payment_id, "lines": [msgspec.to_builtins(line) for line in ask.lines], "policy": [],
        **await _source(session, ask, told),
    }  # fmt: skip


def new_number() -> str:
    """A refund's own number."""
    return ids.number("T", clock.today().strftime("%y%m%d"), 10)


async def approve(session: Session, refund_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person agrees: the money is held and goes on its way. `proposal` is what approvals kept."""
    refund = await _held(session, refund_id)
    by.check_other(refund.requested_by_id)
    await hold_approved(session, refund, by.name)
    await audit.record(session, by, "refunds.refund.approve", "refund", refund_id, after={"amount_fen": refund.amount_fen})


async def refuse(session: Session, refund_id: UUID, status: str, by: Actor) -> None:
    """The other person refused, or the requester took it back."""
    refund = await _held(session, refund_id)
    ended = "rejected" if status == "rejected" else "cancelled"
    await repository.change(session, refund_id, status=REFUND.check(refund.status, ended), finished_at=clock.now())
    await audit.record(session, by, f"refunds.refund.{ended}", "refund", refund_id, before={"status": refund.status}, after={"status": ended})


async def hold_approved(session: Session, refund: Row, name: str) -> None:
    """Hold an approved refund's money and let it go on its way; the refund must be held (`repository.lock`)."""
    REFUND.check(refund.status, "approved")
    await holding.hold(session, refund)
    now = clock.now()
    await repository.change(session, refund.id, status="approved", approved_by=name, approved_at=now, error=None, finished_at=None)


async def go_on(session: Session, bill_ids: Sequence[UUID]) -> None:
    """What refunds of some bills waited for has happened elsewhere (`propose_refund_wait`): their turn is now."""
    await repository.wake(session, bill_ids, clock.now())
    await jobs.call_worker(session)


async def find(session: Session, refund_id: UUID) -> RefundRead:
    """One refund with every number it used; RefundNotFound outside this tenant."""
    row = await repository.find(session, refund_id)
    if row is None:
        raise RefundNotFound()
    items = await repository.list_story(session, refund_id)
    parts = await repository.list_parts(session, [item.id for item in items])
    return read(row, [_item(item, [part for part in parts if part.item_id == item.id]) for item in items])


async def settle_status(session: Session, refund: Row) -> str:
    """Let a refund's state follow from its items; answers it. The refund must be held."""
    states = await repository.list_states(session, refund.id)
    status = status_of([row.state for row in states])
    arrived = sum(row.amount_fen for row in states if row.state == "success")
    if status != refund.status or arrived != refund.refunded_fen:
        if status != refund.status:
            REFUND.check(refund.status, status)
        finished = None if any(row.state in OPEN for row in states) else clock.now()
        await repository.change(session, refund.id, status=status, refunded_fen=arrived, finished_at=finished)
    return status


def auto_limit(settings: Settings) -> int:
    """Up to how much a refund needs no second person, fen; 0 (always one) unless the client says otherwise."""
    value = settings.get("refund_auto_limit_fen", 0)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def split_of(settings: Settings) -> str:
    """How the client shares a refund over several payments: the newest first, or in proportion."""
    return "prorata" if settings.get("refund_split") == "prorata" else "lifo"


async def _within_limit(session: Session, row: Mapping[str, object], limit_fen: int) -> bool:
    """Whether a request needs no second person; what went back of the same money that way before counts, so that it cannot be cut in slices."""
    if not limit_fen:
        return False
    of = {name: row[name] for name in ("bill_id", "party_id", "suspense_id")}
    if row["source"] == "credit":  # a bill or a suspense item is held already
        await money_repository.lock_payments_of(session, **of, payment_id=None)
    before_fen = await money_repository.sum_automatic(session, AUTOMATIC, **of, but=row["id"])
    return before_fen + row["amount_fen"] <= limit_fen


async def _held(session: Session, refund_id: UUID) -> Row:
    refund = await repository.lock(session, refund_id)
    if refund is None:
        raise RefundNotFound()
    if refund.status != "requested":
        raise RefundNotWaiting(status=refund.status)
    return refund


async def _source(session: Session, ask: RefundAsk, told: list[PolicyLine] | None) -> dict[str, object]:
    """Whose money it is and what it is called; exactly one source."""
    if sum(value is not None for value in (ask.bill_id, ask.party_id, ask.suspense_id)) != 1:
        raise BadRefund(why="请在账单、余额、挂账中选择一项")
    if ask.bill_id is None and ask.lines:
        raise BadRefund(why="只有账单可以按项目退款")
    policy.check_day(ask.effective_on)
    if ask.bill_id is not None:
        bill = await billing.find_bill(session, ask.bill_id)
        _check_bill(bill, ask)
        if told is None:
            told = await policy.quote(session, bill, ask.effective_on, await free_of_lines(session, bill.id))
        return {
            "source": "bill", "bill_id": bill.id, "party_id": bill.party_id, "suspense_id": None, "org_id": bill.org_id,
            "title": f"{bill.title} {bill.number}", "policy": [msgspec.to_builtins(line) for line in told],
        }  # fmt: skip
    if ask.suspense_id is not None:
        item = await suspense.find(session, ask.suspense_id)
        if item.payment_id is None:
            raise InvalidRequest("这一条没有收到钱，不能退款")
        number = str(item.facts.get("order_number", ""))
        facts = {"source": "suspense", "bill_id": None, "party_id": None, "suspense_id": item.id}
        return facts | {"org_id": await lists_repository.org_of_order(session, number), "title": f"长款 {number}".strip()}
    person = await payers.find_party(session, ask.party_id)
    facts = {"source": "credit", "bill_id": None, "party_id": person.id, "suspense_id": None, "org_id": person.org_id}
    return facts | {"title": f"余额 {mask_name(person.name)} {person.number}"}


def _check_bill(bill: BillRead, ask: RefundAsk) -> None:
    if ask.version is not None and ask.version != bill.version:
        raise StaleForm()
    numbers = [line.line_no for line in ask.lines]
    if len(set(numbers)) != len(numbers) or not set(numbers) <= {line.line_no for line in bill.lines}:
        raise BadRefund(why="退款项目不在这张账单上，或填写了两次")
    if numbers and sum(line.amount_fen for line in ask.lines) != ask.amount_fen:
        raise BadRefund(why="各项目金额之和不等于退款金额")


async def free_of_lines(session: Session, bill_id: UUID) -> dict[int, int]:
    """What could go back of each line of a bill, fen."""
    free: dict[int, int] = {}
    for row in await money_repository.list_on_bill(session, bill_id, None):
        free[row.line_no] = free.get(row.line_no, 0) + row.amount_fen
    return free


async def check_free(session: Session, refund: Row) -> None:
    """Whether what is asked for is there, other requests that wait counted as given."""
    places = await holding.places_of(session, refund)
    taken = holding.chosen(places, refund.amount_fen, refund.split, msgspec.convert(refund.lines, list[LineAsk]))
    await holding.check_guards(session, taken)
    waiting = await money_repository.sum_requested(
        session, bill_id=refund.bill_id, party_id=refund.party_id, suspense_id=refund.suspense_id, but=refund.id
    )
    free_fen = total(places) - waiting
    if free_fen < refund.amount_fen:
        raise holding.too_large(max(0, free_fen), refund.amount_fen)


def read(row: Row, items: list[ItemRead] | None = None) -> RefundRead:
    """A refund as pages and programs see it."""
    given = ("lines", "policy", "items")
    facts = {name: getattr(row, name) for name in RefundRead.__struct_fields__ if name not in given}
    policies, lines = msgspec.convert(row.policy, list[PolicyLine]), msgspec.convert(row.lines, list[LineAsk])
    return RefundRead(**facts, lines=lines, policy=policies, items=items or [])


def _item(row: Row, parts: list[Row]) -> ItemRead:
    facts = {name: getattr(row, name) for name in ItemRead.__struct_fields__ if name != "parts"}
    told = [PartRead(kind=p.kind, line_no=p.line_no, merchant_code=p.merchant_code, amount_fen=p.amount_fen) for p in parts]
    return ItemRead(**facts, parts=told)
