"""A balance goes back once: claimed, agreed to by a second person, transferred, evidenced."""

import asyncio

import pytest
from sqlalchemy import text

from core.errors import Conflict, IllegalTransition, SelfApproval
from plugins.medical.prepaid import service
from plugins.medical.prepaid.errors import BadClaim, EvidenceUsed
from plugins.medical.prepaid.schemas import ClaimAsk, PaidAsk
from tests.medical.hospitals import do
from tests.medical.prepaid.balances import balance_of, claim, decide, load


@pytest.fixture
async def listed(platform, quiet_hospital):
    await load(platform, quiet_hospital)
    return quiet_hospital


async def pay(platform, hospital, card: str, evidence: str):
    row = await balance_of(platform, hospital, card)
    await do(platform, hospital, service.paid, row.id, PaidAsk(evidence=evidence))


async def test_the_whole_way(platform, listed):
    approval_id = await claim(platform, listed, "C0001")
    row = await balance_of(platform, listed, "C0001")
    assert (row.status, row.account_masked.startswith("张**"), row.account_masked.count("0001")) == ("claimed", True, 0)
    await decide(platform, listed, approval_id)
    await pay(platform, listed, "C0001", "2026110100001")
    row = await balance_of(platform, listed, "C0001")
    assert (row.status, row.evidence, row.made_by, row.checked_by) == ("refunded", "2026110100001", "经办", "复核")
    await pay(platform, listed, "C0001", "2026110100001")  # the same again is no harm


async def test_nothing_of_the_account_is_readable(platform, listed):
    await claim(platform, listed, "C0001")
    async with platform.database.tenant(listed.id) as session:
        kept = await session.scalar(text("SELECT string_agg(proposal::text, '') FROM core.approval"))
        trail = await session.scalar(text("SELECT string_agg(coalesce(after::text, ''), '') FROM core.audit_log"))
    assert "6222020200011223344" not in kept + trail


async def test_maker_and_checker_are_two_people(platform, listed):
    approval_id = await claim(platform, listed, "C0001")
    with pytest.raises(SelfApproval) as refused:
        await decide(platform, listed, approval_id, by=listed.maker)
    assert refused.value.status == 409
    assert (await balance_of(platform, listed, "C0001")).status == "claimed"


async def test_a_card_is_claimed_once_and_paid_once(platform, listed):
    approval_id = await claim(platform, listed, "C0001")
    with pytest.raises(IllegalTransition):
        await claim(platform, listed, "C0001")
    await decide(platform, listed, approval_id)
    with pytest.raises(IllegalTransition):
        await claim(platform, listed, "C0001")
    await pay(platform, listed, "C0001", "2026110100001")
    for again in (claim(platform, listed, "C0001"), pay(platform, listed, "C0001", "2026110100002")):
        with pytest.raises(IllegalTransition):
            await again


async def test_two_clerks_at_once_make_one_claim(platform, listed):
    done = await asyncio.gather(*(claim(platform, listed, "C0001") for _ in range(4)), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 1
    assert all(isinstance(one, Conflict) for one in done if isinstance(one, BaseException))


async def test_a_transfer_stands_for_one_card(platform, listed):
    for card in ("C0001", "C0002"):
        await decide(platform, listed, await claim(platform, listed, card))
    await pay(platform, listed, "C0001", "2026110100001")
    with pytest.raises(EvidenceUsed) as refused:
        await pay(platform, listed, "C0002", "2026110100001")
    assert "C0001" in refused.value.message


async def test_without_a_second_person_there_is_no_transfer(platform, listed):
    await claim(platform, listed, "C0001")
    with pytest.raises(IllegalTransition):
        await pay(platform, listed, "C0001", "2026110100001")


async def test_a_refused_claim_is_listed_again_and_its_account_forgotten(platform, listed):
    await decide(platform, listed, await claim(platform, listed, "C0001"), agree=False)
    row = await balance_of(platform, listed, "C0001")
    assert (row.status, row.account_sealed, row.made_by_id) == ("listed", None, None)
    await claim(platform, listed, "C0001")


async def test_a_returned_transfer_is_claimed_anew(platform, listed):
    await decide(platform, listed, await claim(platform, listed, "C0001"))
    row = await balance_of(platform, listed, "C0001")
    await do(platform, listed, service.returned, row.id, "户名不符")
    assert (await balance_of(platform, listed, "C0001")).status == "listed"


async def test_a_frozen_balance_cannot_be_claimed(platform, listed):
    row = await balance_of(platform, listed, "C0001")
    await do(platform, listed, service.freeze, row.id, "家属有争议")
    with pytest.raises(IllegalTransition):
        await claim(platform, listed, "C0001")
    await do(platform, listed, service.release, row.id, "已核实")
    await claim(platform, listed, "C0001")


@pytest.mark.parametrize("account", ["12345678901234567890123456789012345", "ABCDEFGH1234", "1234-567"])
async def test_an_account_that_cannot_be_one_is_refused(platform, listed, account):
    with pytest.raises(BadClaim):
        await claim(platform, listed, "C0001", ClaimAsk(holder="张小明", account=account, bank="榕树银行", identity="核对身份证"))
    assert (await balance_of(platform, listed, "C0001")).status == "listed"

