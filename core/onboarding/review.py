"""The bank's and the channels' side of a case. Runs in the client's transaction; who may is decided at the door.

When the branch passes a case on, the settlement account named in it becomes the merchant's: entered by whoever handed the case in,
checked by the reviewer, so that two people have seen it as with any other account.
"""

from uuid import UUID

import msgspec

from core.database import Row, Session
from core.identity.actor import Actor
from core.identity.vault import Vault
from core.onboarding import cases, rates, repository
from core.onboarding.errors import ChannelNotAsked
from core.onboarding.schemas import ChannelResult, ChannelWord, Review
from core.onboarding.states import CASE
from core.tenancy import merchants


async def decide(session: Session, vault: Vault, by: Actor, case_id: UUID, word: Review) -> None:
    """Take a case up, pass it on to the channels with the rates agreed, or send it back."""
    row = await cases.held(session, case_id)
    if word.outcome == "take":
        await cases.move(session, by, row, "bank_review", "bank", word.remark, reviewed_by=by.id)
    elif word.outcome == "reject":
        await cases.move(session, by, row, "bank_rejected", "bank", cases.reason_of(word.remark))
    else:
        CASE.check(row.status, "channel_review")
        by.check_other(row.submitted_by or "")
        rates.check(word.rates, row.channels)
        await _settle_to(session, vault, by, row)
        await cases.move(session, by, row, "channel_review", "bank", word.remark, rates=msgspec.to_builtins(word.rates), reviewed_by=by.id)


async def channel_said(session: Session, by: Actor, case_id: UUID, word: ChannelWord) -> str:
    """A channel's word; when the last one agreed the case waits for its signatory, one refusal sends it back. Answers the new status.

    The same word told again changes nothing: channels repeat themselves.
    """
    row = await cases.held(session, case_id)
    if word.channel not in row.channels:
        raise ChannelNotAsked(channel=word.channel[:40])
    told = ChannelResult(outcome=word.outcome, reference=word.reference.strip()[:64], remark=" ".join(word.remark.split())[:300])
    if row.results.get(word.channel) == msgspec.to_builtins(told):
        return row.status
    if word.outcome == "reject":
        cases.reason_of(word.remark)
        CASE.check(row.status, "channel_rejected")
    else:
        CASE.check(row.status, "signing")
    results = {**row.results, word.channel: msgspec.to_builtins(told)}
    if word.outcome == "reject":
        await cases.move(session, by, row, "channel_rejected", "channel", f"{word.channel}：{told.remark}", results=results)
        return "channel_rejected"
    if {channel for channel, result in results.items() if result["outcome"] == "approve"} >= set(row.channels):
        await cases.move(session, by, row, "signing", "channel", told.reference, results=results)
        return "signing"
    await repository.set_case(session, case_id, {"results": results})
    return row.status


async def _settle_to(session: Session, vault: Vault, by: Actor, row: Row) -> None:
    """The account in the case becomes the merchant's settlement account, unless it already is."""
    keys = await vault.keys(session)
    entered = Actor(kind="user", id=row.submitted_by, name=row.submitted_by_name, tenant_id=session.tenant_id)
    number = keys.open(row.account_sealed)
    letter = row.account_holder != row.legal_name
    account_id = await merchants.account_of(session, keys, row.merchant_id, number)
    if account_id is None:
        account_id = await merchants.add_account(
            session, keys, entered, row.merchant_id, holder=row.account_holder, bank_name=row.account_bank, number=number, letter=letter
        )
        await merchants.check_account(session, by, account_id, approve=True)
