"""What is owed: the family's bills, one bill explained, optional items ticked, a bill opened by its pay code."""

from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from stdnum import luhn

from core.billing import credit, viewing
from core.billing import service as billing
from core.billing.errors import BillNotFound
from core.billing.schemas import LineRead
from core.billing.states import OPEN
from core.cashier import charge, family, history
from core.database import Session
from core.errors import StaleForm
from core.hookspecs import MenuItem
from core.notices import inbox, templates
from core.payers import guardians, sessions_repository, tries
from core.payers.access import Payer
from core.payers.binding import tidy
from core.payers.errors import TooManyTries
from core.payers.pages import action, actor_of, address_of, home, page
from core.payers.words import words_for
from core.payments import service as payments
from core.payments import waiting as under_way
from core.platform import Platform
from core.receipts import service as receipts
from core.tenancy.directory import ClientProfile
from core.web.filters import yuan
from core.web.i18n import gettext as _
from core.web.templating import redirect, render


@page()
async def front_page(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response[str]:
    """What the family owes; for an unknown device, what this is and how to begin."""
    known = await family.load(session, payer)
    if payer.payer_id is None and not known.members:
        return render(request, "cashier/front.html", home=home(request), words=words_for(client.kind))
    to_decide = await guardians.list_to_decide(session, payer.payer_id) if payer.payer_id else []
    waiting = [b for b in await guardians.list_bindings(session, payer.payer_id) if b.status == "manual_review"] if payer.payer_id else []
    unread = await inbox.unread_of_payer(session, templates.events_of(platform, client), payer.payer_id) if payer.payer_id else 0
    owed = [bill.id for bill in known.bills if bill.open_fen]
    live = await under_way.on_bills(session, owed)
    await viewing.seen(session, owed, payer.payer_id)
    context = {
        "family": known, "to_decide": to_decide, "waiting": waiting, "logged_in": payer.payer_id is not None, "unread": unread, "live": live,
        "tiles": _tiles(platform, client) if payer.payer_id else [],
    }  # fmt: skip
    return render(request, "cashier/home.html", home=home(request), words=words_for(client.kind), **context)


def _tiles(platform: Platform, client: ClientProfile) -> list[MenuItem]:
    """What the client's plugins offer a payer whose phone was verified: menu lines of the side `h5`."""
    offered = [item for code, item in platform.plugins.collect_all("register_menu") if item.side == "h5" and (code == "core" or client.has(code))]
    return sorted(offered, key=lambda item: item.position)


@page("/bills/{bill_id:uuid}")
async def bill_page(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    bill_id: FromPath[UUID],
) -> Response[str]:
    """One bill: every line explained on tap, what was paid, what can be chosen."""
    known = await family.load(session, payer)
    member, bill = known.find(bill_id)
    await viewing.seen(session, [bill.id], payer.payer_id)
    context = {
        "member": member,
        "bill": bill,
        "explain": explain,
        "payments": await payments.list_payments_of(session, [bill.id]),
        "live": await under_way.on_bills(session, [bill.id]),
        "may_ask_back": member.own and bill.paid_fen > bill.refunded_fen and family.may_ask_back(client),
        "receipts": await receipts.receipts_of(session, [bill.id]),
        "credit_fen": min(known.credit_fen, bill.open_fen) if member.own else 0,
        "key": f"credit-{bill.version}-{bill.paid_fen}",
        "payable": bill.status in OPEN and bill.open_fen > 0,
        "choosing": member.own and (bill.status in OPEN or bill.status == "paid") and any(_free(line) for line in bill.lines),
        "fixed_fen": sum(line.net_fen - line.paid_fen for line in bill.lines if line.chosen and not _free(line)),
    }
    return render(request, "cashier/bill.html", home=home(request), **context)


@action("/bills/{bill_id:uuid}/choose")
async def choose(request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], bill_id: FromPath[UUID]) -> Response:
    """Tick optional items, then go on to pay; only for those bound to the person, a pay code is for paying."""
    member, bill = (await family.load(session, payer)).find(bill_id)
    form = await request.form()
    if not member.own:
        raise BillNotFound()
    here = f"{home(request)}/bills/{bill.id}"
    ticked = {charge.whole(str(value)) for value in form.getall("line", [])} - {0}
    ticked |= {line.line_no for line in bill.lines if not line.mandatory and line.paid_fen}
    if ticked != {line.line_no for line in bill.lines if not line.mandatory and line.chosen}:
        try:
            by = actor_of(request, payer, session.tenant_id)
            bill = await billing.choose_lines(session, bill.id, ticked, by, charge.whole(str(form.get("version", ""))))
        except StaleForm:
            return redirect(request, here, warning=_("账单刚刚有变化，请重新选择"))
    if bill.open_fen <= 0:
        return redirect(request, here, success=_("已更新，没有待缴金额"))
    return redirect(request, f"{home(request)}/pay?bill={bill.id}")


@action("/bills/{bill_id:uuid}/credit", permission="payer")
async def use_credit(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], bill_id: FromPath[UUID]
) -> Response:
    """Put the family's credit on a bill."""
    known = await family.load(session, payer)
    _member, bill = known.find(bill_id)
    key = f"{bill.id}:{charge.key_of(str((await request.form()).get('idempotency_key', '')))}"
    used = await credit.use(session, known.own_ids, bill.id, actor_of(request, payer, session.tenant_id), key)
    return redirect(request, f"{home(request)}/bills/{bill.id}", success=_("已用余额抵缴 ¥%(amount)s", amount=yuan(used)))


@page("/code")
async def code_page(request: Request, session: NamedDependency[Session], code: FromQuery[str] = "") -> Response[str]:
    """Sixteen digits open one bill."""
    return render(request, "cashier/code.html", home=home(request), typed=code[:32], error="")


@action("/code")
async def open_by_code(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], platform: NamedDependency[Platform]
) -> Response:
    """The code is the secret: right digits show the bill, wrong ones are counted, typing errors are only told."""
    typed = str((await request.form()).get("code", ""))[:40]
    digits = tidy(typed).replace("-", "")

    def again(error: str, status: int = 422) -> Response:
        return render(request, "cashier/code.html", status=status, home=home(request), typed=typed, error=error)

    if len(digits) != 16 or not digits.isascii() or not digits.isdigit():
        return again(_("缴费码是 16 位数字，请检查后重新输入"))
    if not luhn.is_valid(digits):
        return again(_("缴费码有误，请对照通知单逐位核对"))
    keys = await platform.vault.keys(session)
    marks = tries.marks(keys, "pay_code", device=payer.device, address=address_of(request))
    try:
        await tries.check(session, marks)
    except TooManyTries as error:
        return again(error.message, error.status)
    try:
        bill = await billing.find_by_pay_code(session, digits)
    except BillNotFound:
        await tries.failed(session, marks)
        return again(_("没有找到这个缴费码对应的账单，请核对后再试"))
    await sessions_repository.add_bill(session, payer.session_id, bill.id)
    return redirect(request, f"{home(request)}/bills/{bill.id}")


@page("/history")
async def history_page(request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], cursor: FromQuery[str] = "") -> Response[str]:
    """Everything paid with its receipts, of one year or one person where the address says so."""
    known = await family.load(session, payer)
    year, person = history.asked(request.query_params)
    ids = list(history.bills_of(known, person))
    paid = sorted(await payments.list_payments_of(session, ids), key=lambda payment: (payment.paid_at, payment.id), reverse=True) if ids else []
    found = [payment for payment in paid if year in (0, history.year_of(payment))]
    shown, more = history.page_of(found, cursor)
    slips = await receipts.receipts_of(session, [bill.id for bill in known.bills]) if shown else []
    whose = {bill.id: (member.name, bill.title) for member in known.members for bill in member.bills}
    context = {"payments": shown, "receipts": slips, "whose": whose, "next_cursor": more, "total_fen": sum(payment.amount_fen for payment in found)}
    context |= {"family": known, "year": year, "person": person, "years": history.years(map(history.year_of, paid))}
    return render(request, "cashier/history.html", home=home(request), **context)


def explain(line: LineRead) -> list[tuple[str, str]]:
    """How a line came to its amount, in the words of the rule that priced it."""
    told = [(_(label), _(value)) for label, value in line.explanation]
    if not any(label == _("计算") for label, _value in told):
        told.append((_("计算"), f"{yuan(line.unit_price_fen)} × {line.quantity} = {yuan(line.amount_fen)}"))
    if line.discount_fen:
        told.append((_("减免"), yuan(-line.discount_fen)))
    if line.paid_fen:
        told.append((_("已缴"), yuan(line.paid_fen)))
    return told


def _free(line: LineRead) -> bool:
    """Whether a payer may tick or untick a line."""
    return not line.mandatory and not line.paid_fen


ROUTES = [front_page, bill_page, choose, use_credit, code_page, open_by_code, history_page]
