"""Bills in the API: look, tick optional lines, propose corrections, use a family's credit."""

import datetime as dt
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.billing import corrections, credit, filters, lists, service, status, units
from core.billing.errors import BadAdjustment
from core.billing.schemas import BillRead
from core.billing.story_schemas import (
    AdjustRequest,
    BillPage,
    BillStory,
    ChooseRequest,
    CreditRequest,
    CreditUsed,
    MoveRequest,
    Proposed,
    ReasonRequest,
)
from core.database import Session
from core.identity.actor import Actor
from core.once import HEADER, once
from core.web.i18n import N_

READ, ADJUST = {"permission": lists.READ}, {"permission": lists.ADJUST}
TAGS = ["账单 bills"]
BILL = "/api/v1/bills/{bill_id:uuid}"


@get("/api/v1/bills", opt=READ, tags=TAGS)
async def list_bills(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    org: FromQuery[UUID | None] = None,
    party: FromQuery[UUID | None] = None,
    item: FromQuery[str] = "",
    period: FromQuery[str] = "",
    due_from: FromQuery[dt.date | None] = None,
    due_to: FromQuery[dt.date | None] = None,
    sort: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> BillPage:
    """Bills with the sums of everything the filter means; `status` may also be `open`, `overdue`, `received`, `discounted`, `live`."""
    given = {"q": q, "status": status, "item": item, "period": period}
    asked = msgspec.structs.replace(filters.read(given), org_id=org, party_id=party, due_from=due_from, due_to=due_to)
    tree = await units.load(session, actor.reach(lists.READ))
    return await lists.list_bills(session, tree, asked, filters.sort_of(sort), cursor, paging.page_size(limit))


@get(BILL, opt=READ, tags=TAGS)
async def get_bill(session: NamedDependency[Session], actor: NamedDependency[Actor], bill_id: FromPath[UUID]) -> BillStory:
    """One bill with its lines, money, journals and versions; the person's name is masked."""
    bill = await lists.find_bill(session, bill_id, actor)
    tree = await units.load(session, actor.reach(lists.READ))
    return await lists.story(session, lists.masked(bill), tree, actor)


@post(BILL + "/choose", opt=ADJUST, status_code=200, tags=TAGS)
async def choose_lines(
    session: NamedDependency[Session], actor: NamedDependency[Actor], bill_id: FromPath[UUID], data: JSONBody[ChooseRequest]
) -> BillRead:
    """Tick exactly these optional lines; 409 STALE_FORM when the bill changed meanwhile."""
    bill = await lists.fresh_bill(session, bill_id, actor, data.version)
    return lists.masked(await service.choose_lines(session, bill.id, set(data.line_nos), actor, data.version))


async def _proposed(
    request: Request, session: Session, actor: Actor, bill_id: UUID, asked: ReasonRequest | AdjustRequest | MoveRequest,
    propose: Callable[[BillRead], Awaitable[UUID]],
) -> Response[Proposed]:  # fmt: skip
    """What proposals about a bill share: it is the bill that the asker read, and the same request proposes once."""

    async def work() -> Proposed:
        return Proposed(await propose(await lists.fresh_bill(session, bill_id, actor, asked.version)))

    return await once(request, session, actor, 201, work)


@post(BILL + "/void", opt=ADJUST, status_code=201, tags=TAGS)
async def propose_void(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    bill_id: FromPath[UUID],
    data: JSONBody[ReasonRequest],
) -> Response[Proposed]:
    """Propose that a bill without money be voided; needs an `Idempotency-Key`."""
    return await _proposed(request, session, actor, bill_id, data, lambda bill: corrections.propose_void(session, bill, data.reason, actor))


@post(BILL + "/write-off", opt=ADJUST, status_code=201, tags=TAGS)
async def propose_write_off(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    bill_id: FromPath[UUID],
    data: JSONBody[ReasonRequest],
) -> Response[Proposed]:
    """Propose that the rest of an overdue bill be given up; needs an `Idempotency-Key`."""
    return await _proposed(request, session, actor, bill_id, data, lambda bill: corrections.propose_write_off(session, bill, data.reason, actor))


@post(BILL + "/adjust", opt=ADJUST, status_code=201, tags=TAGS)
async def propose_adjust(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    bill_id: FromPath[UUID],
    data: JSONBody[AdjustRequest],
) -> Response[Proposed]:
    """Propose other net amounts for lines; needs an `Idempotency-Key`."""
    if len({change.line_no for change in data.changes}) != len(data.changes):
        raise BadAdjustment(N_("同一项目只能调整一次"))

    async def propose(bill: BillRead) -> UUID:
        return await corrections.propose_adjust(session, bill, data.changes, data.reason, actor)

    return await _proposed(request, session, actor, bill_id, data, propose)


@post(BILL + "/move", opt=ADJUST, status_code=201, tags=TAGS)
async def propose_move(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    bill_id: FromPath[UUID],
    data: JSONBody[MoveRequest],
) -> Response[Proposed]:
    """Propose that money paid on this bill lie on another; needs an `Idempotency-Key`."""

    async def propose(source: BillRead) -> UUID:
        target = await lists.find_bill(session, data.target_bill_id, actor, lists.ADJUST)
        return await corrections.propose_move(session, source, target, data.amount_fen, data.reason, actor)

    return await _proposed(request, session, actor, bill_id, data, propose)


@post(BILL + "/use-credit", opt=ADJUST, status_code=200, tags=TAGS)
async def use_credit(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    bill_id: FromPath[UUID],
    data: JSONBody[CreditRequest],
) -> Response[CreditUsed]:
    """Put the family's credit on the bill at once; needs an `Idempotency-Key`."""

    async def work() -> CreditUsed:
        bill = await lists.fresh_bill(session, bill_id, actor, data.version)
        people = [row.id for row in await lists.family(session, bill.party_id)]
        return CreditUsed(await credit.use(session, people, bill.id, actor, f"{bill.id}:{actor.id}:{request.headers[HEADER]}"))

    return await once(request, session, actor, 200, work)


@get("/api/v1/payment-states", opt={"permission": status.READ}, tags=TAGS)
async def list_payment_states(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    org: FromQuery[UUID | None] = None,
    standing: FromQuery[str] = "owing",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> status.StatePage:
    """Who has paid: names and states, no amounts; `standing` is owing, overdue, partial, unpaid, paid or all."""
    tree = await units.load(session, actor.reach(status.READ))
    return await status.people(session, tree, org, standing, cursor, paging.page_size(limit))


ROUTES = [
    list_bills,
    get_bill,
    choose_lines,
    propose_void,
    propose_write_off,
    propose_adjust,
    propose_move,
    use_credit,
    list_payment_states,
]
