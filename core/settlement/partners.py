"""Partners' shares: agreed beforehand by two people, by merchant and fee item, deducted in the merchant's batch and paid in the partner's."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import clock, ids
from core.approvals import service as approvals
from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.onboarding.rates import percent
from core.settlement import adjusting_repository as repository
from core.settlement.errors import MerchantNotFound, SplitInvalid
from core.web.i18n import gettext as _

KIND = "settlement.split"
MILLION = 1_000_000


class SplitAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who gets how many millionths of what a merchant receives for a fee item (empty: for everything), from a day on."""

    merchant: str
    partner: str
    share_ppm: int
    from_on: dt.date
    item_code: str = ""
    until_on: dt.date | None = None
    reason: str = "合作协议"


async def propose(session: Session, ask: SplitAsk, by: Actor) -> UUID:
    """Ask a second person for a share; answers the id of the rule it will be."""
    merchant = await repository.find_merchant(session, ask.merchant.replace("\0", ""))
    partner = await repository.find_merchant(session, ask.partner.replace("\0", ""))
    if merchant is None or partner is None:
        raise MerchantNotFound()
    if merchant.id == partner.id:
        raise SplitInvalid(fault=_("合作方不能是商户自己"))
    if not 0 < ask.share_ppm <= MILLION:
        raise SplitInvalid(fault=_("分账比例应大于 0，不超过 100%%"))
    if ask.from_on <= clock.today() - dt.timedelta(days=1) or (ask.until_on and ask.until_on < ask.from_on):
        raise SplitInvalid(fault=_("分账从今天或以后的日期起生效，截止日期不早于起始日期"))
    item_code = ask.item_code.replace("\0", "")[:64]
    given_ppm = await repository.shared_ppm(session, merchant.id, item_code, ask.from_on, ask.until_on)
    if given_ppm + ask.share_ppm > MILLION:
        raise SplitInvalid(fault=_("同一收入已分出 %(share)s，合计不能超过 100%%", share=percent(given_ppm)))
    rule_id = ids.uuid7()
    proposal = {
        "merchant": merchant.code, "partner": partner.code, "item_code": item_code, "share_ppm": ask.share_ppm, "from_on": ask.from_on.isoformat(),
        "until_on": ask.until_on.isoformat() if ask.until_on else None, "action": "begin",
    }  # fmt: skip
    title = f"分账规则 · {merchant.name} → {partner.name}"
    await approvals.propose(session, by, kind=KIND, title=title, subject_id=rule_id, proposal=proposal, reason=ask.reason)
    return rule_id


async def propose_end(session: Session, rule_id: UUID, until_on: dt.date, reason: str, by: Actor) -> None:
    """Ask a second person to let a share end."""
    rule = await repository.find_rule(session, rule_id)
    if rule is None:
        raise SplitInvalid(fault=_("没有这条分账规则"))
    if until_on < max(rule.from_on, clock.today()):
        raise SplitInvalid(fault=_("截止日期不能早于今天和起始日期"))
    proposal = {"action": "end", "until_on": until_on.isoformat(), "share_ppm": rule.share_ppm}
    await approvals.propose(session, by, kind=KIND, title="停止分账规则", subject_id=rule_id, proposal=proposal, reason=reason)


async def approve(session: Session, rule_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person agrees: the share begins or ends."""
    until_on = dt.date.fromisoformat(str(proposal["until_on"])) if proposal.get("until_on") else None
    if proposal["action"] == "end" and until_on is not None:
        await repository.end_rule(session, rule_id, until_on)
    else:
        merchant = await repository.find_merchant(session, str(proposal["merchant"]))
        partner = await repository.find_merchant(session, str(proposal["partner"]))
        row = {
            "id": rule_id, "merchant_id": merchant.id, "partner_merchant_id": partner.id, "item_code": proposal["item_code"],
            "share_ppm": proposal["share_ppm"], "from_on": dt.date.fromisoformat(str(proposal["from_on"])), "until_on": until_on,
            "made_by": proposal["made_by"], "checked_by": by.name,
        }  # fmt: skip
        await repository.add_rule(session, row)
    told = {name: value for name, value in proposal.items() if name not in ("reason", "made_by", "approval_id")}
    await audit.record(session, by, "settlement.split.approve", "settlement_split", rule_id, after=told)


def describe(proposal: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """What the checker sees."""
    until = str(proposal.get("until_on") or "长期")
    if proposal["action"] == "end":
        return [("截止日期", "", until)]
    which = f"{proposal['merchant']} → {proposal['partner']} {proposal['item_code'] or '全部收费项目'}"
    return [(which, "", percent(int(str(proposal["share_ppm"])))), ("起止日期", "", f"{proposal['from_on']} – {until}")]
