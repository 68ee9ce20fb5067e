"""Balances of former years in the console: the list with its totals, one balance on its way back, and the clearing."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import clock
from core.approvals import lists as proposals
from core.billing import filters
from core.database import Session
from core.errors import Conflict, InvalidRequest
from core.identity.actor import Actor
from core.jobs import service as jobs
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.medical.prepaid import clearing, histories, lists, repository, service, words
from plugins.medical.prepaid.schemas import ClaimAsk, PaidAsk
from plugins.medical.prepaid.states import LEGACY

WORDS, HISTORIES = words, histories
READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
BASE = "/console/medical/prepaid"
ONE = BASE + "/{balance_id:uuid}"
Text = Annotated[str, msgspec.Meta(max_length=200)]
Move = Callable[[Session, UUID, str, Actor], Awaitable[None]]


class ClaimForm(msgspec.Struct):
    """Who claims, and to which account, as the page posts it."""

    holder: Text = ""
    account: Text = ""
    bank: Text = ""
    identity: Text = ""


class PaidForm(msgspec.Struct):
    """The transfer as the page posts it."""

    evidence: Text = ""
    paid_on: Text = ""


class ReasonForm(msgspec.Struct):
    """Why."""

    reason: Text = ""


@get(BASE, opt=READ, include_in_schema=False)
async def balance_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    source: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Balances by state and system, with what stands in each state."""
    keys = await platform.vault.keys(session)
    found = await lists.list_page(session, keys, actor, status=status, source=source, words=q, cursor=cursor)
    return render(
        request, "medical/prepaid.html", found=found, sources=[(name, name) for name in await repository.list_sources(session)],
        statuses=[(state, status_label(state, "medical.legacy")) for state in LEGACY.states], credit=await lists.credit(session),
        may_make=actor.may(service.MAKE), may_import=actor.may(service.MAKE) and actor.may("imports.make"), may_export=actor.may("exports.make"),
        filtered=bool(q or status or source),
    )  # fmt: skip


@get(ONE, opt=READ, include_in_schema=False)
async def balance_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    balance_id: FromPath[UUID],
) -> Response:
    """One balance."""
    return await _page(request, session, actor, platform, balance_id)


@post(ONE + "/claim", opt=MAKE, include_in_schema=False)
async def claim(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    balance_id: FromPath[UUID],
    data: URLEncodedBody[ClaimForm],
) -> Response:
    """Write a claim down; what is wrong is said beside the field."""
    errors = {name: said for name, said in _missing().items() if len(getattr(data, name).strip()) < 2}
    if not errors:
        ask = ClaimAsk(holder=data.holder.strip(), account=data.account.strip(), bank=data.bank.strip(), identity=data.identity.strip())
        try:
            await service.claim(session, await platform.vault.keys(session), balance_id, ask, actor)
            return redirect(request, f"{BASE}/{balance_id}", success=_("已提交，等待另一位同事复核"))
        except InvalidRequest as error:
            errors["account"] = translated(error)
        except Conflict as error:
            return redirect(request, f"{BASE}/{balance_id}", danger=translated(error))
    return await _page(request, session, actor, platform, balance_id, errors, data)


@post(ONE + "/account", opt=MAKE, status_code=200, include_in_schema=False)
async def show_account(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    balance_id: FromPath[UUID],
) -> Response:
    """The account in clear on this answer alone, for the transfer."""
    try:
        told = await service.account(session, await platform.vault.keys(session), balance_id, actor)
    except InvalidRequest as error:
        return redirect(request, f"{BASE}/{balance_id}", danger=translated(error))
    return await _page(request, session, actor, platform, balance_id, account=told)


@post(ONE + "/paid", opt=MAKE, include_in_schema=False)
async def paid(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    balance_id: FromPath[UUID],
    data: URLEncodedBody[PaidForm],
) -> Response:
    """The transfer was made."""
    try:
        if len(data.evidence.strip()) < 4:
            raise InvalidRequest(_("请填写银行转账凭证号"))
        ask = PaidAsk(evidence=data.evidence.strip(), paid_on=filters.day_of(data.paid_on))
        await service.paid(session, balance_id, ask, actor)
    except (InvalidRequest, Conflict) as error:
        return await _page(request, session, actor, platform, balance_id, {"evidence": translated(error)}, evidence=data.evidence)
    return redirect(request, f"{BASE}/{balance_id}", success=_("已登记转账凭证，这张卡的余额已退还"))


async def _moved(request: Request, session: Session, balance_id: UUID, move: Move, reason: str, by: Actor, said: str) -> Response:
    try:
        await move(session, balance_id, reason, by)
    except (InvalidRequest, Conflict) as error:
        return redirect(request, f"{BASE}/{balance_id}", danger=translated(error))
    return redirect(request, f"{BASE}/{balance_id}", success=said)


@post(ONE + "/return", opt=MAKE, include_in_schema=False)
async def returned(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], balance_id: FromPath[UUID], data: URLEncodedBody[ReasonForm]
) -> Response:
    """The bank sent the transfer back."""
    return await _moved(request, session, balance_id, service.returned, data.reason, actor, _("已退回待领取，可用别的账户重新登记"))


@post(ONE + "/freeze", opt=MAKE, include_in_schema=False)
async def freeze(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], balance_id: FromPath[UUID], data: URLEncodedBody[ReasonForm]
) -> Response:
    """Somebody disputes it."""
    return await _moved(request, session, balance_id, service.freeze, data.reason, actor, _("已冻结"))


@post(ONE + "/release", opt=MAKE, include_in_schema=False)
async def release(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], balance_id: FromPath[UUID], data: URLEncodedBody[ReasonForm]
) -> Response:
    """The dispute is settled."""
    return await _moved(request, session, balance_id, service.release, data.reason, actor, _("已解除冻结"))


@post(BASE + "/clearing", opt=MAKE, include_in_schema=False)
async def clear(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Tell patients and count: a job with its page."""
    job_id = await jobs.start(session, clearing.KIND, "历史预交金清退", {}, by=actor)
    return redirect(request, f"/console/jobs/{job_id}" if actor.may("jobs.read") else BASE, success=_("已开始通知患者"))


@post(BASE + "/credit-batch", opt=MAKE, include_in_schema=False)
async def credit_batch(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile]
) -> Response:
    """One refund batch over all credit of patients."""
    try:
        batch_id = await clearing.give_credit_back(session, client.settings, actor)
    except (InvalidRequest, Conflict) as error:
        return redirect(request, BASE, danger=translated(error))
    return redirect(request, f"/console/refund-batches/{batch_id}", success=_("已生成退款批次，等待另一位同事复核"))


def _missing() -> dict[str, str]:
    return {"holder": _("请填写户名"), "account": _("请填写账号"), "bank": _("请填写开户银行"), "identity": _("请填写如何核实身份")}


async def _page(
    request: Request, session: Session, actor: Actor, platform: Platform, balance_id: UUID, errors: dict[str, str] | None = None,
    data: ClaimForm | None = None, evidence: str = "", account: dict[str, str] | None = None,
) -> Response:
    found = await lists.find(session, await platform.vault.keys(session), balance_id, actor)
    waiting = [one for one in await proposals.about(session, balance_id) if one.status == "waiting"]
    return render(
        request, "medical/prepaid_balance.html", status=422 if errors else 200, balance=found, errors=errors or {}, data=data or ClaimForm(),
        evidence=evidence, account=account, may_make=actor.may(service.MAKE), may_patients=actor.may("medical.patient.read"), today=clock.today(),
        proposal=waiting[0] if waiting else None, may_see=actor.may(service.CHECK) or actor.may(service.MAKE),
    )  # fmt: skip


ROUTES = [balance_list, balance_page, claim, show_account, paid, returned, freeze, release, clear, credit_batch]
