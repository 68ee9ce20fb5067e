"""Matching rules in the API: list, add, order, switch, remove, and try one out on a day."""

import datetime as dt
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.database import Session
from core.identity.actor import Actor
from core.reconciliation import rights
from core.reconciliation.rules import service as rules
from core.reconciliation.rules.schemas import Pair, RuleMade, RuleRead

READ, RUN = {"permission": rights.READ}, {"permission": rights.RUN}
TAGS = ["对账 reconciliation"]
PATH = "/api/v1/match-rules"


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every rule's id in the order they are to be applied."""

    ids: tuple[UUID, ...]


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a rule is applied."""

    active: bool


@get(PATH, opt=READ, tags=TAGS)
async def list_rules(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> list[RuleRead]:
    """Every rule in the order they are applied."""
    return await rules.listed(session)


@post(PATH, opt=RUN, status_code=201, tags=TAGS)
async def add_rule(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[RuleMade]) -> RuleRead:
    """A rule more, the last to be applied."""
    return await rules.find(session, await rules.add(session, data, actor))


@post(PATH + "/dry-run", opt=READ, status_code=200, tags=TAGS)
async def dry_run(
    session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[RuleMade], day: FromQuery[dt.date]
) -> list[Pair]:
    """Which pairs a rule would make among a day's differences, and why; changes nothing."""
    return await rules.dry_run(session, data, day)


@put(PATH + "/order", opt=RUN, status_code=200, tags=TAGS)
async def order_rules(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[Order]) -> list[RuleRead]:
    """A new order of all rules."""
    await rules.reorder(session, data.ids, actor)
    return await rules.listed(session)


@patch(PATH + "/{rule_id:uuid}", opt=RUN, tags=TAGS)
async def switch_rule(
    session: NamedDependency[Session], actor: NamedDependency[Actor], rule_id: FromPath[UUID], data: JSONBody[Switch]
) -> RuleRead:
    """Switch a rule on or off."""
    await rules.set_active(session, rule_id, data.active, actor)
    return await rules.find(session, rule_id)


@delete(PATH + "/{rule_id:uuid}", opt=RUN, tags=TAGS)
async def remove_rule(session: NamedDependency[Session], actor: NamedDependency[Actor], rule_id: FromPath[UUID]) -> None:
    """Forget a rule."""
    await rules.remove(session, rule_id, actor)


ROUTES = [list_rules, add_rule, dry_run, order_rules, switch_rule, remove_rule]
