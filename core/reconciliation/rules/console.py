"""Matching rules in the console: in order, with what each would pair tried out on a day before it is trusted."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.billing.filters import day_of
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.reconciliation import rights
from core.reconciliation.errors import RuleNotFound
from core.reconciliation.rules import service as rules
from core.reconciliation.rules.schemas import FIELDS, REFERENCES, Pair, RuleMade
from core.reconciliation.runs import lists as runs_lists
from core.reconciliation.runs import words as runs_words
from core.web.error_words import translated
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/match-rules"
READ, RUN = {"permission": rights.READ}, {"permission": rights.RUN}
CHANNELS = ("wechatpay", "alipay", "unionpay", "stripe")
FIELD_WORDS = {
    "number": N_("商户订单号或退款号"),
    "order_number": N_("商户订单号"),
    "channel_number": N_("渠道流水号"),
    "bill_number": N_("账单号"),
    "serial": N_("业务流水号"),
    "number_prefix": N_("商户订单号前缀"),
}


@get(PATH, opt=READ, include_in_schema=False)
async def rule_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """The rules in their order, and a form for one more."""
    return await _page(request, session, actor)


@post(PATH, opt=RUN, include_in_schema=False)
async def rule_add(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Try a rule out, or keep it."""
    form = await request.form()
    typed = {name: str(value) for name, value in form.items()}
    channels = [str(value) for value in form.getall("channels", [])]
    try:
        made = rules.made_of(typed, [channel for channel in channels if channel in CHANNELS])
        if typed.get("act") == "try":
            day = day_of(typed.get("day")) or runs_lists.last_day()
            return await _page(request, session, actor, typed, channels, pairs=await rules.dry_run(session, made, day))
        await rules.add(session, made, actor)
    except PlatformError as error:
        return await _page(request, session, actor, typed, channels, fault=translated(error), status=error.status)
    return redirect(request, PATH, success=_("已添加，从下一次对账起生效"))


@post(PATH + "/{rule_id:uuid}/try", opt=READ, include_in_schema=False)
async def rule_try(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], rule_id: FromPath[UUID]) -> Response:
    """What a kept rule would pair on a day."""
    form = await request.form()
    rule = await rules.find(session, rule_id)
    day = day_of(str(form.get("day", ""))) or runs_lists.last_day()
    pairs = await rules.dry_run(session, RuleMade(title=rule.title, kind=rule.kind, parameters=rule.parameters), day)
    return await _page(request, session, actor, {"day": day.isoformat(), "title": ""}, pairs=pairs)


@post(PATH + "/{rule_id:uuid}/{verb:str}", opt=RUN, include_in_schema=False)
async def rule_change(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], rule_id: FromPath[UUID], verb: FromPath[str]
) -> Response:
    """Move, switch or remove a rule."""
    match verb:
        case "up" | "down":
            await rules.move(session, rule_id, -1 if verb == "up" else 1, actor)
        case "on" | "off":
            await rules.set_active(session, rule_id, verb == "on", actor)
        case "remove":
            await rules.remove(session, rule_id, actor)
        case _:
            raise RuleNotFound()
    return redirect(request, PATH, success=_("已保存，从下一次对账起生效"))


async def _page(
    request: Request, session: Session, actor: Actor, typed: dict[str, str] | None = None, channels: list[str] | None = None,
    pairs: list[Pair] | None = None, fault: str = "", status: int = 200,
) -> Response:
    found = [(rule, rules.explain(rule)) for rule in await rules.listed(session)]
    return render(
        request,
        "reconciliation/rules.html",
        status=status,
        found=found,
        typed=typed or {},
        ticked=channels or [],
        pairs=pairs,
        fault=fault,
        kinds=[(code, _(label)) for code, label in runs_words.RULE_WORDS.items()],
        channels=CHANNELS,
        fields=[(code, _(FIELD_WORDS[code])) for code in FIELDS],
        references=[(code, _(FIELD_WORDS[code])) for code in REFERENCES],
        last_day=runs_lists.last_day(),
        may_act=actor.may(rights.RUN),
    )


ROUTES = [rule_list, rule_add, rule_try, rule_change]
