"""Money in suspense finds its owner: onto a bill or to a family as credit, by a journal and two people."""

from uuid import UUID

from core import clock, money
from core.approvals import service as approvals
from core.billing import service as billing
from core.billing.schemas import Placement
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity import audit
from core.identity.actor import Actor
from core.ledger import service as ledger
from core.ledger.schemas import SUSPENSE_LONG, Journal, credit, debit, merchant_account, prepaid_account
from core.masking import mask_name
from core.payers import service as payers
from core.payments import repository
from core.payments.errors import SuspenseNotFound, SuspenseTooSmall
from core.payments.states import ORDER
from core.web import retold
from core.web.i18n import N_

LOOKED_INTO = N_("渠道所述与订单不符，财务已核实，订单不再等待")
retold.register(LOOKED_INTO)


async def find(session: Session, item_id: UUID) -> Row:
    """One item; SuspenseNotFound outside this tenant."""
    row = await repository.find_suspense(session, item_id)
    if row is None:
        raise SuspenseNotFound()
    return row


async def propose(
    session: Session, item_id: UUID, *, amount_fen: int, reason: str, by: Actor, bill_id: UUID | None = None, party_id: UUID | None = None
) -> UUID:
    """Ask that an item's money go onto a bill, or to a person as credit."""
    item = await find(session, item_id)
    if (bill_id is None) == (party_id is None):
        raise InvalidRequest("请选择一张账单，或选择转为某人的余额（二选一）")
    if not 0 < amount_fen <= item.left_fen:
        raise SuspenseTooSmall(left=money.format_yuan(item.left_fen), amount=money.format_yuan(amount_fen))
    proposal = {"bill_id": bill_id and str(bill_id), "party_id": party_id and str(party_id), "amount_fen": amount_fen}
    proposal |= {"before": {"left_fen": item.left_fen}, "target": ""}
    if bill_id is not None:
        target = await billing.find_bill(session, bill_id)
        billing.check_payable(target, amount_fen, merged=False)
        proposal["target"] = target.number
    if party_id is not None:
        person = await payers.find_party(session, party_id)
        proposal["target"] = f"{mask_name(person.name)} {person.number}"
    title = f"挂账处理 · {item.facts.get('order_number', '')}"
    return await approvals.propose(
        session, by, kind="payments.suspense", title=title, subject_id=item_id, proposal=proposal, reason=reason, amount_fen=amount_fen
    )


async def propose_closing(session: Session, item_id: UUID, *, reason: str, by: Actor) -> UUID:
    """Ask that an item be closed that holds no money of ours: what a channel said that differed from our books was looked into."""
    item = await find(session, item_id)
    if item.payment_id is not None or item.left_fen or item.status != "open":
        raise InvalidRequest("这一条还有未处理的款项，请转入账单、转为余额或退回付款人")
    proposal = {"bill_id": None, "party_id": None, "amount_fen": 0, "before": {"left_fen": 0}, "target": "", "close": True}
    title = f"核实关闭 · {item.facts.get('order_number', '')}"
    return await approvals.propose(session, by, kind="payments.suspense", title=title, subject_id=item_id, proposal=proposal, reason=reason)


async def resolve(session: Session, item_id: UUID, proposal: dict, by: Actor) -> None:
    """Post it: Dr L.SUSP.LONG, Cr the merchant or the family (domain book §2.2, long → supplemented)."""
    item = await repository.lock_suspense(session, item_id)
    amount_fen = proposal["amount_fen"]
    if proposal.get("close"):
        if item is None or item.payment_id is not None or item.left_fen:
            raise SuspenseTooSmall("这一条已有款项，不能直接关闭，请退回后重新提交")
        await repository.reduce_suspense(session, item_id, 0, "closed", by.name, clock.now())
        await _let_go(session, item)
        await audit.record(session, by, "payments.suspense.close", "suspense", item_id, after=proposal, reason=proposal["reason"])
        return
    if item is None or item.left_fen < amount_fen or item.payment_id is None:
        left = 0 if item is None else item.left_fen
        raise SuspenseTooSmall(left=money.format_yuan(left), amount=money.format_yuan(amount_fen))
    placements = [Placement(payment_id=item.payment_id, kind="suspense", amount_fen=-amount_fen)]
    if proposal["bill_id"]:
        shares, left = await billing.share_out(session, [(UUID(proposal["bill_id"]), amount_fen)], amount_fen)
        if left:
            raise SuspenseTooSmall("账单在复核期间有变动，已不欠这么多，请退回后重新提交")
        credits = [credit(merchant_account(s.merchant_code), s.amount_fen, s.merchant_id) for s in shares]
        placements += billing.on_bills(item.payment_id, shares)
    else:
        party_id = UUID(proposal["party_id"])
        credits = [credit(prepaid_account(party_id), amount_fen)]
        placements.append(Placement(payment_id=item.payment_id, kind="credit", party_id=party_id, amount_fen=amount_fen))
    journal_id = await ledger.post(
        session,
        Journal(
            key=f"suspense:{proposal['approval_id']}",
            event="suspense.resolved",
            biz_type="suspense",
            biz_id=str(item_id),
            postings=(debit(SUSPENSE_LONG, amount_fen), *credits),
            by=by.name,
            memo=proposal["reason"],
        ),
    )
    await billing.place(session, journal_id, placements)
    where = "bill" if proposal["bill_id"] else "credit"
    await repository.reduce_suspense(session, item_id, amount_fen, where, by.name, clock.now())
    await audit.record(session, by, "payments.suspense.resolve", "suspense", item_id, after=proposal, reason=proposal["reason"])


async def _let_go(session: Session, item: Row) -> None:
    """An expired order whose channel says another amount than ours was never decided: looked into by two people it has failed, its bills are free."""
    order = await repository.lock_order(session, str(item.facts.get("order_number", ""))) if item.reason == "mismatch" else None
    if order is not None and order.status in ("created", "pending") and order.expires_at <= clock.now():
        await repository.set_decided(session, order.id, ORDER.check(order.status, "failed"), LOOKED_INTO, clock.now())
