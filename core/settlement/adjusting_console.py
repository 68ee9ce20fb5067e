"""Adjustments and partners' shares in the console: listed, and asked for with a second person's word."""

import datetime as dt
from collections.abc import Mapping

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core import clock, money
from core.billing.filters import day_of, uuid_of, word_of
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.identity.actor import Actor
from core.onboarding.rates import percent, ppm_of
from core.platform import Platform
from core.settlement import adjusting, adjusting_repository, lists, partners, service
from core.settlement.adjusting import AdjustmentAsk
from core.settlement.partners import SplitAsk
from core.tenancy.directory import ClientProfile
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH, SPLITS = "/console/settlement-adjustments", "/console/settlement-splits"
READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
BORNE = (("fee", N_("手续费收入")), ("loss", N_("我方损益")))


@get(PATH, opt=READ, include_in_schema=False)
async def adjustment_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    merchant: FromQuery[str] = "",
    status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Every adjustment, and the form that asks for one."""
    return await _adjustments(request, session, actor, {}, {}, merchant, status, cursor)


@post(PATH, opt=MAKE, include_in_schema=False)
async def propose_adjustment(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """Ask a second person; what is refused is said beside the field, and then nothing is written."""
    lists.check_reach(asker, service.MAKE)
    typed = {name: str(value) for name, value in (await request.form()).items()}
    errors: dict[str, str] = {}
    try:
        fen = money.yuan(typed.get("amount", "")) * (-1 if typed.get("way") == "owes" else 1)
        ask = AdjustmentAsk(
            merchant=word_of(typed, "merchant"), amount_fen=fen, reason=word_of(typed, "reason"), against=word_of(typed, "against") or "fee"
        )
        async with platform.database.tenant(client.id) as session:
            await adjusting.propose(session, ask, asker)
        return redirect(request, PATH, success=_("已提交，等待另一位同事复核"))
    except PlatformError as error:
        if error.status >= 500:
            raise
        errors["amount"] = error.message
    async with platform.database.tenant(client.id) as session:
        return await _adjustments(request, session, asker, typed, errors, "", "", None, status=422)


async def _adjustments(
    request: Request, session: Session, actor: Actor, typed: Mapping[str, str], errors: dict[str, str], merchant: str, which: str,
    cursor: str | None, status: int = 200,
) -> Response:  # fmt: skip
    wanted = which if which in ("open", "settled") else ""
    return render(
        request, "settlement/adjustments.html", status=status, typed=typed, errors=errors, merchant=merchant, which=wanted,
        found=await lists.list_adjustments(session, actor, merchant, wanted, cursor), borne=[(code, _(label)) for code, label in BORNE],
        merchants=[(row.code, row.name) for row in await adjusting_repository.list_merchants(session)], may_make=actor.may(service.MAKE),
    )  # fmt: skip


@get(SPLITS, opt=READ, include_in_schema=False)
async def split_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Every partner's share, and the form that asks for one."""
    return await _splits(request, session, actor, {}, {})


@post(SPLITS, opt=MAKE, include_in_schema=False)
async def propose_split(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """Ask a second person for a partner's share."""
    lists.check_reach(asker, service.MAKE)
    typed = {name: str(value) for name, value in (await request.form()).items()}
    errors: dict[str, str] = {}
    try:
        ask = SplitAsk(
            merchant=word_of(typed, "merchant"), partner=word_of(typed, "partner"), item_code=word_of(typed, "item"),
            share_ppm=_share(typed.get("share", "")), from_on=day_of(typed.get("from_on")) or clock.today(), until_on=day_of(typed.get("until_on")),
            reason=word_of(typed, "reason") or _("合作协议"),
        )  # fmt: skip
        async with platform.database.tenant(client.id) as session:
            await partners.propose(session, ask, asker)
        return redirect(request, SPLITS, success=_("已提交，等待另一位同事复核"))
    except PlatformError as error:
        if error.status >= 500:
            raise
        errors["share"] = error.message
    async with platform.database.tenant(client.id) as session:
        return await _splits(request, session, asker, typed, errors, status=422)


@post(SPLITS + "/end", opt=MAKE, include_in_schema=False)
async def end_split(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Ask a second person to let a share end today."""
    lists.check_reach(actor, service.MAKE)
    form = {name: str(value) for name, value in (await request.form()).items()}
    rule_id = uuid_of(form.get("rule"))
    if rule_id is None or not word_of(form, "reason"):
        raise InvalidRequest(N_("请填写停止分账的原因"))
    until_on: dt.date = day_of(form.get("until_on")) or clock.today()
    await partners.propose_end(session, rule_id, until_on, word_of(form, "reason"), actor)
    return redirect(request, SPLITS, success=_("已提交，等待另一位同事复核"))


def _share(typed: str) -> int:
    """A percentage as people type it, in millionths; 100 is everything."""
    return partners.MILLION if typed.strip().removesuffix("%").strip() in ("100", "100.0") else ppm_of(typed)


async def _splits(
    request: Request, session: Session, actor: Actor, typed: Mapping[str, str], errors: dict[str, str], status: int = 200
) -> Response:
    rules = await lists.list_splits(session, actor)
    return render(
        request, "settlement/splits.html", status=status, typed=typed, errors=errors, rules=rules,
        shares={rule.id: percent(rule.share_ppm) for rule in rules},
        merchants=[(row.code, row.name) for row in await adjusting_repository.list_merchants(session)], may_make=actor.may(service.MAKE),
        today=clock.today(),
    )  # fmt: skip


ROUTES = [adjustment_list, propose_adjustment, split_list, propose_split, end_split]
