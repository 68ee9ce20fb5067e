"""Rules applied after the exact match, in the order finance gave them: what a rule pairs is no difference any more."""

from collections.abc import Mapping, Sequence

import msgspec

from core import money
from core.database import Row, Session
from core.reconciliation.matching.carrying import Carried
from core.reconciliation.matching.classifying import judge
from core.reconciliation.matching.day import Day
from core.reconciliation.matching.halves import SIDES, Item
from core.reconciliation.rules import repository
from core.reconciliation.rules.repository import LEFT_COLUMNS
from core.reconciliation.rules.schemas import Pair, Parameters
from core.web.i18n import gettext as _

Items = dict[tuple[str, str, str], Item]
BITS = {"business": 1, "platform": 2, "channel": 4}


class Rule(msgspec.Struct, frozen=True):
    """A rule ready to be applied."""

    title: str
    kind: str
    told: Parameters


def rules_of(rows: Sequence[Row]) -> list[Rule]:
    """Rules as they are kept, made ready."""
    return [Rule(row.title, row.kind, msgspec.convert(row.parameters, Parameters)) for row in rows]


async def apply(session: Session, day: Day, items: Items, carried: list[Carried]) -> list[Pair]:
    """Take out of the leftovers what the active rules pair; carried differences among it heal. Answers the pairs."""
    rules = rules_of(await repository.list_rules(session, only_active=True))
    day.lags = {channel: rule.told.days for rule in reversed(rules) if rule.kind == "date_lag" for channel in rule.told.channels or ("",)}
    open_ones = {each.item.key: each for each in carried if each.verdict is not None and each.resolution is None}
    leftovers = [*items.values(), *(each.item for key, each in open_ones.items() if key not in items)]
    pairs: list[Pair] = []
    for pair, taken in await _pairs(session, rules, leftovers):
        pairs.append(pair)
        for item in taken:
            items.pop(item.key, None)
            if item.key in open_ones:
                open_ones[item.key].rule = msgspec.to_builtins(pair)
    return pairs


async def preview(session: Session, rule: Rule, items: Sequence[Item]) -> list[Pair]:
    """What one rule would pair among some leftovers; changes nothing."""
    return [pair for pair, _taken in await _pairs(session, [rule], items)]


async def _pairs(session: Session, rules: Sequence[Rule], items: Sequence[Item]) -> list[tuple[Pair, list[Item]]]:
    left = {no: item for no, item in enumerate(items, 1) if judge(item) is not None}
    found: list[tuple[Pair, list[Item]]] = []
    laid = False
    for rule in rules:
        if not left:
            break
        if rule.kind == "tolerance":
            made = [(_tolerated(rule, item), [no]) for no, item in left.items() if _within(rule.told, item)]
        elif rule.kind == "date_lag":
            continue
        else:
            if not laid:
                await repository.lay_out(session, [_row(no, item) for no, item in left.items()])
                laid = True
            rows = await repository.pair(session, rule.kind, rule.told)
            made = [(_paired(rule, row, left), [*row.left_nos, *row.right_nos]) for row in rows if {*row.left_nos, *row.right_nos} <= left.keys()]
        for pair, nos in made:
            found.append((pair, [left.pop(no) for no in nos]))
        if laid and made:
            await repository.take_away(session, [no for _pair, nos in made for no in nos])
    return found


def _row(no: int, item: Item) -> tuple[object, ...]:
    has = sum(BITS[side] for side in item.halves)
    at = item.first("at", "channel", "platform", "business")
    amount_fen = item.first("amount_fen", "channel", "platform", "business")
    named = {"number": item.number, "order_number": item.order_number}
    fields = [named.get(name) or item.first(name) for name in LEFT_COLUMNS[6:]]
    return (no, item.channel, item.kind, has, amount_fen, at, *fields)


def _within(told: Parameters, item: Item) -> bool:
    """Whether all sides have it and differ by no more than the rule allows."""
    verdict = judge(item)
    if verdict is None or verdict.differs != f"{told.what}_fen" or (told.channels and item.channel not in told.channels):
        return False
    if any(half.copies > 1 for half in item.halves.values()):
        return False
    low, high = _bounds(told, item)
    return high - low <= max(told.fen, item.halves["channel"].amount_fen * told.ppm // 1_000_000)


def _bounds(told: Parameters, item: Item) -> tuple[int, int]:
    sides = SIDES if told.what == "amount" else ("platform", "channel")
    values = [getattr(item.halves[side], f"{told.what}_fen") or 0 for side in sides]
    return min(values), max(values)


def _tolerated(rule: Rule, item: Item) -> Pair:
    low, high = _bounds(rule.told, item)
    what = _("金额") if rule.told.what == "amount" else _("手续费")
    why = _("%(what)s相差 %(fen)s 元，在容差之内", what=what, fen=money.format_yuan(high - low))
    return _pair(rule, [item], [item], item.halves["channel"].amount_fen, why)


def _paired(rule: Rule, row: Row, left: Mapping[int, Item]) -> Pair:
    """The pair with its reason in words."""
    lefts, rights = [left[no] for no in row.left_nos], [left[no] for no in row.right_nos]
    amount_fen = sum(item.first("amount_fen", "channel", "platform", "business") for item in rights)
    told = rule.told
    if rule.kind == "composite":
        why = _("金额同为 %(fen)s 元，时间相差 %(n)s 秒", fen=money.format_yuan(amount_fen), n=row.apart)
        if told.digits:
            why += _("，末 %(n)s 位相同", n=told.digits)
    else:
        why = _(
            "同一关联号 %(ref)s 下，一方 %(a)s 笔与另一方 %(b)s 笔合计相等：%(fen)s 元",
            ref=_shared(told, lefts[0]), a=len(lefts), b=len(rights), fen=money.format_yuan(amount_fen),
        )  # fmt: skip
    return _pair(rule, lefts, rights, amount_fen, why)


def _shared(told: Parameters, item: Item) -> object:
    if told.by == "number_prefix":
        return item.number[: told.prefix]
    return item.order_number if told.by == "order_number" else item.first(told.by)


def _pair(rule: Rule, left: Sequence[Item], right: Sequence[Item], amount_fen: int, why: str) -> Pair:
    return Pair(
        rule=rule.title, kind=rule.kind, channel=left[0].channel, left=tuple(item.number for item in left),
        right=tuple(item.number for item in right), amount_fen=amount_fen, why=why,
    )  # fmt: skip
