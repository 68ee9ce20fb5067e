"""Matching rules as finance keeps them: added, ordered, switched, removed, and tried out on a day before they are trusted."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import ids, money
from core.billing.filters import word_of
from core.database import Row, Session
from core.errors import PlatformError
from core.identity import audit
from core.identity.actor import Actor
from core.reconciliation.errors import RuleInvalid, RuleNotFound
from core.reconciliation.matching import carrying, ruling
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.rules import repository as rules_repository
from core.reconciliation.rules.schemas import FIELDS, KINDS, REFERENCES, Pair, Parameters, RuleMade, RuleRead
from core.web.i18n import gettext as _

MOST = 50
WEEK, DAY_MINUTES = 7, 1440
MOST_FEN, MOST_PPM = 100_000, 50_000


async def listed(session: Session) -> list[RuleRead]:
    """Every rule in its order."""
    return [read(row) for row in await rules_repository.list_rules(session)]


async def find(session: Session, rule_id: UUID) -> RuleRead:
    """One rule."""
    return read(await _held(session, rule_id))


async def add(session: Session, made: RuleMade, by: Actor) -> UUID:
    """A rule more, the last to be applied; RuleInvalid says what is wrong with it."""
    check(made)
    if len(await rules_repository.list_rules(session)) >= MOST:
        raise RuleInvalid(fault=_("规则最多 %(n)s 条", n=MOST))
    rule_id = ids.uuid7()
    row = {"id": rule_id, "title": made.title.strip(), "kind": made.kind, "parameters": msgspec.to_builtins(made.parameters), "made_by": by.name}
    await rules_repository.add_rule(session, row)
    after = {"title": row["title"], "kind": made.kind, **row["parameters"]}
    await audit.record(session, by, "recon.rule.add", "match_rule", rule_id, after=after)
    return rule_id


async def set_active(session: Session, rule_id: UUID, active: bool, by: Actor) -> None:
    """Switch a rule on or off; it counts from the next run."""
    row = await _held(session, rule_id)
    await rules_repository.change_rule(session, rule_id, active=active)
    await audit.record(session, by, "recon.rule.change", "match_rule", rule_id, before={"active": row.active}, after={"active": active})


async def move(session: Session, rule_id: UUID, places: int, by: Actor) -> None:
    """Move a rule up (negative) or down in the order."""
    await _held(session, rule_id)
    order = [row.id for row in await rules_repository.list_rules(session)]
    at = order.index(rule_id)
    order.insert(min(max(at + places, 0), len(order) - 1), order.pop(at))
    await reorder(session, order, by)


async def reorder(session: Session, rule_ids: Sequence[UUID], by: Actor) -> None:
    """Give all rules a new order; every rule must be named once."""
    known = [row.id for row in await rules_repository.list_rules(session)]
    if sorted(rule_ids) != sorted(known):
        raise RuleInvalid(fault=_("请一次给出全部规则的顺序"))
    await rules_repository.set_order(session, rule_ids)
    for place, rule_id in enumerate(rule_ids, 1):
        if known.index(rule_id) != place - 1:
            await audit.record(session, by, "recon.rule.order", "match_rule", rule_id, after={"position": place})


async def remove(session: Session, rule_id: UUID, by: Actor) -> None:
    """Forget a rule; what it matched shows again with the next run."""
    row = await _held(session, rule_id)
    await rules_repository.remove_rule(session, rule_id)
    await audit.record(session, by, "recon.rule.remove", "match_rule", rule_id, before={"title": row.title, "kind": row.kind})


async def dry_run(session: Session, made: RuleMade, day: dt.date) -> list[Pair]:
    """The pairs that a rule, kept or only thought of, would make among a day's differences, each with its reason. Changes nothing."""
    check(made)
    rule = ruling.Rule(made.title.strip(), made.kind, made.parameters)
    rows = [row for row in await repository.list_of_run(session, day) if row.klass not in ("DP1", "FE2") and row.status not in ("resolved", "auto_resolved")]
    return await ruling.preview(session, rule, [carrying.carry(row, dt.date.max).item for row in rows])


def check(made: RuleMade) -> None:
    """RuleInvalid for what cannot be meant."""
    told, title = made.parameters, made.title.strip()
    summed, fields = made.kind in ("one_to_many", "many_to_one"), {told.left_field, told.right_field}
    tolerated = told.what in ("amount", "fee") and 0 <= told.fen <= MOST_FEN and 0 <= told.ppm <= MOST_PPM
    faults = (
        (not 0 < len(title) <= 60, _("请填写 1–60 字的规则名称")),
        (made.kind not in KINDS, _("请选择规则种类")),
        (made.kind == "tolerance" and not tolerated, _("容差应在 0–1,000 元、0–5% 之间")),
        (made.kind == "tolerance" and not (told.fen or told.ppm), _("请填写容差")),
        (made.kind == "date_lag" and not 1 <= told.days <= WEEK, _("跨日应为 1–7 天")),
        (made.kind == "composite" and not 1 <= told.minutes <= DAY_MINUTES, _("时间窗应为 1–1440 分钟")),
        (made.kind == "composite" and not (fields <= set(FIELDS) and 0 <= told.digits <= 32), _("请选择要比较的字段，位数 0–32")),
        (summed and told.by not in REFERENCES, _("请选择关联号")),
        (summed and told.by == "number_prefix" and not 4 <= told.prefix <= 32, _("前缀应为 4–32 位")),
    )
    for wrong, fault in faults:
        if wrong:
            raise RuleInvalid(fault=fault)


def made_of(typed: Mapping[str, str], channels: Sequence[str]) -> RuleMade:
    """A rule as the form says it."""
    try:
        fen = money.yuan(typed["fen"]) if typed.get("fen", "").strip() else 0
    except PlatformError as error:
        raise RuleInvalid(fault=error.message) from error
    numbers = {name: _whole(typed, name) for name in ("ppm", "days", "minutes", "digits", "prefix") if typed.get(name, "").strip()}
    words = {name: word_of(typed, name) for name in ("what", "left_field", "right_field", "by") if typed.get(name)}
    return RuleMade(title=word_of(typed, "title"), kind=word_of(typed, "kind"), parameters=Parameters(channels=tuple(channels), fen=fen, **numbers, **words))


def read(row: Row) -> RuleRead:
    """A rule as pages and programs see it."""
    told = msgspec.convert(row.parameters, Parameters)
    facts = {name: getattr(row, name) for name in RuleRead.__struct_fields__ if name != "parameters"}
    return RuleRead(**facts, parameters=told)


def explain(rule: RuleRead) -> str:
    """What a rule does, in one sentence."""
    told = rule.parameters
    match rule.kind:
        case "tolerance":
            what = _("金额") if told.what == "amount" else _("手续费")
            return _("%(what)s相差不超过 %(fen)s 元或万分之 %(n)s 视为一致", what=what, fen=money.format_yuan(told.fen), n=told.ppm / 100)
        case "date_lag":
            return _("单边的等 %(n)s 天再算差异", n=told.days)
        case "composite":
            said = _("金额相同、时间相差 %(n)s 分钟以内", n=told.minutes)
            return said + (_("、%(a)s 与 %(b)s 末 %(n)s 位相同", a=told.left_field, b=told.right_field, n=told.digits) if told.digits else "")
    many = _("业务或平台一笔对渠道多笔") if rule.kind == "one_to_many" else _("业务或平台多笔对渠道一笔")
    return _("%(many)s，同一 %(by)s 合计相等", many=many, by=told.by)


async def _held(session: Session, rule_id: UUID) -> Row:
    row = await rules_repository.find_rule(session, rule_id)
    if row is None:
        raise RuleNotFound()
    return row


def _whole(typed: Mapping[str, str], name: str) -> int:
    text = typed[name].strip()
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise RuleInvalid(fault=_("请填写整数"))
    return int(text)
