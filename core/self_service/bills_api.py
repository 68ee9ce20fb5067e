"""What a payer owes, for programs: the people, their bills with every line explained, optional items, pay codes, the family's credit."""

from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from stdnum import luhn

from core.billing import credit
from core.billing import service as billing
from core.billing.errors import BillNotFound
from core.billing.schemas import BillRead
from core.billing.states import OPEN
from core.cashier import family
from core.database import Session
from core.errors import InvalidRequest
from core.once import HEADER, once
from core.payers import sessions_repository, tries
from core.payers.access import Payer
from core.payers.api import ROOT, TAGS, opt
from core.payers.binding import tidy
from core.payers.pages import actor_of, address_of
from core.platform import Platform
from core.receipts import service as receipts
from core.receipts.schemas import ReceiptRead
from core.self_service.schemas import Bills, Choice, CreditUsed, PayCode, People, PersonRead, Receipts
from core.tenancy.directory import ClientProfile

BILL = ROOT + "/bills/{bill_id:uuid}"


class PayCodeWrong(InvalidRequest):
    code = "PAY_CODE_WRONG"
    message = "缴费码是 16 位数字，请对照通知单逐位核对"


@get(ROOT + "/people", opt=opt("device"), tags=TAGS)
async def list_people(session: NamedDependency[Session], payer: NamedDependency[Payer]) -> People:
    """The bound people, and those whose bills a pay code opened in this session."""
    known = await family.load(session, payer)
    people = [
        PersonRead(
            party_id=member.id, name=member.name, org_name=member.org_name, own=member.own, open_fen=member.open_fen,
            open_bills=len(member.open_bills),
        )
        for member in known.members
    ]  # fmt: skip
    return People(people, known.credit_fen)


@get(ROOT + "/bills", opt=opt("device"), tags=TAGS)
async def list_bills(
    session: NamedDependency[Session], payer: NamedDependency[Payer], party_id: FromQuery[UUID | None] = None, all: FromQuery[bool] = False
) -> Bills:
    """What is open, the first due first; `all` for paid bills too, `party_id` for one person's."""
    known = await family.load(session, payer)
    found = [
        shown(member, bill)
        for member in known.members
        for bill in (member.bills if all else member.open_bills)
        if party_id in (None, member.id)
    ]
    return Bills(sorted(found, key=lambda bill: (bill.due_on, bill.number)))


@get(BILL, opt=opt("device"), tags=TAGS)
async def get_bill(session: NamedDependency[Session], payer: NamedDependency[Payer], bill_id: FromPath[UUID]) -> BillRead:
    """One bill: each line with the standard that priced it and what was taken off."""
    return shown(*(await family.load(session, payer)).find(bill_id))


@post(ROOT + "/pay-codes", opt=opt("device"), tags=TAGS, status_code=200)
async def open_by_code(
    request: Request,
    paying: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[PayCode],
) -> BillRead:
    """Sixteen digits open one bill to this session; a wrong code counts, a typing error does not."""
    digits = tidy(data.pay_code).replace("-", "")
    if len(digits) != 16 or not digits.isascii() or not digits.isdigit() or not luhn.is_valid(digits):
        raise PayCodeWrong()
    async with platform.database.tenant(client.id) as session:
        marks = tries.marks(await platform.vault.keys(session), "pay_code", device=paying.device, address=address_of(request))
        await tries.check(session, marks)
        try:
            found = await billing.find_by_pay_code(session, digits)
        except BillNotFound:
            found = None
            await tries.failed(session, marks)
        else:
            await sessions_repository.add_bill(session, paying.session_id, found.id)
            opened = msgspec.structs.replace(paying, bill_ids=paying.bill_ids | {found.id})
            return shown(*(await family.load(session, opened)).find(found.id))
    raise BillNotFound()


@post(BILL + "/choose", opt=opt("device"), tags=TAGS, status_code=200)
async def choose_lines(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], bill_id: FromPath[UUID], data: JSONBody[Choice]
) -> BillRead:
    """Tick exactly these optional lines (paid ones stay); only for those bound to the person. 409 STALE_FORM when the bill has changed."""
    member, bill = (await family.load(session, payer)).find(bill_id)
    if not member.own:
        raise BillNotFound()
    kept = {line.line_no for line in bill.lines if not line.mandatory and line.paid_fen}
    by = actor_of(request, payer, session.tenant_id)
    return shown(member, await billing.choose_lines(session, bill_id, set(data.line_nos) | kept, by, data.version))


@post(BILL + "/use-credit", opt=opt("payer"), tags=TAGS, status_code=200)
async def use_credit(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], bill_id: FromPath[UUID]
) -> Response[CreditUsed]:
    """Put the family's credit on a bill; needs an `Idempotency-Key`."""
    by = actor_of(request, payer, session.tenant_id)

    async def work() -> CreditUsed:
        known = await family.load(session, payer)
        known.find(bill_id)
        return CreditUsed(await credit.use(session, known.own_ids, bill_id, by, f"{bill_id}:{by.id}:{request.headers[HEADER]}"))

    return await once(request, session, by, 200, work)


@get(ROOT + "/receipts", opt=opt("device"), tags=TAGS)
async def list_receipts(session: NamedDependency[Session], payer: NamedDependency[Payer]) -> Receipts:
    """Every receipt of what this session may see, the newest first; one without a number is being issued, which takes seconds."""
    known = await family.load(session, payer)
    found = await receipts.receipts_of(session, [bill.id for bill in known.bills]) if known.bills else []
    return Receipts([_receipt(known, receipt) for receipt in found])


@get(ROOT + "/receipts/{receipt_id:uuid}", opt=opt("device"), tags=TAGS)
async def get_receipt(session: NamedDependency[Session], payer: NamedDependency[Payer], receipt_id: FromPath[UUID]) -> ReceiptRead:
    """One receipt; somebody else's does not exist."""
    return _receipt(await family.load(session, payer), await receipts.find_receipt(session, receipt_id))


def shown(member: family.Member, bill: BillRead) -> BillRead:
    """A bill as this payer may see it: opened by a pay code only, the person stays masked."""
    if member.own:
        return bill
    return msgspec.structs.replace(bill, party_name=member.name, party_number="")


def payable(bill: BillRead) -> bool:
    """Whether anything of it can be paid now."""
    return bill.status in OPEN and bill.open_fen > 0


def _receipt(known: family.Family, receipt: ReceiptRead) -> ReceiptRead:
    member, _bill = known.find(receipt.bill_id)
    if member.own:
        return receipt
    return msgspec.structs.replace(receipt, content=msgspec.structs.replace(receipt.content, payer=member.name, party_number=""))


ROUTES = [list_people, list_bills, get_bill, open_by_code, choose_lines, use_credit, list_receipts, get_receipt]
