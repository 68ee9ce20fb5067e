"""The window in the console: open a shift, take money, pay refunds out, count and hand in; and the treasurer's side of it."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import ids, money, paging
from core.billing.schemas import BillRead
from core.counter import payouts, scanning, service, shifts, transfers, window, words
from core.counter.errors import NoOpenShift, NotEnoughCash
from core.counter.schemas import NOTES_FEN, CashRequest, ChequeRequest, PosRequest
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.identity import idempotency
from core.identity.actor import Actor
from core.payments.accounts import service as accounts
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

WORDS = words
PATH = "/console/counter"
RUN, ACCEPT, ANY = {"permission": shifts.RUN}, {"permission": shifts.ACCEPT}, {"permission": "any"}


@get(PATH, opt=RUN, include_in_schema=False)
async def desk_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = ""
) -> Response:
    """One's own shift: find who pays, take the money, see what was taken."""
    return await _desk(request, session, actor, q)


async def _desk(
    request: Request, session: Session, actor: Actor, q: str = "", typed: Mapping[str, str] | None = None, ticked: Sequence[str] = (),
    fault: str = "",
) -> Response:
    """The window; after a refusal with what was typed, so that nobody has to type it again."""
    shift = await shifts.current(session, actor)
    found = await window.owed(session, actor, q) if shift and shift.status == "open" else []
    context = {
        "shift": shift,
        "q": q.strip()[:40],
        "bills": found,
        "entries": await shifts.entries(session, shift.id) if shift else [],
        "payouts": await payouts.waiting(session) if shift else [],
        "scans": await scanning.under_way(session, actor) if shift else [],
        "notes": NOTES_FEN,
        "key": ids.token(),
        "typed": typed or {},
        "ticked": ticked or ([str(found[0].id)] if len(found) == 1 else []),
        "fault": fault,
    }
    return render(request, "counter/desk.html", status=422 if fault else 200, **context)


@post(PATH + "/open", opt=RUN, include_in_schema=False)
async def open_shift(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Begin a shift."""
    form = await request.form()
    try:
        float_fen = money.yuan(str(form.get("float", "") or "0"))
        await shifts.open_shift(session, actor, str(form.get("window", "")), float_fen)
    except PlatformError as error:
        return await _desk(request, session, actor, typed=_typed(form), fault=error.message)
    return redirect(request, PATH, success=_("已开班，可以收款了"))


@post(PATH + "/take", opt=RUN, include_in_schema=False)
async def take(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """Take money for the ticked bills; the same press twice is one payment."""
    form = await request.form()
    typed, ticked = _typed(form), [str(value) for value in form.getall("bill", [])]
    if typed.get("to") == "scan":
        asked = [("q", typed.get("q", "")), ("amount", typed.get("amount", "")), *(("bill", bill) for bill in ticked)]
        return redirect(request, f"{PATH}/scan?{urlencode(asked)}")
    key = typed.get("idempotency_key", "")
    try:
        async with platform.database.tenant(client.id) as session:
            owed = await window.owed(session, asker, typed.get("q", ""))
        data = _asked(typed, [bill for bill in owed if str(bill.id) in ticked])
        await window.clear_way(platform, client, data.items)
        async with platform.database.tenant(client.id) as session:
            told = await _once(session, asker, platform, data, key)
    except PlatformError as error:
        async with platform.database.tenant(client.id) as session:
            return await _desk(request, session, asker, typed.get("q", ""), typed, ticked, error.message)
    return redirect(request, PATH, success=told)


async def _once(session: Session, by: Actor, platform: Platform, data: CashRequest | PosRequest | ChequeRequest, key: str) -> str:
    async def work() -> idempotency.Answer:
        if isinstance(data, ChequeRequest):
            await window.take_cheque(session, by, data)
            return idempotency.Answer(200, {"told": _("支票已登记，入账后再记到账单")})
        taken = await window.take(session, platform, by, data, f"{by.id}:{key}")
        told = _("已收 %(amount)s 元", amount=money.format_yuan(taken.amount_fen))
        if taken.change_fen:
            told = _("已收 %(amount)s 元，请找零 %(change)s 元", amount=money.format_yuan(taken.amount_fen), change=money.format_yuan(taken.change_fen))
        return idempotency.Answer(200, {"told": told})

    answer = await idempotency.once(session, who=by.id, route=f"POST {PATH}/take", key=key, body=msgspec.json.encode(data), work=work)
    return str(answer.body["told"])


def _asked(typed: Mapping[str, str], chosen: list[BillRead]) -> CashRequest | PosRequest | ChequeRequest:
    """What the form says: whole bills, or of a single one the amount that was typed."""
    items = window.items_of(chosen, typed.get("amount", ""))
    match typed.get("kind", ""):
        case "cash":
            total_fen = sum(item.amount_fen for item in items)
            tendered = typed.get("tendered", "").strip()
            return CashRequest(items, money.yuan(tendered) if tendered else total_fen)
        case "pos":
            return PosRequest(items, typed.get("terminal", ""), typed.get("reference", ""), typed.get("card_tail", ""))
        case "cheque":
            return ChequeRequest(items, typed.get("cheque", ""), typed.get("bank", ""), typed.get("drawer", ""))
    raise InvalidRequest(_("请选择收款方式"))


@post(PATH + "/refunds/{number:str}/pay-out", opt=RUN, include_in_schema=False)
async def pay_out(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    number: FromPath[str],
) -> Response:
    """Hand a refund over."""
    try:
        await payouts.pay_out(session, platform.vault, actor, number)
    except (NotEnoughCash, NoOpenShift) as error:
        return redirect(request, PATH, danger=error.message)
    return redirect(request, PATH, success=_("退款已付出并记账"))


@post(PATH + "/count", opt=RUN, include_in_schema=False)
async def begin_count(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Stop and count."""
    await shifts.begin_count(session, actor)
    return redirect(request, PATH)


@post(PATH + "/resume", opt=RUN, include_in_schema=False)
async def resume(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Go on after all."""
    await shifts.resume(session, actor)
    return redirect(request, PATH)


@post(PATH + "/submit", opt=RUN, include_in_schema=False)
async def submit(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Hand the count in."""
    form = await request.form()
    typed = _typed(form)
    counted = {note: _whole(typed.get(f"note-{note}", "")) for note in NOTES_FEN}
    try:
        shift_id = await shifts.submit(session, actor, counted, typed.get("variance_reason", ""))
    except PlatformError as error:
        return await _desk(request, session, actor, typed=typed, fault=error.message)
    return redirect(request, f"{PATH}/shifts/{shift_id}", success=_("已交班，等待出纳接收"))


@get(PATH + "/shifts", opt=ANY, include_in_schema=False)
async def shift_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Shifts, the newest first."""
    rows, more = await shifts.list_shifts(session, actor, status.replace("\0", "")[:20], cursor)
    return render(request, "counter/shifts.html", rows=rows, next_cursor=more, tab=status or "all")


@get(PATH + "/shifts/{shift_id:uuid}", opt=ANY, include_in_schema=False)
async def shift_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], shift_id: FromPath[UUID]
) -> Response:
    """One shift: what went through it, what was counted, and its acceptance."""
    shift = await shifts.find(session, shift_id, actor)
    may_accept = actor.may(shifts.ACCEPT) and not shift.mine and shift.status in ("submitted", "variance_review")
    entries = await shifts.entries(session, shift_id)
    return render(request, "counter/shift.html", shift=shift, entries=entries, may_accept=may_accept, notes=NOTES_FEN)


@post(PATH + "/shifts/{shift_id:uuid}/accept", opt=ACCEPT, include_in_schema=False)
async def accept(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    shift_id: FromPath[UUID],
) -> Response:
    """Take the money over."""
    form = await request.form()
    try:
        _id, account = await accounts.collecting(session, platform.vault, "counter")
        kept_fen = money.yuan(str(form.get("kept", "") or "0"))
        await shifts.accept(session, shift_id, actor, account.mchid, kept_fen, str(form.get("slip", ""))[:40])
    except InvalidRequest as error:
        return redirect(request, f"{PATH}/shifts/{shift_id}", danger=error.message)
    return redirect(request, f"{PATH}/shifts/{shift_id}", success=_("已接收，差异（如有）已记账"))


@post(PATH + "/shifts/{shift_id:uuid}/send-back", opt=ACCEPT, include_in_schema=False)
async def send_back(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], shift_id: FromPath[UUID]
) -> Response:
    """Have it counted again."""
    await shifts.send_back(session, shift_id, actor, str((await request.form()).get("reason", ""))[:200])
    return redirect(request, f"{PATH}/shifts/{shift_id}", info=_("已退回重新盘点"))


@get(PATH + "/cheques", opt=ANY, include_in_schema=False)
async def cheque_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Cheques, the newest first."""
    shifts.need_whole(actor)
    rows = await service.list_cheques(session, "", paging.read_id(cursor), paging.PAGE + 1)
    shown, more = paging.cut(rows, paging.PAGE, lambda row: str(row.id))
    return render(request, "counter/cheques.html", rows=shown, next_cursor=more, may_decide=actor.may(shifts.ACCEPT))


@post(PATH + "/cheques/{cheque_id:uuid}/clear", opt=ACCEPT, include_in_schema=False)
async def clear_cheque(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    cheque_id: FromPath[UUID],
) -> Response:
    """The bank has paid it."""
    await service.clear_cheque(session, platform.vault, cheque_id, actor)
    return redirect(request, PATH + "/cheques", success=_("支票已入账"))


@post(PATH + "/cheques/{cheque_id:uuid}/bounce", opt=ACCEPT, include_in_schema=False)
async def bounce_cheque(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cheque_id: FromPath[UUID]
) -> Response:
    """The bank refused it."""
    await service.bounce_cheque(session, cheque_id, actor, str((await request.form()).get("reason", ""))[:200])
    return redirect(request, PATH + "/cheques", info=_("已登记退票，账单仍待缴"))


@get(PATH + "/transfers", opt=ANY, include_in_schema=False)
async def transfer_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Transfers, the newest first."""
    shifts.need_whole(actor)
    rows = await transfers.list_transfers(session, "", paging.read_id(cursor), paging.PAGE + 1)
    shown, more = paging.cut(rows, paging.PAGE, lambda row: str(row.id))
    return render(request, "counter/transfers.html", rows=shown, next_cursor=more)


def _typed(form: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value)[:200].replace("\0", "") for name, value in form.items()}


def _whole(text: str) -> int:
    """A number of notes; nothing typed is none, anything else is refused by the count."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0 if not text.strip() else -1


ROUTES = [
    desk_page, open_shift, take, pay_out, begin_count, resume, submit, shift_list, shift_page, accept, send_back, cheque_list, clear_cheque,
    bounce_cheque, transfer_list,
]  # fmt: skip
