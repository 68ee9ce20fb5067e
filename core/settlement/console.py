"""Settlement in the console: the batches of every day, and one batch with its formula, gate, items and payouts."""

import datetime as dt
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import clock
from core.approvals import lists as approvals
from core.billing.filters import day_of, uuid_of, word_of
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.exports.workbook import MEDIA_TYPE
from core.files.answers import attachment
from core.identity.actor import Actor
from core.ledger import books
from core.platform import Platform
from core.settlement import (
    adjusting_repository,
    calculating,
    lists,
    lists_repository,
    payouts_repository,
    service,
    statement_files,
    tasks,
    watching_payouts_repository,
)
from core.settlement.guard import is_signed
from core.settlement.states import OPEN
from core.settlement.terms import Terms, terms_for
from core.settlement.words import BATCH_STATES, GATE_RULES, ITEM_KINDS
from core.tenancy.directory import ClientProfile
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/settlement-batches"
READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}


@get(PATH, opt=READ, include_in_schema=False)
async def batch_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Every batch, with what it comes to and whether its gate is open."""
    asked = lists.asked_of(request.query_params)
    page = await lists.list_batches(session, asked, actor, cursor)
    merchants = [(row.code, row.name) for row in await adjusting_repository.list_merchants(session)]
    states = [(code, _(label)) for code, label, _tone in BATCH_STATES]
    return render(
        request, "settlement/batches.html", found=page, asked=asked, states=states, merchants=merchants, may_make=actor.may(service.MAKE),
        yesterday=clock.today() - dt.timedelta(days=1),
    )  # fmt: skip


@post(PATH + "/calculate", opt=MAKE, include_in_schema=False)
async def calculate_day(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """Calculate a day's batches, anew as long as nobody has approved them; a large day is a job with its progress."""
    lists.check_reach(asker, service.MAKE)
    day = day_of(str((await request.form()).get("bill_on", "")))
    if day is None:
        raise InvalidRequest(N_("请选择交易日期"))
    async with platform.database.tenant(client.id) as session:
        made, job_id = await _calculated(session, terms_for(platform, client), day, asker)
    if job_id is not None:
        return redirect(request, f"/console/jobs/{job_id}", info=_("当日交易较多，正在后台计算"))
    return redirect(request, f"{PATH}?start={day}&until={day}", success=_("已计算 %(n)s 个结算批次", n=len(made)))


async def _calculated(session: Session, terms: Terms, day: dt.date, by: Actor) -> tuple[list[UUID], UUID | None]:
    """A day's batches at once, or the job that calculates them."""
    if await calculating.is_large(session, terms, day):
        return [], await tasks.start(session, day, by)
    return await service.calculate(session, terms, day, by), None


@post(PATH + "/submit", opt=MAKE, include_in_schema=False)
async def submit_chosen(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """Ask a second person for the ticked batches: all of them, or none."""
    lists.check_reach(asker, service.MAKE)
    form = await request.form()
    chosen = [found for value in form.getall("batch", []) if (found := uuid_of(str(value)))]
    if not chosen:
        return redirect(request, PATH, warning=_("请先勾选批次"))
    reason = word_of({"reason": str(form.get("reason", ""))}, "reason") or _("按日结算")
    try:
        async with platform.database.tenant(client.id) as session:
            count = await service.submit_all(session, chosen, asker, reason)
    except PlatformError as error:
        if error.status >= 500:
            raise
        return redirect(request, PATH, danger=error.message)
    return redirect(request, PATH, success=_("已提交 %(n)s 个批次，等待另一位同事复核", n=count))


@get(PATH + "/{batch_id:uuid}", opt=READ, include_in_schema=False)
async def batch_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    batch_id: FromPath[UUID],
    kind: FromQuery[str] = "",
    q: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """One batch: its formula with its numbers, why it may or may not be paid, what it is made of, what the bank did."""
    batch = await lists.find_batch(session, batch_id, actor)
    items = await lists.list_items(session, batch_id, word_of({"k": kind}, "k"), word_of({"q": q}, "q"), cursor)
    attempts = (await lists.list_payouts(session, actor, batch_id=batch_id)).items
    return render(
        request,
        "settlement/batch.html",
        refresh_seconds=10 if batch.status in ("approved", "paying", "re_pay") else None,
        batch=batch,
        found=items,
        kind=kind,
        kinds=await lists_repository.count_kinds(session, batch_id),
        item_kinds=ITEM_KINDS,
        payouts=attempts,
        lacking=await watching_payouts_repository.list_of(session, [row.number for row in attempts]),
        rule=_(GATE_RULES[batch.gate.rule]) if batch.gate.rule in GATE_RULES else batch.gate.rule,
        account=await payouts_repository.account_of(session, batch.merchant_id),
        waiting=[row for row in await approvals.about(session, batch_id) if row.status == "waiting"],
        journals=await _journals(session, actor, batch_id),
        may_make=actor.may(service.MAKE) and not await is_signed(session, batch.bill_on),
        open=batch.status in OPEN,
        may_see_payment=actor.may("payments.payment.read"),
        may_see_refund=actor.may("refunds.refund.read"),
    )


async def _journals(session: Session, actor: Actor, batch_id: UUID) -> list[object]:
    """The batch's journals, for those who may read the books."""
    if not actor.may(books.READ) or actor.reach(books.READ) is not None:
        return []
    asked = books.JournalFilter(biz_type="settlement", biz_id=str(batch_id))
    return list((await books.list_journals(session, asked, None)).items)


@post(PATH + "/{batch_id:uuid}/submit", opt=MAKE, include_in_schema=False)
async def submit(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], batch_id: FromPath[UUID]) -> Response:
    """Ask a second person to let this batch be paid."""
    await lists.find_batch(session, batch_id, actor, service.MAKE)
    reason = word_of({"reason": str((await request.form()).get("reason", ""))}, "reason") or _("按日结算")
    await service.submit(session, batch_id, actor, reason)
    return redirect(request, f"{PATH}/{batch_id}", success=_("已提交，等待另一位同事复核"))


@post(PATH + "/{batch_id:uuid}/recalculate", opt=MAKE, include_in_schema=False)
async def recalculate(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    batch_id: FromPath[UUID],
) -> Response:
    """Calculate the batch's day anew."""
    async with platform.database.tenant(client.id) as session:
        batch = await lists.find_batch(session, batch_id, asker, service.MAKE)
        made, job_id = await _calculated(session, terms_for(platform, client), batch.bill_on, asker)
    if job_id is not None:
        return redirect(request, f"/console/jobs/{job_id}", info=_("当日交易较多，正在后台计算"))
    path = f"{PATH}/{batch_id}" if batch_id in made else f"{PATH}?start={batch.bill_on}&until={batch.bill_on}"
    return redirect(request, path, success=_("已重新计算"))


@post(PATH + "/{batch_id:uuid}/repay", opt=MAKE, include_in_schema=False)
async def repay(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], batch_id: FromPath[UUID]) -> Response:
    """Ask a second person to pay again what the bank sent back."""
    await lists.find_batch(session, batch_id, actor, service.MAKE)
    form = await request.form()
    reason = word_of({"reason": str(form.get("reason", ""))}, "reason")
    if not reason:
        raise InvalidRequest(N_("请填写重新付款的原因"))
    await service.propose_repay(session, batch_id, reason, actor, same_account=form.get("same_account") == "1")
    return redirect(request, f"{PATH}/{batch_id}", success=_("已提交，等待另一位同事复核"))


@get(PATH + "/{batch_id:uuid}/statement.xlsx", opt=READ, include_in_schema=False)
async def batch_excel(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], batch_id: FromPath[UUID]
) -> Response[bytes]:
    """The batch's statement as Excel."""
    lists.check_reach(actor)
    return attachment(*await statement_files.batch_excel(session, batch_id, client.name), MEDIA_TYPE)


@get(PATH + "/{batch_id:uuid}/statement.pdf", opt=READ, include_in_schema=False)
async def batch_pdf(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], batch_id: FromPath[UUID]
) -> Response[bytes]:
    """The batch's statement as PDF."""
    lists.check_reach(actor)
    return attachment(*await statement_files.batch_pdf(session, batch_id, client.name), statement_files.PDF)


ROUTES = [batch_list, calculate_day, submit_chosen, batch_page, submit, recalculate, repay, batch_excel, batch_pdf]
