"""A cashier's shift: opened with change, counted blind, submitted, accepted by somebody else; a difference is posted, never hidden."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from core import clock, ids, money, paging
from core.counter import repository
from core.counter.errors import CountMissing, NoOpenShift, ShiftAlreadyOpen, ShiftNotFound, VarianceReasonMissing
from core.counter.schemas import NOTES_FEN, Entry, ShiftRead
from core.counter.states import HANDED_IN, SHIFT
from core.database import Row, Session
from core.errors import IllegalTransition, InvalidRequest, NotFound
from core.identity import audit
from core.identity.actor import Actor
from core.identity.worklist import Waiting
from core.ledger import service as ledger
from core.ledger.schemas import SUSPENSE_CASH, SUSPENSE_SHORT, Journal, channel_account, credit, debit
from core.web.i18n import N_

RUN, ACCEPT, READ = "counter.shift.run", "counter.shift.accept", "counter.shift.read"


def need_any(by: Actor) -> None:
    """Let in whoever runs, accepts or reads shifts."""
    if not (by.may(RUN) or by.may(ACCEPT)):
        by.need(READ)


def need_whole(by: Actor) -> None:
    """Let in who may see everybody's transfers and cheques: a right that reaches the whole client."""
    need_any(by)
    if not any(by.may(right) and by.reach(right) is None for right in (RUN, ACCEPT, READ)):
        raise NotFound()


async def open_shift(session: Session, by: Actor, window: str, float_fen: int) -> UUID:
    """Begin taking money, with this much change in the drawer."""
    if not window.strip() or not 0 <= float_fen <= 10_000_000:
        raise InvalidRequest(N_("请填写窗口名称，备用金应在 0 到 100,000 元之间"))
    shift_id = ids.uuid7()
    row = {
        "id": shift_id, "cashier_id": by.id, "cashier": by.name, "window": window.strip()[:40], "status": "open",
        "float_fen": float_fen, "opened_at": clock.now(),
    }  # fmt: skip
    if not await repository.add_shift(session, row):
        held = await repository.live_shift(session, by.id)
        raise ShiftAlreadyOpen(window=held.window if held else window)
    await audit.record(session, by, "counter.shift.open", "cashier_shift", shift_id, after={"window": window, "float_fen": float_fen})
    return shift_id


async def working(session: Session, by: Actor, *, lock: bool = False) -> Row:
    """The shift in which this cashier takes money now; NoOpenShift without one."""
    held = await repository.live_shift(session, by.id, lock=lock)
    if held is None or held.status != "open":
        raise NoOpenShift()
    return held


async def begin_count(session: Session, by: Actor) -> UUID:
    """Stop taking money and count; the expected sum is not shown before the count is in."""
    held = await repository.live_shift(session, by.id, lock=True)
    if held is None:
        raise NoOpenShift()
    await repository.set_shift(session, held.id, {"status": SHIFT.check(held.status, "counting")})
    return held.id


async def resume(session: Session, by: Actor) -> UUID:
    """Go on taking money after all."""
    held = await repository.live_shift(session, by.id, lock=True)
    if held is None:
        raise NoOpenShift()
    await repository.set_shift(session, held.id, {"status": SHIFT.check(held.status, "open")})
    return held.id


async def submit(session: Session, by: Actor, counted: Mapping[int, int], variance_reason: str = "") -> UUID:
    """Hand in the count, by note and coin; a difference needs a reason and a closer look by whoever accepts."""
    held = await repository.live_shift(session, by.id, lock=True)
    if held is None:
        raise NoOpenShift()
    if set(counted) != set(NOTES_FEN) or any(not 0 <= number <= 100_000 for number in counted.values()):
        raise CountMissing()
    counted_fen = sum(note * number for note, number in counted.items())
    expected_fen = await expected(session, held)
    variance_fen = counted_fen - expected_fen
    if variance_fen and not variance_reason.strip():
        raise VarianceReasonMissing(variance=money.format_yuan(variance_fen))
    values = {
        "status": SHIFT.check(held.status, "variance_review" if variance_fen else "submitted"),
        "counted": {str(note): number for note, number in counted.items()}, "counted_fen": counted_fen, "expected_fen": expected_fen,
        "variance_reason": variance_reason.strip() or None, "submitted_at": clock.now(),
    }  # fmt: skip
    await repository.set_shift(session, held.id, values)
    told = {"counted_fen": counted_fen, "expected_fen": expected_fen, "variance_fen": variance_fen}
    await audit.record(session, by, "counter.shift.submit", "cashier_shift", held.id, after=told, reason=variance_reason)
    return held.id


async def send_back(session: Session, shift_id: UUID, by: Actor, reason: str) -> None:
    """Have a count with a difference done again; a shift that was not handed in is its cashier's alone."""
    held = await repository.find_shift(session, shift_id, lock=True)
    if held is None:
        raise ShiftNotFound()
    by.check_other(held.cashier_id)
    if held.status not in HANDED_IN:
        raise IllegalTransition(machine=SHIFT.name, source=held.status, target="counting")
    await repository.set_shift(session, shift_id, {"status": SHIFT.check(held.status, "counting")})
    await audit.record(session, by, "counter.shift.send_back", "cashier_shift", shift_id, reason=reason)


async def accept(session: Session, shift_id: UUID, by: Actor, mchid: str, kept_fen: int, slip: str) -> None:
    """Take the money over: `kept_fen` stays as the next shift's change, the rest goes to the bank under `slip`.

    A difference is posted: too little Dr A.SUSP.SHORT / Cr A.CH, too much Dr A.CH / Cr L.SUSP.CASH.
    """
    held = await repository.find_shift(session, shift_id, lock=True)
    if held is None:
        raise ShiftNotFound()
    by.check_other(held.cashier_id)
    SHIFT.check(held.status, "accepted")
    if not 0 <= kept_fen <= held.counted_fen:
        raise InvalidRequest(N_("留存备用金不能超过盘点金额"))
    if held.counted_fen - kept_fen and not slip.strip():
        raise InvalidRequest(N_("请填写缴款单号，现金将据此与银行入账核对"))
    variance_fen = held.counted_fen - held.expected_fen
    journal_id = await _post_variance(session, held, variance_fen, mchid, by) if variance_fen else None
    values = {
        "status": SHIFT.check(held.status, "accepted"), "kept_fen": kept_fen, "slip": slip.strip() or None, "accepted_by": by.name,
        "accepted_at": clock.now(), "journal_id": journal_id,
    }  # fmt: skip
    await repository.set_shift(session, shift_id, values)
    told = {"variance_fen": variance_fen, "kept_fen": kept_fen, "slip": slip}
    await audit.record(session, by, "counter.shift.accept", "cashier_shift", shift_id, after=told)


async def expected(session: Session, held: Row) -> int:
    """What the drawer should hold: the change it began with, plus cash in, less cash out."""
    cash = [row for row in await repository.totals(session, [held.id]) if row.kind == "cash"]
    return held.float_fen + sum(int(row.in_fen) - int(row.out_fen) for row in cash)


async def current(session: Session, by: Actor) -> ShiftRead | None:
    """The asker's own shift, if there is one."""
    held = await repository.live_shift(session, by.id)
    return None if held is None else (await _read(session, [held], by))[0]


async def find(session: Session, shift_id: UUID, by: Actor) -> ShiftRead:
    """One shift: one's own, or any for those who may read shifts."""
    held = await repository.find_shift(session, shift_id)
    if held is None or not (held.cashier_id == by.id or by.may(READ) or by.may(ACCEPT)):
        raise ShiftNotFound()
    return (await _read(session, [held], by))[0]


async def list_shifts(session: Session, by: Actor, status: str, cursor: str | None, limit: int = paging.PAGE) -> tuple[list, str | None]:
    """Shifts, the newest first; those who only run shifts see their own."""
    need_any(by)
    mine = None if by.may(READ) or by.may(ACCEPT) else by.id
    rows = await repository.list_shifts(session, [status] if status else [], mine, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return await _read(session, shown, by), more


async def entries(session: Session, shift_id: UUID) -> list[Entry]:
    """The movements of a shift, the newest first. What was paid by pay code is the channel's money and stands among them; so do the cheques
    taken, which pay only when they clear: their kind says how each stands."""
    entered = [
        Entry(
            number=row.number, kind=row.kind, amount_fen=row.amount_fen, order_number=row.order_number, refund_number=row.refund_number,
            facts=row.facts, entered_by=row.entered_by, entered_at=row.entered_at,
        )
        for row in await repository.list_entries(session, shift_id)
    ]  # fmt: skip
    scanned = [
        Entry(
            number=row.number, kind="barcode", amount_fen=row.amount_fen, order_number=row.number, refund_number=None,
            facts={"channel": row.channel}, entered_by=row.cashier, entered_at=row.decided_at,
        )
        for row in await repository.list_scans(session, shift_id)
        if row.status == "succeeded"
    ]  # fmt: skip
    cheques = [
        Entry(
            number=row.number, kind=f"cheque_{row.status}", amount_fen=row.amount_fen, order_number=None, refund_number=None,
            facts={"bank": row.bank}, entered_by=row.taken_by, entered_at=row.created_at,
        )
        for row in await repository.list_cheques_of(session, shift_id)
    ]  # fmt: skip
    return sorted([*entered, *scanned, *cheques], key=lambda movement: movement.entered_at, reverse=True)


async def count_to_accept(session: Session, _: Actor) -> Waiting:
    """How many shifts wait to be taken over, and whose has waited longest."""
    row = await repository.oldest_shift(session, HANDED_IN)
    return Waiting(row.n, row.since, row.who) if row else Waiting(0)


async def _post_variance(session: Session, held: Row, variance_fen: int, mchid: str, by: Actor) -> UUID:
    drawer = channel_account("counter", mchid)
    if variance_fen < 0:
        postings = (debit(SUSPENSE_SHORT, -variance_fen), credit(drawer, -variance_fen))
    else:
        postings = (debit(drawer, variance_fen), credit(SUSPENSE_CASH, variance_fen))
    journal = Journal(
        key=f"shift:{held.id}", event="counter.variance", biz_type="cashier_shift", biz_id=str(held.id), postings=postings, by=by.name,
        memo=held.variance_reason or "",
    )  # fmt: skip
    return await ledger.post(session, journal)


async def _read(session: Session, rows: Sequence[Row], by: Actor) -> list[ShiftRead]:
    kinds: dict[UUID, dict[str, Row]] = {row.id: {} for row in rows}
    for total in await repository.totals(session, list(kinds)) if rows else ():
        kinds[total.shift_id][total.kind] = total
    return [_shown(row, kinds[row.id], by) for row in rows]


def _shown(row: Row, kinds: Mapping[str, Row], by: Actor) -> ShiftRead:
    """A shift as the asker may see it: whoever counts their own drawer does not see what should be in it."""
    blind = row.cashier_id == by.id and row.status == "counting"
    cash_in = int(kinds["cash"].in_fen) if "cash" in kinds else 0
    cash_out = int(kinds["cash"].out_fen) if "cash" in kinds else 0
    expected_fen = row.expected_fen if row.expected_fen is not None else row.float_fen + cash_in - cash_out
    by_kind = {k: (int(t.count), int(t.in_fen) - int(t.out_fen)) for k, t in kinds.items()}
    return ShiftRead(
        id=row.id, cashier=row.cashier, mine=row.cashier_id == by.id, window=row.window, status=row.status, float_fen=row.float_fen,
        cash_in_fen=None if blind else cash_in, cash_out_fen=None if blind else cash_out, by_kind=None if blind else by_kind,
        expected_fen=None if blind else expected_fen, counted_fen=row.counted_fen,
        variance_fen=None if blind or row.counted_fen is None else row.counted_fen - expected_fen, variance_reason=row.variance_reason,
        kept_fen=row.kept_fen, slip=row.slip, opened_at=row.opened_at, submitted_at=row.submitted_at, accepted_by=row.accepted_by,
        accepted_at=row.accepted_at, counted=row.counted or {},
    )  # fmt: skip
