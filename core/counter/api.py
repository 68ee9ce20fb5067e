"""The counter in the API: shifts, payments at the window, cheques, transfers and sub-accounts."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.counter import payouts, service, shifts, transfers, window
from core.counter.payouts import PaidOut, PayoutPage
from core.counter.schemas import (
    AcceptRequest,
    CashRequest,
    ChequePage,
    ChequeRequest,
    ChequeTaken,
    CountRequest,
    Entry,
    OpenRequest,
    PosRequest,
    ReasonRequest,
    Receipt,
    ShiftPage,
    ShiftRead,
    SubAccount,
    TransferPage,
)
from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.once import HEADER, once
from core.payers import service as payers
from core.payments.accounts import service as accounts
from core.platform import Platform
from core.tenancy.directory import ClientProfile

RUN, ACCEPT, ANY = {"permission": shifts.RUN}, {"permission": shifts.ACCEPT}, {"permission": "any"}
TAGS = ["柜台 counter"]
SHIFT = "/api/v1/counter/shifts/{shift_id:uuid}"


@get("/api/v1/counter/shifts", opt=ANY, tags=TAGS)
async def list_shifts(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> ShiftPage:
    """Shifts, the newest first: one's own, or all for those who accept them."""
    return ShiftPage(*await shifts.list_shifts(session, actor, status.replace("\0", ""), cursor, paging.page_size(limit)))


@post("/api/v1/counter/shifts", opt=RUN, status_code=201, tags=TAGS)
async def open_shift(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[OpenRequest]
) -> Response[ShiftRead]:
    """Begin a shift; needs an `Idempotency-Key`."""

    async def work() -> ShiftRead:
        return await shifts.find(session, await shifts.open_shift(session, actor, data.window, data.float_fen), actor)

    return await once(request, session, actor, 201, work)


@get(SHIFT, opt=ANY, tags=TAGS)
async def get_shift(session: NamedDependency[Session], actor: NamedDependency[Actor], shift_id: FromPath[UUID]) -> ShiftRead:
    """One shift."""
    return await shifts.find(session, shift_id, actor)


@get(SHIFT + "/entries", opt=ANY, tags=TAGS)
async def list_entries(session: NamedDependency[Session], actor: NamedDependency[Actor], shift_id: FromPath[UUID]) -> list[Entry]:
    """What went through a shift."""
    return await shifts.entries(session, (await shifts.find(session, shift_id, actor)).id)


@post("/api/v1/counter/count", opt=RUN, status_code=200, tags=TAGS)
async def begin_count(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> ShiftRead:
    """Stop taking money and count."""
    return await shifts.find(session, await shifts.begin_count(session, actor), actor)


@post("/api/v1/counter/resume", opt=RUN, status_code=200, tags=TAGS)
async def resume(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> ShiftRead:
    """Go on taking money after all."""
    return await shifts.find(session, await shifts.resume(session, actor), actor)


@post("/api/v1/counter/submit", opt=RUN, status_code=200, tags=TAGS)
async def submit(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[CountRequest]) -> ShiftRead:
    """Hand in the count; a difference needs a reason."""
    return await shifts.find(session, await shifts.submit(session, actor, data.counted, data.variance_reason), actor)


@post(SHIFT + "/accept", opt=ACCEPT, status_code=200, tags=TAGS)
async def accept(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    shift_id: FromPath[UUID],
    data: JSONBody[AcceptRequest],
) -> ShiftRead:
    """Take a shift's money over; not by its own cashier."""
    _, account = await accounts.collecting(session, platform.vault, "counter")
    await shifts.accept(session, shift_id, actor, account.mchid, data.kept_fen, data.slip)
    return await shifts.find(session, shift_id, actor)


@post(SHIFT + "/send-back", opt=ACCEPT, status_code=200, tags=TAGS)
async def send_back(
    session: NamedDependency[Session], actor: NamedDependency[Actor], shift_id: FromPath[UUID], data: JSONBody[ReasonRequest]
) -> ShiftRead:
    """Have the count done again."""
    await shifts.send_back(session, shift_id, actor, data.reason)
    return await shifts.find(session, shift_id, actor)


@post("/api/v1/counter/payments", opt=RUN, status_code=201, tags=TAGS)
async def take_payment(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[CashRequest | PosRequest],
) -> Response[Receipt]:
    """Take cash or a POS slip for some bills; needs an `Idempotency-Key`. What was begun on a phone is closed at its channel first."""
    await window.clear_way(platform, client, data.items)
    async with platform.database.tenant(client.id) as session:
        key = f"{asker.id}:{request.headers.get(HEADER, '')}"
        return await once(request, session, asker, 201, lambda: window.take(session, platform, asker, data, key))


@get("/api/v1/counter/cheques", opt=ANY, tags=TAGS)
async def list_cheques(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> ChequePage:
    """Cheques, the newest first."""
    shifts.need_whole(actor)
    size = paging.page_size(limit)
    rows = await service.list_cheques(session, status.replace("\0", ""), paging.read_id(cursor), size + 1)
    return ChequePage(*paging.cut(rows, size, lambda row: str(row.id)))


@post("/api/v1/counter/cheques", opt=RUN, status_code=201, tags=TAGS)
async def take_cheque(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[ChequeRequest]
) -> Response[ChequeTaken]:
    """Take a cheque; it pays when it clears. Needs an `Idempotency-Key`."""

    async def work() -> ChequeTaken:
        return ChequeTaken(await window.take_cheque(session, actor, data))

    return await once(request, session, actor, 201, work)


@post("/api/v1/counter/cheques/{cheque_id:uuid}/clear", opt=ACCEPT, status_code=200, tags=TAGS)
async def clear_cheque(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], cheque_id: FromPath[UUID]
) -> Receipt:
    """The bank has paid it."""
    return await service.clear_cheque(session, platform.vault, cheque_id, actor)


@post("/api/v1/counter/cheques/{cheque_id:uuid}/bounce", opt=ACCEPT, status_code=200, tags=TAGS)
async def bounce_cheque(
    session: NamedDependency[Session], actor: NamedDependency[Actor], cheque_id: FromPath[UUID], data: JSONBody[ReasonRequest]
) -> None:
    """The bank refused it."""
    await service.bounce_cheque(session, cheque_id, actor, data.reason)


@get("/api/v1/counter/transfers", opt=ANY, tags=TAGS)
async def list_transfers(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> TransferPage:
    """Transfers that the bank told us of, the newest first."""
    shifts.need_whole(actor)
    size = paging.page_size(limit)
    rows = await transfers.list_transfers(session, status.replace("\0", ""), paging.read_id(cursor), size + 1)
    return TransferPage(*paging.cut(rows, size, lambda row: str(row.id)))


@post("/api/v1/counter/sub-accounts/{party_id:uuid}", opt=RUN, status_code=200, tags=TAGS)
async def give_sub_account(
    session: NamedDependency[Session], actor: NamedDependency[Actor], party_id: FromPath[UUID]
) -> SubAccount:
    """The account number to which one person's transfers go; the same one each time."""
    person = await payers.find_party(session, party_id)
    if not actor.reaches(shifts.RUN, person.org_id):
        raise NotFound()
    return SubAccount(person.id, (await transfers.give_sub_accounts(session, [person.id]))[person.id])


@get("/api/v1/counter/payouts", opt=RUN, tags=TAGS)
async def list_payouts(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> PayoutPage:
    """Refunds that wait to be handed over at a window, the oldest first."""
    return PayoutPage(await payouts.waiting(session))


@post("/api/v1/counter/payouts/{number:str}", opt=RUN, status_code=201, tags=TAGS)
async def pay_out(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    number: FromPath[str],
) -> Response[PaidOut]:
    """Hand a refund over out of one's own shift's drawer, once; needs an `Idempotency-Key`."""

    async def work() -> PaidOut:
        return PaidOut(await payouts.pay_out(session, platform.vault, actor, number))

    return await once(request, session, actor, 201, work)


ROUTES = [
    list_shifts, open_shift, get_shift, list_entries, begin_count, resume, submit, accept, send_back, take_payment, list_cheques,
    take_cheque, clear_cheque, bounce_cheque, list_transfers, give_sub_account, list_payouts, pay_out,
]  # fmt: skip
