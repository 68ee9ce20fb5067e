"""A clearing account is connected by two people; its keys lie sealed and are shown to nobody."""

import secrets

import pytest
from sqlalchemy import text

from core.approvals import service as approvals
from core.errors import InvalidRequest, SelfApproval
from core.identity.actor import system
from core.settlement import bank_accounts, bank_connecting
from core.settlement.bank_accounts import Given
from core.settlement.errors import BankLacking
from tests.settlement.arriving import PRIVATE, PUBLIC

READ, MAKE, CHECK = "settlement.batch.read", "settlement.batch.make", "settlement.batch.check"
PATH = "/console/clearing-accounts"


def form(**other: str) -> dict[str, str]:
    wanted = {
        "base_url": "https://bank.invalid/bank/v1", "customer": "EB7", "key_id": "K7", "account_number": f"9900{secrets.randbelow(10**15):015d}",
        "account_name": "清算户", "bank_name": "榕城银行", "private_key": PRIVATE, "bank_public_key": PUBLIC, "reason": "开业",
    }  # fmt: skip
    return wanted | other


@pytest.fixture
async def house(client):
    return await client(plugins=())


async def waiting(platform, house):
    async with platform.database.tenant(house.id) as session:
        return await session.one(text("SELECT * FROM core.approval WHERE kind = 'settlement.bank' AND status = 'waiting'"))


async def agree(platform, house, by):
    kinds = approvals.kinds_of(platform.plugins, house.plugins)
    found = await waiting(platform, house)
    async with platform.database.tenant(house.id) as session:
        await approvals.approve(session, kinds, found.id, by)


async def test_two_people_connect_an_account_and_the_keys_are_never_shown(platform, house, staff):
    maker, checker = await staff(house, READ, MAKE), await staff(house, READ, MAKE, CHECK)
    given = form()
    assert (await maker.post(PATH, data=given)).status_code == 303
    async with platform.database.tenant(house.id) as session:
        with pytest.raises(BankLacking):
            await bank_accounts.find(session, platform.vault)
    page = (await checker.get(f"/console/approvals/{(await waiting(platform, house)).id}")).text
    assert "我方公钥指纹" in page and "PRIVATE" not in page and given["account_number"] not in page
    await agree(platform, house, checker.actor)
    async with platform.database.tenant(house.id) as session:
        connection = await bank_accounts.find(session, platform.vault, given["account_number"])
        assert [row.number for row in await session.all(text("SELECT number FROM core.statement_merchant WHERE channel = 'bank'"))] == [
            given["account_number"]
        ]
    assert (connection.private_key.strip(), connection.bank_public_key.strip()) == (PRIVATE.strip(), PUBLIC.strip())
    shown = (await maker.get(PATH)).text
    assert "EB7" in shown and "使用中" in shown and given["account_number"] not in shown and "PRIVATE" not in shown


async def test_nobody_agrees_to_their_own_keys(platform, house, staff):
    both = await staff(house, READ, MAKE, CHECK)
    await both.post(PATH, data=form())
    with pytest.raises(SelfApproval):
        await agree(platform, house, both.actor)


async def test_new_keys_of_the_same_account_replace_the_old(platform, house, staff):
    maker, checker = await staff(house, READ, MAKE), await staff(house, READ, MAKE, CHECK)
    given = form()
    for key_id in ("K7", "K8"):
        await maker.post(PATH, data=given | {"key_id": key_id})
        await agree(platform, house, checker.actor)
    async with platform.database.tenant(house.id) as session:
        [row] = await bank_accounts.list_accounts(session)
    assert (row.key_id, row.version) == ("K8", 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "http://bank.invalid"},
        {"base_url": "nonsense"},
        {"account_number": "12-34"},
        {"customer": ""},
        {"private_key": "x"},
        {"bank_public_key": PRIVATE},
        {"reason": ""},
    ],
)
async def test_what_could_not_work_is_refused_on_the_form(house, staff, wrong):
    maker = await staff(house, READ, MAKE)
    reply = await maker.post(PATH, data=form(**wrong))
    assert reply.status_code == 422
    assert "PRIVATE" not in reply.text


async def test_who_may_not_is_refused(house, staff, client):
    reader, other = await staff(house, READ), await staff(await client(plugins=()), READ)
    assert (await reader.post(PATH, data=form())).status_code == 403
    assert "还没有接通清算户" in (await other.get(PATH)).text


async def test_the_sandbox_may_speak_plain_http_and_nobody_else(platform, house):
    given = Given(**{name: value for name, value in form(base_url="http://127.0.0.1:8201/bank/v1").items() if name != "reason"})
    async with platform.database.tenant(house.id) as session:
        keys = await platform.vault.keys(session)
        assert await bank_accounts.connect(session, keys, given, system(house.id), "http://127.0.0.1:8201")
    with pytest.raises(InvalidRequest):
        bank_accounts.check(given, "http://127.0.0.1:82")


def test_the_checker_sees_fingerprints_only():
    told = {"account": "9900 **** 0018", "account_name": "清", "bank_name": "", "base_url": "https://b", "customer": "E", "key_id": "K"}
    shown = bank_connecting.describe(told | {"our_key": "AA:BB", "bank_key": "CC:DD", "_sealed": "secret"})
    assert "secret" not in str(shown) and len(shown) == 8
