"""A stay on the patient's phone: what lies there, a deposit, each day's list in clear, and what came of the discharge. Only for people bound to the payer."""

import datetime as dt
from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core import money
from core.billing import service as billing
from core.cashier import charge
from core.database import Row, Session
from core.errors import Conflict, InvalidRequest
from core.payers import guardians
from core.payers.access import Payer
from core.payers.pages import action, actor_of, home, page
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.templating import redirect, render
from plugins.medical.inpatients import daily, depositing, entry, lists, repository, words
from plugins.medical.inpatients.errors import AdmissionNotFound, NotInHospital
from plugins.medical.inpatients.states import PRESENT

WORDS = words
BASE = "/medical/inpatients"
STAY = BASE + "/{admission_id:uuid}"


@page(BASE, permission="payer")
async def stays_page(request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer]) -> Response[str]:
    """Every stay of the people this payer is bound to."""
    rows = await repository.list_of_patients(session, await _own(session, payer))
    balances = await repository.balances(session, [row.visit_id for row in rows])
    return render(request, "medical/h5_inpatients.html", home=home(request), stays=rows, balances=balances, present=PRESENT)


@page(STAY, permission="payer")
async def stay_page(
    request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], admission_id: FromPath[UUID]
) -> Response[str]:
    """One stay: balance, days, and the result of the discharge."""
    row = await _find(session, payer, admission_id)
    stay = await lists.read(session, row)
    due = next((one for one in stay.payments if one.order_number == stay.discharge_order), None)
    return render(
        request, "medical/h5_inpatient.html", home=home(request), stay=stay, name=row.name, days=await daily.lists(session, row.id),
        may_pay_in=row.status in PRESENT, due=due,
    )  # fmt: skip


@page(STAY + "/days/{day:str}", permission="payer")
async def day_page(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    platform: NamedDependency[Platform],
    admission_id: FromPath[UUID],
    day: FromPath[str],
) -> Response[str]:
    """What one day cost, line by line: the patient's own page."""
    row = await _find(session, payer, admission_id)
    try:
        wanted = dt.date.fromisoformat(day)
    except ValueError:
        raise AdmissionNotFound() from None
    found = await daily.items(session, await platform.vault.keys(session), row.id, wanted)
    if found is None:
        raise AdmissionNotFound()
    of_day, items = found
    days = [one.day for one in await daily.lists(session, row.id)]
    at = days.index(wanted)
    around = (days[at + 1] if at + 1 < len(days) else None, days[at - 1] if at else None)
    groups = [(category, fen, [item for item in items if item.category == category]) for category, fen in of_day.categories.items()]
    return render(request, "medical/h5_day.html", home=home(request), stay=row, day=of_day, groups=groups, around=around)


@page(STAY + "/deposit", permission="payer")
async def deposit_page(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    admission_id: FromPath[UUID],
) -> Response:
    """Choose how much."""
    row = await _find(session, payer, admission_id)
    if row.status not in PRESENT:
        return redirect(request, f"{home(request)}{BASE}/{row.id}", info=translated(NotInHospital()))
    return await _deposit(request, session, client, row)


@action(STAY + "/deposit", permission="payer")
async def pay_in(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    admission_id: FromPath[UUID],
) -> Response:
    """Make the deposit's order and go on to pay its bill."""
    row = await _find(session, payer, admission_id)
    form = await request.form()
    chosen, typed = str(form.get("choice", ""))[:20], str(form.get("amount", ""))[:32]
    keys = await platform.vault.keys(session)
    by = actor_of(request, payer, session.tenant_id)
    try:
        amount_fen = money.yuan(typed) if typed.strip() or not (chosen.isascii() and chosen.isdigit()) else int(chosen)
        key = charge.key_of(str(form.get("idempotency_key", "")))
        placed = await depositing.place(session, keys, client.settings, row, amount_fen, "inpatient", key, by)
    except InvalidRequest as error:
        return await _deposit(request, session, client, row, translated(error), chosen, typed)
    except Conflict as error:
        return redirect(request, f"{home(request)}{BASE}/{row.id}", warning=translated(error))
    bill = await billing.find_bill(session, placed.bill_id)
    return redirect(request, f"{home(request)}/pay?bill={bill.id}")


async def _deposit(
    request: Request, session: Session, client: ClientProfile, row: Row, error: str = "", chosen: str = "", typed: str = ""
) -> Response:
    least, most, offered = entry.limits(client.settings)
    balance_fen = (await repository.balances(session, [row.visit_id])).get(row.visit_id, 0)
    return render(
        request, "medical/h5_deposit.html", status=422 if error else 200, home=home(request), stay=row, balance_fen=balance_fen, least=least, most=most,
        offered=offered, error=error, chosen=chosen, typed=typed, key=depositing.new_key(),
    )  # fmt: skip


async def _own(session: Session, payer: Payer) -> list[UUID]:
    bound = await guardians.list_bindings(session, payer.payer_id) if payer.payer_id else []
    return [binding.party_id for binding in bound if binding.status == "bound"]


async def _find(session: Session, payer: Payer, admission_id: UUID) -> Row:
    """A stay of somebody bound to this payer; any other does not exist."""
    row = await repository.find(session, admission_id)
    if row is None or row.patient_id not in await _own(session, payer):
        raise AdmissionNotFound()
    return row


ROUTES = [stays_page, stay_page, day_page, deposit_page, pay_in]
