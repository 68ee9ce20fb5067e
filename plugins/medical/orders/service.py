"""Orders: taken once by their numbers, split exactly, the cash part billed; paid when the bill is paid in full, and never before.

Nothing here calls a channel: `paying.py` does, without a transaction.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock, ids
from core.billing import corrections, issuing
from core.billing.schemas import BillDraft, LineDraft
from core.database import Row, Session
from core.events import PaymentSettled
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.jobs import service as jobs
from core.payments import desk
from core.payments.errors import AnotherPaymentUnderWay
from plugins.medical.insurance import service as insurance
from plugins.medical.orders import quantities, repository, rules
from plugins.medical.orders.checks import CHECKS
from plugins.medical.orders.errors import MerchantMissing, OrderDiffers, OrderNotFound, SceneNotYours, VendorNumberMissing, VisitOfAnother
from plugins.medical.orders.schemas import Item, Opened, OrderAsk, OrderRead, PatientItem
from plugins.medical.orders.states import ORDER
from plugins.medical.orders.words import KIND_WORDS
from plugins.medical.organisation import service as organisation
from plugins.medical.patients import service as patients
from plugins.medical.patients import visits

READ, MAKE = "medical.order.read", "medical.order.make"
OBJECT = "med_order"
PLUGIN = "medical"
MERGED = ("register", "outpatient", "prepay")
"""Deposits and what is short at discharge are paid one by one."""


async def place(
    session: Session, keys: TenantKeys, ask: OrderAsk, by: Actor, vendor: Row | None, settings: Mapping[str, object] | None = None
) -> OrderRead:
    """Take an order and bill its cash part; the same numbers and content again are the same order.

    OrderDiffers for other content, OrderNotFound when the number is somebody else's, SplitBroken and ItemsDiffer when amounts contradict each
    other, SceneNotYours, and whatever the check of the order's kind refuses. Without cash the order is paid at once and has no bill.
    """
    settings = settings or {}
    rules.check(ask, settings)
    digest = rules.digest(ask)
    known = await repository.find_same(session, ask.his_bill_no, vendor.id if vendor else None, ask.vendor_order_no)
    if known:
        return await _again(session, known, ask, digest, vendor)
    _check_vendor(ask, vendor)
    patient = await patients.find_by_no(session, ask.patient_no)
    visit = await visits.find(session, ask.visit_no) if ask.visit_no else None
    if visit is not None and visit.patient_id != patient.id:
        raise VisitOfAnother(visit_no=ask.visit_no)
    if ask.kind in CHECKS:
        await CHECKS[ask.kind](session, settings, ask, patient, visit)
    department_id = await organisation.department(session, ask.department_code) if ask.department_code else visit and visit.department_id
    words = await repository.place_words(session, department_id)
    parts = rules.split(ask)
    row = {
        "id": ids.uuid7(), "number": ids.number("M", clock.today().strftime("%y%m%d"), 12), "his_bill_no": ask.his_bill_no,
        "vendor_id": vendor.id if vendor else None, "vendor_order_no": ask.vendor_order_no, "patient_id": patient.id,
        "visit_id": visit.id if visit else None, "department_id": department_id, "scene": ask.scene, "kind": ask.kind,
        "title": " ".join([words[kind] for kind in ("hospital", "department") if kind in words] or [KIND_WORDS[ask.kind]]),
        "items_sealed": keys.seal(msgspec.json.encode({"title": ask.title or "", "items": [_sealed(item) for item in ask.items]})),
        "categories": rules.categories(ask.items), "total_fen": ask.total_fen, **parts, "status": _status(ask, parts["cash_fen"]),
        "body_hash": digest,
    }  # fmt: skip
    if not await repository.add(session, row):
        return await _again(session, await repository.find_same(session, ask.his_bill_no, row["vendor_id"], ask.vendor_order_no), ask, digest, vendor)
    if ask.insurance is not None:
        await insurance.keep(session, ask.insurance, patient_id=patient.id, order_id=row["id"], visit_id=row["visit_id"], status="pre_settled")
    if parts["cash_fen"]:
        await _bill(session, row, ask, parts, rules.merchant_code(settings, ask.kind))
    else:
        await insurance.settled(session, [row["id"]])
        await repository.change(session, row["id"], paid_at=clock.now(), post_at=await _post_at(session))
    after = {"total_fen": ask.total_fen, "cash_fen": parts["cash_fen"]}
    await audit.record(session, by, "medical.order.place", OBJECT, row["id"], after=after)
    return await find(session, row["number"])


async def find(session: Session, number: str, vendor: Row | None = None) -> OrderRead:
    """One order; a vendor finds only its own. OrderNotFound otherwise."""
    return read(await row_of(session, number, vendor))


async def row_of(session: Session, number: str, vendor: Row | None = None) -> Row:
    """The same with everything that pages want to know."""
    row = await repository.find(session, number, vendor.id if vendor else None)
    if row is None:
        raise OrderNotFound()
    return row


async def settled(session: Session, event: PaymentSettled) -> Sequence[Row]:
    """Money came onto bills: orders whose bill is paid in full are paid now. Answers those that were not before."""
    if not event.bill_ids:
        return []
    return await _follow(session, await repository.settle(session, event.bill_ids, clock.now(), await _post_at(session)))


async def catch_up(session: Session) -> Sequence[Row]:
    """The same for bills that were paid without a payment of their own: finance moved money onto them."""
    now = clock.now()
    return await _follow(session, await repository.settle_all(session, now, await _post_at(session)))


async def cancel(session: Session, number: str, by: Actor, vendor: Row | None, reason: str = "") -> OrderRead:
    """Withdraw an order that nobody paid: its bill is void, its settlement cancelled. Withdrawn before, nothing changes.

    IllegalTransition once it is paid, AnotherPaymentUnderWay while somebody may still pay (`paying.cancel` ends that first).
    """
    if not await repository.lock(session, number):
        raise OrderNotFound()
    row = await row_of(session, number, vendor)
    if row.status == "cancelled":
        return read(row)
    ORDER.check(row.status, "cancelled")
    if row.bill_id is not None and row.bill_status != "void":
        await corrections.void(session, row.bill_id, {"reason": reason or "撤销诊疗订单"}, by)
        if await desk.live_orders(session, [row.bill_id]):
            raise AnotherPaymentUnderWay()
    await insurance.withdrawn(session, [row.id])
    await move(session, row, "cancelled")
    await audit.record(
        session, by, "medical.order.cancel", OBJECT, row.id, before={"status": row.status}, after={"status": "cancelled"}, reason=reason or None
    )
    return await find(session, number)


async def move(session: Session, row: Row, to: str, **values: object) -> None:
    """An order's next state, if the machine has the step."""
    await repository.change(session, row.id, status=ORDER.check(row.status, to), **values)


def opened(keys: TenantKeys, row: Row) -> Opened:
    """What was sealed: for the patient's own eyes only."""
    if row.items_sealed is None:
        return Opened(row.title, [])
    return msgspec.json.decode(keys.open_bytes(row.items_sealed), type=Opened)


def read(row: Row) -> OrderRead:
    """An order as programs and staff see it; no name of a person, no name of an item."""
    same = [name for name in OrderRead.__struct_fields__ if name not in ("vendor", "vendor_name", "patient", "link")]
    return OrderRead(**{name: getattr(row, name) for name in same}, vendor=row.app_id, vendor_name=row.vendor_name or "")


async def _again(session: Session, known: Sequence[Row], ask: OrderAsk, digest: bytes, vendor: Row | None) -> OrderRead:
    """The order that has these numbers already, if it is this very one."""
    if vendor is not None and any(row.vendor_id != vendor.id for row in known):
        raise OrderNotFound()
    row = known[0]
    if len(known) > 1 or bytes(row.body_hash) != digest:
        cash_fen = rules.split(ask)["cash_fen"]
        facts = (
            ("总额", row.total_fen, ask.total_fen), ("现金部分", row.cash_fen, cash_fen), ("类型", row.kind, ask.kind), ("场景", row.scene, ask.scene),
        )  # fmt: skip
        raise OrderDiffers(number=ask.his_bill_no, fields="、".join(word for word, ours, theirs in facts if ours != theirs) or "内容")
    return await find(session, row.number)


def _check_vendor(ask: OrderAsk, vendor: Row | None) -> None:
    if vendor is None and ask.vendor_order_no is not None:
        raise VendorNumberMissing()
    if vendor is not None and ask.scene not in vendor.scenes:
        raise SceneNotYours()


def _status(ask: OrderAsk, cash_fen: int) -> str:
    before = ORDER.check("created", "insurance_pre_settled") if ask.insurance is not None else "created"
    return ORDER.check(before, "awaiting_payment" if cash_fen else "paid")


async def _bill(session: Session, row: Mapping[str, object], ask: OrderAsk, parts: Mapping[str, int], code: str) -> None:
    """The cash part as a bill of one line: hospital and department in its title, categories and the split in its explanation."""
    merchant_id = await repository.find_merchant(session, code)
    if merchant_id is None:
        raise MerchantMissing(code=code)
    line = LineDraft(
        item_code=f"medical.{ask.kind}", item_name=KIND_WORDS[ask.kind], category="medical", merchant_id=merchant_id,
        unit_price_fen=parts["cash_fen"], amount_fen=parts["cash_fen"], discount_fen=0, mandatory=True,
        rule={"explanation": rules.explanation(row["categories"], ask.total_fen, parts)},
    )  # fmt: skip
    today = clock.today()
    draft = BillDraft(
        plugin=PLUGIN, source=source_of(row["id"]), party_id=row["patient_id"], org_id=row["department_id"], title=str(row["title"]),
        period=today.strftime("%Y-%m"), due_on=today, visible_from=clock.now(), lines=(line,), allow_partial=False, allow_merge=ask.kind in MERGED,
    )  # fmt: skip
    await issuing.issue(session, [draft])
    await repository.link_bill(session, row["id"], row["patient_id"], draft.source)


def source_of(order_id: UUID) -> str:
    """What core's bill of an order names as its source."""
    return f"medical:{order_id}"


async def _post_at(session: Session) -> dt.datetime | None:
    """Now, where HIS wants to be told; None where there is no link."""
    if not await repository.wants_to_be_told(session):
        return None
    await jobs.call_worker(session)
    return clock.now()


async def _follow(session: Session, paid: Sequence[Row]) -> Sequence[Row]:
    if paid:
        await insurance.settled(session, [row.id for row in paid])
    return paid


def _sealed(item: Item) -> PatientItem:
    return PatientItem(item.category, item.name, quantities.plain(item.quantity), item.price_fen, item.amount_fen)
