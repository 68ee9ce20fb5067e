"""Rules that give new differences an owner and a day: the first that fits, in the order finance gave them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock, ids, money
from core.billing.filters import word_of
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity import audit
from core.identity.actor import Actor, system
from core.reconciliation import rights
from core.reconciliation.differences import assignments_repository as repository
from core.reconciliation.differences import service as differences
from core.reconciliation.remedies.refusals import AssignmentNotFound
from core.reconciliation.severity import BY_CODE, due_at
from core.reconciliation.states import CLASSES

AT_ONCE = 5_000


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule fits: empty fits all. `days` is the time limit it gives, 0 leaves it to the severity."""

    classes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    least_fen: int = 0
    days: int = 0


async def list_rules(session: Session, by: Actor) -> Sequence[Row]:
    """The rules in their order."""
    differences.check_reach(by, rights.HANDLE)
    return await repository.list_rules(session)


async def add(session: Session, by: Actor, typed: Mapping[str, str], classes: Sequence[str], severities: Sequence[str]) -> UUID:
    """A rule more, at the end."""
    differences.check_reach(by, rights.HANDLE)
    title = word_of(typed, "title")
    if not title or len(title) > 60:
        raise InvalidRequest("请填写 1–60 字的规则名称")
    if not set(classes) <= set(CLASSES) or not set(severities) <= set(BY_CODE):
        raise InvalidRequest("类别或严重程度无效，请重新选择")
    days = word_of(typed, "days") or "0"
    if not days.isdigit() or len(days) > 2:
        raise InvalidRequest("处理期限应为 0–99 天")
    channel = word_of(typed, "channel")
    conditions = Conditions(
        classes=tuple(classes), channels=(channel,) if channel else (), severities=tuple(severities),
        least_fen=money.yuan(typed["least"]) if typed.get("least", "").strip() else 0, days=int(days),
    )  # fmt: skip
    owner = await differences.owner_of(session, word_of(typed, "owner"))
    if owner is None:
        raise InvalidRequest("请选择负责人")
    rule_id = ids.uuid7()
    row = {
        "id": rule_id, "title": title, "conditions": msgspec.to_builtins(conditions), "owner_id": owner.id, "owner_name": owner.name, "made_by": by.name,
    }  # fmt: skip
    await repository.add(session, row)
    await audit.record(session, by, "recon.assignment.add", "recon_assignment", rule_id, after={"name": title, "owner": owner.name})
    return rule_id


async def move(session: Session, rule_id: UUID, by: Actor, step: int) -> None:
    """One place up or down."""
    rules = list(await list_rules(session, by))
    place = next((n for n, rule in enumerate(rules) if rule.id == rule_id), None)
    if place is None:
        raise AssignmentNotFound()
    other = min(max(place + step, 0), len(rules) - 1)
    rules.insert(other, rules.pop(place))
    for position, rule in enumerate(rules, 1):
        await repository.change(session, rule.id, position=position * 10)
    await audit.record(session, by, "recon.assignment.change", "recon_assignment", rule_id, after={"position": other + 1})


async def switch(session: Session, rule_id: UUID, by: Actor, *, active: bool) -> None:
    """On or off."""
    differences.check_reach(by, rights.HANDLE)
    if not await repository.change(session, rule_id, active=active):
        raise AssignmentNotFound()
    await audit.record(session, by, "recon.assignment.change", "recon_assignment", rule_id, after={"active": active})


async def remove(session: Session, rule_id: UUID, by: Actor) -> None:
    """Drop a rule; what it assigned stays assigned."""
    differences.check_reach(by, rights.HANDLE)
    if not await repository.remove(session, rule_id):
        raise AssignmentNotFound()
    await audit.record(session, by, "recon.assignment.remove", "recon_assignment", rule_id)


async def assign_new(session: Session, bill_on: dt.date) -> int:
    """Give a day's differences that nobody looks after an owner by the rules, and a day by rule or severity; answers how many got an owner."""
    rules = [(rule, msgspec.convert(rule.conditions, Conditions)) for rule in await repository.list_rules(session) if rule.active]
    owned: list[tuple[UUID, Row]] = []
    after = None
    while rows := await repository.list_to_assign(session, bill_on, after, AT_ONCE):
        found = []
        for row in rows:
            rule, told = next(((rule, told) for rule, told in rules if fits(told, row)), (None, Conditions()))
            if rule is not None:
                owned.append((row.id, rule))
            if rule is not None or row.due_at is None:
                due = due_of(told.days) if told.days else row.due_at or due_at(row.created_at, row.severity)
                found.append((row.id, rule and rule.owner_id, rule.owner_name if rule else "", due))
        if found:
            await repository.write(session, found)
        after = rows[-1].id
    for name in sorted({rule.owner_name for _id, rule in owned}):
        mine = [each for each, rule in owned if rule.owner_name == name]
        await differences.note(session, mine, "assigned", system(session.tenant_id), facts={"owner": name})
    return len(owned)


def fits(told: Conditions, row: Row) -> bool:
    """Whether a rule is for a difference."""
    pairs = ((told.classes, row.klass), (told.channels, row.channel), (told.severities, row.severity))
    return row.amount_fen >= told.least_fen and all(not allowed or value in allowed for allowed, value in pairs)


def due_of(days: int) -> dt.datetime:
    """The end of the day that many days from now."""
    return differences.end_of_day(clock.today() + dt.timedelta(days=days))
