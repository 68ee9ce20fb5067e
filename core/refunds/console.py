"""Refunds in the console: the list, one refund with its way, and the form that asks for one."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import money
from core.approvals import lists as approvals
from core.billing.filters import day_of, uuid_of, word_of
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.identity.actor import Actor
from core.ledger import books
from core.platform import Platform
from core.refunds import desk, lists, policy, sending, service, stopping, transfers
from core.refunds.schemas import LineAsk, Quote, RefundAsk, RefundRead
from core.refunds.stopping import STOPPABLE
from core.refunds.words import CAUSES, REFUND_STATES
from core.tenancy.directory import ClientProfile
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/refunds"
READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
NOT_TAKEN = ("REFUND_TOO_LARGE", "BAD_REFUND", "BAD_AMOUNT", "INVALID_REQUEST", "BAD_FILTER")


@get(PATH, opt=READ, include_in_schema=False)
async def refund_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Every refund, with its state and what has arrived."""
    asked = lists.asked_of(request.query_params)
    page = await lists.list_refunds(session, asked, actor, cursor)
    states = [(code, _(label)) for code, label in REFUND_STATES]
    return render(request, "refunds/list.html", found=page, asked=asked, states=states, may_make=actor.may(service.MAKE))


@get(PATH + "/{refund_id:uuid}", opt=READ, include_in_schema=False)
async def refund_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], refund_id: FromPath[UUID]
) -> Response:
    """One refund: who asked, who agreed, what each payment gives back and how far it is."""
    return await show(request, session, actor, await lists.find_refund(session, refund_id, actor))


async def show(
    request: Request, session: Session, actor: Actor, refund: RefundRead, *, typed: Mapping[str, str] | None = None,
    errors: dict[str, str] | None = None, status: int = 200,
) -> Response:
    """Draw a refund's page; `typed` and `errors` are those of a transfer's form."""
    journal_ids = [item.journal_id for item in refund.items if item.journal_id]
    subjects = [refund.id, *(item.id for item in refund.items if item.state == "manual_transfer")]
    waiting = await approvals.waiting_about(session, subjects)
    may_make = actor.reaches(service.MAKE, refund.org_id)
    live = refund.status in ("approved", "submitted", "processing")
    return render(
        request,
        "refunds/refund.html",
        status=status,
        refresh_seconds=10 if live and not errors else None,
        refund=refund,
        journals=await books.journals(session, journal_ids) if journal_ids and actor.may(books.READ) else [],
        books_linked=actor.may(books.READ) and actor.reach(books.READ) is None,
        waiting=waiting,
        waiting_for={row.subject_id for row in waiting},
        may_make=may_make,
        may_stop=may_make and any(item.state in STOPPABLE for item in refund.items),
        may_ask=may_make and any(item.state in ("submitted", "processing", "waiting_funds", "failed", "held") for item in refund.items),
        may_see_payment=actor.may("payments.payment.read"),
        typed=typed or {},
        errors=errors or {},
    )


@get(PATH + "/new", opt=MAKE, include_in_schema=False)
async def refund_form(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """The form, with what could go back and what the policies say on the chosen day."""
    return await _form(request, session, actor, client, platform, dict(request.query_params), {})


@post(PATH + "/new", opt=MAKE, include_in_schema=False)
async def make_refund(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """Ask for it, in a transaction of its own: what is refused leaves nothing behind, and is said beside the field."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    ask, errors = _read(typed)
    if ask is not None and not errors:
        try:
            async with platform.database.tenant(client.id) as session:
                if draft_id := uuid_of(typed.get("draft")):
                    refund = await desk.submit_draft(session, platform, client, draft_id, ask, asker)
                else:
                    refund = await desk.request(session, platform, client, ask, asker)
            told = _("已提交，等待另一位同事复核") if refund.status == "requested" else _("已批准，正在办理退款")
            return redirect(request, f"{PATH}/{refund.id}", success=told)
        except PlatformError as error:
            if error.code not in NOT_TAKEN:
                raise
            errors["amount"] = error.message
    async with platform.database.tenant(client.id) as session:
        return await _form(request, session, asker, client, platform, typed, errors, status=422)


@post(PATH + "/{refund_id:uuid}/drop", opt=MAKE, include_in_schema=False)
async def drop(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], refund_id: FromPath[UUID]
) -> Response:
    """Nothing goes back after all: the draft is put away."""
    await desk.drop_draft(session, refund_id, word_of({"reason": str((await request.form()).get("reason", ""))}, "reason"), actor)
    return redirect(request, f"{PATH}/{refund_id}", success=_("草稿已作废，没有退款"))


@post(PATH + "/{refund_id:uuid}/stop", opt=MAKE, include_in_schema=False)
async def stop(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    refund_id: FromPath[UUID],
) -> Response:
    """Give up what is not under way at the channel; what failed there is asked about first."""
    async with platform.database.tenant(client.id) as session:
        refund = await lists.find_refund(session, refund_id, asker, service.MAKE)
    reason = word_of({"reason": str((await request.form()).get("reason", ""))}, "reason")
    if not reason:
        raise InvalidRequest(N_("请填写停止退款的原因"))
    for item in refund.items:
        await transfers.ask_channel_first(platform, client, item.id)
    async with platform.database.tenant(client.id) as session:
        await stopping.stop(session, refund_id, reason, asker)
    return redirect(request, f"{PATH}/{refund_id}", success=_("已停止，占用的金额已释放"))


@post(PATH + "/{refund_id:uuid}/ask", opt=MAKE, include_in_schema=False)
async def ask_channel(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    refund_id: FromPath[UUID],
) -> Response:
    """Go on now instead of at the next turn; nothing is held while the channel answers."""
    async with platform.database.tenant(client.id) as session:
        refund = await lists.find_refund(session, refund_id, asker, service.MAKE)
    for item in refund.items:
        await sending.advance(platform, client, item.id)
    return redirect(request, f"{PATH}/{refund_id}", info=_("已向渠道查询，结果如下"))


def _read(typed: Mapping[str, str]) -> tuple[RefundAsk | None, dict[str, str]]:
    """What was typed, as a request, and what is wrong with it by field."""
    errors: dict[str, str] = {}
    reason = " ".join(filter(None, (word_of(typed, "why"), word_of(typed, "reason"))))
    if not reason or len(reason) > 200:
        errors["reason"] = _("请填写 1–200 字的退款原因")
    lines = _lines(typed, errors)
    amount_fen = sum(line.amount_fen for line in lines)
    if not lines:
        amount_fen = _fen(typed.get("amount", ""), "amount", errors)
        if amount_fen <= 0 and "amount" not in errors:
            errors["amount"] = _("请填写要退的金额")
    if errors:
        return None, errors
    version = typed.get("version", "")
    return RefundAsk(
        amount_fen=amount_fen, reason=reason, bill_id=uuid_of(typed.get("bill")), party_id=uuid_of(typed.get("person")),
        suspense_id=uuid_of(typed.get("suspense")), payment_id=uuid_of(typed.get("payment")), lines=tuple(lines),
        split=typed["split"] if typed.get("split") in ("lifo", "prorata") else None,
        version=int(version) if version.isdigit() and len(version) < 10 else None, effective_on=day_of(typed.get("effective_on")),
        cause=typed["why"] if typed.get("why") in CAUSES else None,
    ), errors  # fmt: skip


def _lines(typed: Mapping[str, str], errors: dict[str, str]) -> list[LineAsk]:
    found = []
    for name, value in typed.items():
        number = name.removeprefix("line_")
        if name.startswith("line_") and number.isdigit() and len(number) < 6 and value.strip():
            fen = _fen(value, name, errors)
            if fen < 0:
                errors[name] = _("金额必须大于 0")
            elif fen:
                found.append(LineAsk(int(number), fen))
    return found


def _fen(value: str, field: str, errors: dict[str, str]) -> int:
    try:
        return money.yuan(value) if value.strip() else 0
    except InvalidRequest as error:
        errors[field] = error.message
        return 0


async def _form(
    request: Request, session: Session, actor: Actor, client: ClientProfile, platform: Platform, typed: dict[str, str], errors: dict[str, str],
    status: int = 200,
) -> Response:
    draft_id = uuid_of(typed.get("draft"))
    draft = await desk.find_draft(session, draft_id, actor) if draft_id else None
    if draft is not None:
        kept = {"bill": str(draft.bill_id), "effective_on": str(draft.effective_on or ""), "why": draft.cause or "", "reason": draft.reason}
        typed = {**kept, **typed}
    wanted = desk.Wanted(
        bill_id=uuid_of(typed.get("bill")), party_id=uuid_of(typed.get("person")), suspense_id=uuid_of(typed.get("suspense")),
        payment_id=uuid_of(typed.get("payment")),
    )  # fmt: skip
    bill = await desk.check_reach(session, wanted, actor)
    try:
        day: dt.date | None = policy.check_day(day_of(typed.get("effective_on")))
    except PlatformError as error:
        day, errors = None, {**errors, "effective_on": error.message}
    quote: Quote = await desk.quote(session, platform, client, wanted, day)
    return render(
        request, "refunds/new.html", status=status, quote=quote, bill=bill, wanted=wanted, typed=typed, errors=errors, day=day,
        draft=draft, reasons=[(cause, _(cause)) for cause in CAUSES], split=typed.get("split") or service.split_of(client.settings),
        limit_fen=service.auto_limit(client.settings),
    )  # fmt: skip


ROUTES = [refund_list, refund_form, refund_page, make_refund, drop, stop, ask_channel]
