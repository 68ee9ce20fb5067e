"""A merchant's rates on a page: in the bank's house with proposing and agreeing, in the client's to be read."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody

from core import clock, money
from core.billing.filters import day_of, word_of
from core.errors import PlatformError
from core.identity.actor import Actor
from core.onboarding import rate_changes, rate_doors, rates
from core.onboarding.cases import READ
from core.onboarding.errors import RateChangeInvalid
from core.onboarding.rate_changes import CARDS, CHECK, MAKE
from core.onboarding.schemas import Rate, RateChangeAsk, RateChangeCheck
from core.platform import Platform
from core.tenancy.forms import ReasonForm
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

OWN = "/console/merchants/{merchant_id:uuid}/rates"
BANK = "/bank/clients/{client_id:uuid}/merchants/{merchant_id:uuid}/rates"
ONE = BANK + "/{change_id:uuid}"
LOOK, MAKING, CHECKING = ({"permission": permission, "side": "bank"} for permission in (rate_doors.LOOK, MAKE, CHECK))


def _to(client_id: UUID, merchant_id: UUID) -> str:
    return f"/bank/clients/{client_id}/merchants/{merchant_id}/rates"


def _state(row: object, today: dt.date) -> str:
    """Whether a rate is in force, was, or is to come."""
    if row.from_on > today:
        return "coming"
    return "past" if row.until_on and row.until_on < today else "in_force"


@get(OWN, opt={"permission": READ}, include_in_schema=False)
async def own_rates(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], merchant_id: FromPath[UUID]
) -> Response:
    """What a merchant of ours pays, and what the bank changed of it."""
    found = await rate_doors.book(platform, asker.tenant_id, merchant_id)
    today = clock.today()
    return render(
        request, "onboarding/rates.html", book=found, words=rate_changes.words_of, cards=CARDS, state=lambda row: _state(row, today), me="", may=asker.may,
        compared=rate_changes.compared,
    )  # fmt: skip


@get(BANK, opt=LOOK, include_in_schema=False)
async def rates_page(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], merchant_id: FromPath[UUID]
) -> Response:
    """What a client's merchant pays, and what waits for a second person."""
    return await _page(request, asker, platform, client_id, merchant_id)


@get("/bank/clients/{client_id:uuid}/rate-changes/{change_id:uuid}", opt=LOOK, include_in_schema=False)
async def rates_find(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], change_id: FromPath[UUID]
) -> Response:
    """From a task to the merchant's rates."""
    merchant_id = await rate_doors.merchant_of(platform, asker, client_id, change_id)
    return redirect(request, f"{_to(client_id, merchant_id)}#changes")


@post(BANK, opt=MAKING, include_in_schema=False)
async def rates_propose(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], merchant_id: FromPath[UUID]
) -> Response:
    """Propose other rates."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    try:
        await rate_doors.propose(platform, asker, client_id, merchant_id, _asked(typed))
    except PlatformError as error:
        return await _page(request, asker, platform, client_id, merchant_id, translated(error), error.status, typed)
    return redirect(request, _to(client_id, merchant_id), success=_("费率变更已提出，请另一位同事复核"))


@post(ONE + "/approve", opt=CHECKING, include_in_schema=False)
async def rates_approve(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], merchant_id: FromPath[UUID],
    change_id: FromPath[UUID],
) -> Response:
    """The second person agrees."""
    await rate_doors.check(platform, asker, client_id, merchant_id, change_id, RateChangeCheck(approve=True))
    return redirect(request, _to(client_id, merchant_id), success=_("费率变更已通过，从生效日起执行"))


@post(ONE + "/reject", opt=CHECKING, include_in_schema=False)
async def rates_reject(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], merchant_id: FromPath[UUID],
    change_id: FromPath[UUID], data: URLEncodedBody[ReasonForm],
) -> Response:
    """The second person does not."""
    await rate_doors.check(platform, asker, client_id, merchant_id, change_id, RateChangeCheck(approve=False, remark=data.reason))
    return redirect(request, _to(client_id, merchant_id), info=_("费率变更已退回"))


@post(ONE + "/withdraw", opt=MAKING, include_in_schema=False)
async def rates_withdraw(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID], merchant_id: FromPath[UUID],
    change_id: FromPath[UUID],
) -> Response:
    """Whoever proposed it takes it back."""
    await rate_doors.withdraw(platform, asker, client_id, merchant_id, change_id)
    return redirect(request, _to(client_id, merchant_id), info=_("费率变更已撤回"))


def _asked(typed: Mapping[str, str]) -> RateChangeAsk:
    """The form as it was typed: a line for each kind of card, those left empty have no rate of their own."""
    from_on = day_of(typed.get("from_on", ""))
    if from_on is None:
        raise RateChangeInvalid(fault=_("请选择生效日"))
    found = [_rate(typed, card) for card in CARDS if typed.get(f"rate.{card}", "").strip()]
    return RateChangeAsk(channel=word_of(typed, "channel"), from_on=from_on, rates=found, reason=typed.get("reason", "").strip()[:500])


def _rate(typed: Mapping[str, str], card: str) -> Rate:
    fen = {name: typed.get(f"{name}.{card}", "").strip() for name in ("cap", "min", "fixed")}
    return Rate(
        channel="", card_type=card, rate_ppm=rates.ppm_of(typed[f"rate.{card}"]), cap_fen=money.yuan(fen["cap"]) if fen["cap"] else None,
        min_fen=money.yuan(fen["min"] or "0"), fixed_fen=money.yuan(fen["fixed"] or "0"),
    )  # fmt: skip


async def _page(
    request: Request, asker: Actor, platform: Platform, client_id: UUID, merchant_id: UUID, fault: str = "", status: int = 200,
    typed: Mapping[str, str] | None = None,
) -> Response:
    client, found = await rate_doors.read(platform, asker, client_id, merchant_id)
    today, rated = clock.today(), {row.channel for row in found.rates}
    return render(
        request, "onboarding/bank_rates.html", status=status, row=client, book=found, words=rate_changes.words_of, cards=CARDS,
        state=lambda row: _state(row, today), compared=rate_changes.compared, me=asker.id, may=asker.may,
        here=_to(client_id, merchant_id), fault=fault, typed=typed or {},
        channels=sorted(((code, _(way.title)) for code, way in platform.channels.items()), key=lambda offered: offered[0] not in rated),
        tomorrow=(today + dt.timedelta(days=1)).isoformat(),
        today=today.isoformat(),
    )  # fmt: skip


ROUTES = [own_rates, rates_page, rates_find, rates_propose, rates_approve, rates_reject, rates_withdraw]
