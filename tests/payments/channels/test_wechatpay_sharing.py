"""Splitting a payment over real HTTP: receivers, shares, what is left, and taking a share back."""

import asyncio

import msgspec
import pytest

from core.payments.channels.errors import ChannelRefused, ChannelUnknown
from core.payments.channels.wechatpay.sharing import ProfitSharing, Receiver, ReturnRequest, Share, SplitRequest

SHOP = "榕城校服厂"


def code(refused) -> str:
    return refused.value.facts["channel_code"]


@pytest.fixture(scope="module")
def sharing(channel):
    return ProfitSharing(channel)


@pytest.fixture(scope="module", params=[("direct", "public_key"), ("direct", "certificate"), ("partner", "public_key")], ids="/".join)
async def splitting(request, register):
    """A merchant whose payments are held for splitting, in each mode and with each kind of key."""
    mode, signing = request.param
    account = await register(mode=mode, signing=signing)
    credentials = account.credentials | {"profit_sharing": "true"}
    if signing == "certificate":
        credentials = {k: v for k, v in credentials.items() if not k.startswith("platform_")}
    return msgspec.structs.replace(account, credentials=credentials)


@pytest.fixture(scope="module")
async def shop(register):
    return (await register(name=SHOP)).mchid


@pytest.fixture
def held(channel, splitting, order, outside):
    """Makes payments that wait to be split; gives WeChat Pay's number."""

    async def make(amount_fen: int = 10_000, account=None) -> str:
        account = account or splitting
        wanted = order(amount_fen=amount_fen)
        await channel.create(account, wanted)
        await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{wanted.number}/pay")
        return (await channel.query(account, wanted.ref)).channel_txn_id

    return make


async def finished(sharing, account, number: str, transaction_id: str):
    async with asyncio.timeout(60):
        while (state := await sharing.query(account, number, transaction_id)).state != "finished":
            pass
    return state


def share(shop: str, amount_fen: int = 2_000) -> Share:
    return Share(kind="MERCHANT_ID", account=shop, name=SHOP, amount_fen=amount_fen, description="校服款")


async def test_a_payment_is_split_released_and_a_share_taken_back(sharing, splitting, shop, held):
    transaction_id = await held()
    await sharing.add_receiver(splitting, Receiver(kind="MERCHANT_ID", account=shop, name=SHOP, relation="SUPPLIER"))
    assert await sharing.unsplit_fen(splitting, transaction_id) == 10_000
    made = await sharing.split(splitting, SplitRequest(number="S1" + transaction_id, transaction_id=transaction_id, shares=(share(shop),)))
    assert (made.number, [s.amount_fen for s in made.shares]) == ("S1" + transaction_id, [2_000])
    state = await finished(sharing, splitting, made.number, transaction_id)
    assert [(s.account, s.state) for s in state.shares] == [(shop, "succeeded")]
    assert await sharing.unsplit_fen(splitting, transaction_id) == 8_000

    back = ReturnRequest(number="B1" + transaction_id, split_number=made.number, mchid=shop, amount_fen=500, description="退校服")
    assert (await sharing.give_back(splitting, back)).state == "succeeded"
    assert (await sharing.give_back(splitting, back)).amount_fen == 500, "the same number takes nothing more"
    assert (await sharing.query_return(splitting, back.number, made.number)).amount_fen == 500
    with pytest.raises(ChannelRefused):
        await sharing.give_back(splitting, msgspec.structs.replace(back, number="B2" + transaction_id, amount_fen=1_501))

    released = await sharing.unfreeze(splitting, "U1" + transaction_id, transaction_id, "其余归学校")
    assert [s.amount_fen for s in released.shares] == [8_000]
    assert await sharing.unsplit_fen(splitting, transaction_id) == 0


async def test_the_same_split_asked_again_is_one_split_though_its_names_are_sealed_anew(sharing, splitting, shop, held):
    transaction_id = await held()
    await sharing.add_receiver(splitting, Receiver(kind="MERCHANT_ID", account=shop, name=SHOP))
    wanted = SplitRequest(number="S2" + transaction_id, transaction_id=transaction_id, shares=(share(shop),))
    first = await sharing.split(splitting, wanted)
    again = await sharing.split(splitting, wanted)
    assert (again.reference, again.number) == (first.reference, first.number)
    assert await sharing.unsplit_fen(splitting, transaction_id) == 8_000
    with pytest.raises(ChannelRefused) as refused:
        await sharing.split(splitting, msgspec.structs.replace(wanted, shares=(share(shop, 1_000),)))
    assert code(refused) == "INVALID_REQUEST"


async def test_a_split_that_releases_the_rest_leaves_nothing_held(sharing, splitting, shop, held):
    transaction_id = await held()
    await sharing.add_receiver(splitting, Receiver(kind="MERCHANT_ID", account=shop, name=SHOP))
    wanted = SplitRequest(number="S3" + transaction_id, transaction_id=transaction_id, shares=(share(shop),), release=True)
    await sharing.split(splitting, wanted)
    assert await sharing.unsplit_fen(splitting, transaction_id) == 0


async def test_more_than_the_greatest_share_is_refused(sharing, splitting, shop, held):
    transaction_id = await held()
    await sharing.add_receiver(splitting, Receiver(kind="MERCHANT_ID", account=shop, name=SHOP))
    for amount_fen in (3_001, 10_001):
        number = f"S{amount_fen}{transaction_id}"
        with pytest.raises(ChannelRefused) as refused:
            await sharing.split(splitting, SplitRequest(number=number, transaction_id=transaction_id, shares=(share(shop, amount_fen),)))
        assert code(refused) in ("RULE_LIMIT", "NOT_ENOUGH")
    assert await sharing.unsplit_fen(splitting, transaction_id) == 10_000


async def test_a_stranger_receives_nothing(sharing, splitting, shop, held):
    transaction_id = await held()
    await sharing.add_receiver(splitting, Receiver(kind="MERCHANT_ID", account=shop, name=SHOP))
    await sharing.delete_receiver(splitting, Receiver(kind="MERCHANT_ID", account=shop))
    with pytest.raises(ChannelRefused) as refused:
        await sharing.split(splitting, SplitRequest(number="S4" + transaction_id, transaction_id=transaction_id, shares=(share(shop),)))
    assert "接收方" in refused.value.message


async def test_a_receiver_under_a_wrong_name_is_refused(sharing, splitting, shop):
    with pytest.raises(ChannelRefused) as refused:
        await sharing.add_receiver(splitting, Receiver(kind="MERCHANT_ID", account=shop, name="榕城校服店"))
    assert "不匹配" in refused.value.message


async def test_a_payment_that_was_not_held_cannot_be_split(sharing, register, shop, held):
    plain = await register()
    transaction_id = await held(account=plain)
    await sharing.add_receiver(plain, Receiver(kind="MERCHANT_ID", account=shop, name=SHOP))
    with pytest.raises(ChannelRefused) as refused:
        await sharing.split(plain, SplitRequest(number="S5" + transaction_id, transaction_id=transaction_id, shares=(share(shop),)))
    assert code(refused) == "RULE_LIMIT"
    assert await sharing.unsplit_fen(plain, transaction_id) == 0


async def test_a_split_the_channel_never_saw_is_unknown(sharing, splitting, held):
    transaction_id = await held()
    assert (await sharing.query(splitting, "S9" + transaction_id, transaction_id)).state == "unknown"
    assert (await sharing.query_return(splitting, "B9" + transaction_id, "S9" + transaction_id)).state == "unknown"


async def test_nobody_at_the_other_end_splits_nothing(sharing, splitting):
    away = msgspec.structs.replace(splitting, base_url="http://127.0.0.1:9")
    with pytest.raises(ChannelUnknown):
        await sharing.unfreeze(away, "U1", "4200", "其余归学校")
