"""Profit sharing in the console: payments that wait to be shared, one payment with its history, receivers."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import money
from core.billing.filters import uuid_of, word_of
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.profit_sharing import receivers, service, words
from core.profit_sharing.schemas import ReceiverAsk, ReleaseAsk, ReturnAsk, ShareAsk, SplitAsk
from core.tenancy.directory import ClientProfile
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/sharing"
RECEIVERS = PATH + "/receivers"
READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}


@get(PATH, opt=READ, include_in_schema=False)
async def payment_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], stage: FromQuery[str] = "", q: FromQuery[str] = "", cursor: FromQuery[str | None] = None,
) -> Response:
    """Payments that are frozen for sharing."""
    service.need_whole(actor, service.READ)
    rows, more = await service.list_payments(session, platform.vault, client.settings, stage, q, cursor)
    opened = await receivers.opened(session, platform.vault)
    stages = [(code, _(label)) for code, label in words.STAGES]
    return render(request, "profit_sharing/payments.html", rows=rows, next_cursor=more, stage=stage, stages=stages, opened=opened, q=q)


@get(PATH + "/payments/{payment_id:uuid}", opt=READ, include_in_schema=False)
async def payment_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    payment_id: FromPath[UUID],
) -> Response:
    """One payment: what was shared, what may be, every request with its outcome."""
    service.need_whole(actor, service.READ)
    return await _payment(request, session, actor, client, payment_id)


async def _payment(
    request: Request, session: Session, actor: Actor, client: ClientProfile, payment_id: UUID, typed: Mapping[str, str] | None = None,
    fault: str = "",
) -> Response:  # fmt: skip
    found = await service.story(session, client.settings, payment_id)
    return render(
        request, "profit_sharing/payment.html", status=422 if fault else 200, payment=found.payment, splits=found.splits, typed=typed or {},
        fault=fault, receivers=await receivers.list_active(session, found.payment.mchid), may_make=actor.may(service.MAKE),
        percent=service.most_percent(client.settings), waiting=any(s.state == "proposed" for s in found.splits),
    )  # fmt: skip


@post(PATH + "/payments/{payment_id:uuid}/split", opt=MAKE, include_in_schema=False)
async def ask_split(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    payment_id: FromPath[UUID],
) -> Response:
    """Ask a second person to share it; what is refused is said on the page, and nothing has to be typed again."""
    service.need_whole(asker, service.MAKE)
    typed = {name: str(value)[:200] for name, value in (await request.form()).items()}
    try:
        shares = [
            ask for name, value in typed.items() if name.startswith("share-") and value.strip() and (ask := _share(name, value)) is not None
        ]
        ask = SplitAsk(payment_id=payment_id, shares=shares, reason=typed.get("reason", ""), release=bool(typed.get("release")))
        async with platform.database.tenant(client.id) as session:
            await service.propose(session, platform.vault, client.settings, ask, asker)
    except PlatformError as error:
        if error.status >= 500 or error.status == 404:
            raise
        async with platform.database.tenant(client.id) as session:
            return await _payment(request, session, asker, client, payment_id, typed, error.message)
    return redirect(request, f"{PATH}/payments/{payment_id}", success=_("已提交，等待另一位同事复核"))


def _share(name: str, value: str) -> ShareAsk | None:
    """A receiver's field: `12.50` yuan, or `5%` of the payment."""
    receiver_id = uuid_of(name.removeprefix("share-"))
    if receiver_id is None:
        return None
    value = value.strip().replace("％", "%")
    if not value.endswith("%"):
        return ShareAsk(receiver_id=receiver_id, amount_fen=money.yuan(value))
    try:
        percent = Decimal(value[:-1].strip())
    except InvalidOperation:
        percent = Decimal(0)
    if not percent.is_finite() or not 0 < percent <= 100:
        raise InvalidRequest(_("比例请填 0 到 100 之间的百分数，例如 5%%"))
    return ShareAsk(receiver_id=receiver_id, percent=percent)


@post(PATH + "/payments/{payment_id:uuid}/release", opt=MAKE, include_in_schema=False)
async def ask_release(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    payment_id: FromPath[UUID],
) -> Response:
    """Ask a second person to give the rest to the merchant."""
    service.need_whole(asker, service.MAKE)
    here = f"{PATH}/payments/{payment_id}"
    try:
        async with platform.database.tenant(client.id) as session:
            ask = ReleaseAsk(payment_id=payment_id, reason=str((await request.form()).get("reason", "")))
            await service.propose_release(session, platform.vault, ask, asker)
    except PlatformError as error:
        if error.status >= 500 or error.status == 404:
            raise
        return redirect(request, here, danger=error.message)
    return redirect(request, here, success=_("已提交，等待另一位同事复核"))


@post(PATH + "/splits/{split_id:uuid}/return", opt=MAKE, include_in_schema=False)
async def ask_return(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    split_id: FromPath[UUID],
) -> Response:
    """Ask a second person to take a share back."""
    service.need_whole(asker, service.MAKE)
    typed = {name: str(value)[:200] for name, value in (await request.form()).items()}
    async with platform.database.tenant(client.id) as session:
        found = await service.find(session, split_id)
    here = f"{PATH}/payments/{found.payment_id}"
    try:
        position = int(typed["position"]) if re.fullmatch("[0-9]{1,3}", typed.get("position", "")) else 0
        amount, reason = (typed.get(f"{name}-{found.number}-{position}", "") for name in ("amount", "reason"))
        ask = ReturnAsk(split_id=split_id, position=position, amount_fen=money.yuan(amount), reason=reason)
        async with platform.database.tenant(client.id) as session:
            await service.propose_return(session, ask, asker)
    except PlatformError as error:
        if error.status >= 500 or error.status == 404:
            raise
        return redirect(request, here, danger=error.message)
    return redirect(request, here, success=_("已提交，等待另一位同事复核"))


@post(PATH + "/splits/{split_id:uuid}/ask", opt=MAKE, include_in_schema=False)
async def hurry(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], split_id: FromPath[UUID]) -> Response:
    """Ask the channel at the next beat."""
    service.need_whole(actor, service.MAKE)
    await service.hurry(session, split_id)
    return redirect(request, f"{PATH}/payments/{(await service.find(session, split_id)).payment_id}", info=_("正在向渠道查询"))


@get(RECEIVERS, opt=READ, include_in_schema=False)
async def receiver_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    status: FromQuery[str] = "", q: FromQuery[str] = "", cursor: FromQuery[str | None] = None,
) -> Response:
    """Who may be given shares, and the form that asks for one more."""
    service.need_whole(actor, service.READ)
    return await _receivers(request, session, actor, platform, {}, status=status, q=q, cursor=cursor)


async def _receivers(
    request: Request, session: Session, actor: Actor, platform: Platform, typed: Mapping[str, str], fault: str = "", status: str = "", q: str = "",
    cursor: str | None = None,
) -> Response:  # fmt: skip
    rows, more = await receivers.list_page(session, status.replace("\0", "")[:20], q, cursor)
    opened = await receivers.opened(session, platform.vault)
    return render(
        request, "profit_sharing/receivers.html", status=422 if fault else 200, rows=rows, next_cursor=more, typed=typed, fault=fault, chosen=status,
        accounts=[(str(row.id), f"{row.mchid} {row.name}".strip()) for row in opened], may_make=actor.may(service.MAKE), q=q,
        kinds=[(code, status_label(code, "sharing.kind")) for code in receivers.KINDS],
        relations=[(code, status_label(code, "sharing.relation")) for code in receivers.RELATIONS],
        states=[(code, _(label)) for code, label in words.RECEIVER_STATES],
    )  # fmt: skip


@post(RECEIVERS, opt=MAKE, include_in_schema=False)
async def add_receiver(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """Ask a second person to allow somebody to receive."""
    service.need_whole(asker, service.MAKE)
    typed = {name: str(value)[:200] for name, value in (await request.form()).items()}
    try:
        account_id = uuid_of(typed.get("account_id"))
        if account_id is None:
            raise InvalidRequest(_("请选择商户号"))
        ask = ReceiverAsk(
            account_id=account_id, kind=word_of(typed, "kind"), account=typed.get("account", ""), name=typed.get("name", ""),
            relation=word_of(typed, "relation"), reason=typed.get("reason", ""),
        )  # fmt: skip
        async with platform.database.tenant(client.id) as session:
            await receivers.propose(session, platform.vault, ask, asker)
    except PlatformError as error:
        if error.status >= 500:
            raise
        async with platform.database.tenant(client.id) as session:
            return await _receivers(request, session, asker, platform, typed, error.message)
    return redirect(request, RECEIVERS, success=_("已提交，等待另一位同事复核"))


@post(RECEIVERS + "/{receiver_id:uuid}/remove", opt=MAKE, include_in_schema=False)
async def remove_receiver(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], receiver_id: FromPath[UUID]
) -> Response:
    """Ask a second person to allow it no longer."""
    service.need_whole(actor, service.MAKE)
    await receivers.propose_removal(session, receiver_id, str((await request.form()).get("reason", "")), actor)
    return redirect(request, RECEIVERS, success=_("已提交，等待另一位同事复核"))


ROUTES = [payment_list, payment_page, ask_split, ask_release, ask_return, hurry, receiver_list, add_receiver, remove_receiver]
