"""A channel that does not answer is left alone for a minute, payers are told kindly, and one of them tries first."""

import asyncio

import pytest
from sqlalchemy import text

from core.payments.errors import ChannelBusy
from core.payments.routing import health
from core.supervisor.guarded import free_port
from tests import families


async def down(house, account_id) -> None:
    """Nobody listens where the channel was."""
    from core.payments.accounts import service as accounts

    async with house.session() as session:
        url = {"url": f"http://127.0.0.1:{free_port()}", "id": account_id}
        await session.execute(text("UPDATE core.channel_account SET base_url = :url WHERE id = :id"), url)
    accounts.forget(house.school.id, account_id)


async def broken(house, account_id, times: int = health.MOST) -> None:
    for _ in range(times):
        async with house.session() as session:
            await health.failed(session, account_id, "ConnectError")


async def rested(house) -> None:
    """The minute is over."""
    async with house.session() as session:
        await session.execute(text("UPDATE core.channel_health SET open_until = now() - interval '1 second'"))


async def test_three_unanswered_calls_open_the_circuit(house):
    account_id = await house.good()
    await down(house, account_id)
    for child in (0, 1, 0):
        order = await house.start(await house.bill(child))
        assert order.status == "created", "unknown is pending, never failed"
    (option,) = await house.options()
    assert not option.available
    assert "暂时繁忙" in option.why
    with pytest.raises(ChannelBusy):
        await house.start(await house.bill(1))


async def test_two_failures_or_three_long_apart_do_not(house):
    account_id = await house.good()
    await broken(house, account_id, 2)
    assert (await house.options())[0].available
    async with house.session() as session:
        await session.execute(text("UPDATE core.channel_health SET failed_at = now() - interval '61 seconds'"))
    await broken(house, account_id, 1)
    assert (await house.options())[0].available


async def test_another_number_of_the_same_channel_takes_over(house):
    spare = await house.account()
    main = await house.good()
    await house.route(main, position=1)
    await house.route(spare, position=2)
    await broken(house, main)
    (option,) = await house.options()
    assert option.available
    async with house.session() as session:
        from core.payments.routing import service as routing

        (offer,) = await routing.choose(session, [("wechatpay", "h5")], 100, ())
    assert offer.account_id == spare


async def test_after_the_rest_one_payment_tries_and_an_answer_closes_the_circuit(house):
    account_id = await house.good()
    await broken(house, account_id)
    await rested(house)
    bills = [await house.bill(n % 2) for n in range(4)]
    answers = await asyncio.gather(*(house.start(bill) for bill in bills), return_exceptions=True)
    assert sum(isinstance(answer, ChannelBusy) for answer in answers) < len(bills)
    assert {answer.status for answer in answers if not isinstance(answer, Exception)} == {"pending"}
    async with house.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.channel_health")) == 0
    assert (await house.options())[0].available


async def test_of_many_at_once_one_is_let_through(house):
    account_id = await house.good()
    await broken(house, account_id)
    await rested(house)

    async def ask() -> bool:
        async with house.session() as session:
            return await health.admit(session, account_id)

    assert sorted(await asyncio.gather(*(ask() for _ in range(8)))) == [False] * 7 + [True]


async def test_a_trial_that_fails_means_another_minute_of_rest(house):
    account_id = await house.good()
    await broken(house, account_id)
    await rested(house)
    await down(house, account_id)
    await house.start(await house.bill())
    (option,) = await house.options()
    assert not option.available


async def test_one_clients_trouble_is_not_anothers(house, platform, client, roster, outside_world, connected):
    account_id = await house.good()
    await broken(house, account_id)
    other = type(house)(connected, await families.found(platform, roster, await client(plugins=())), outside_world)
    await other.good()
    assert (await other.options())[0].available


async def test_the_payer_is_told_kindly_and_can_still_see_the_way(house, browser, sms):
    account_id = await house.good()
    phone = browser()
    await families.bind(phone, sms, house.school, house.school.children[0])
    bill_id = await house.bill()
    await broken(house, account_id)
    page = await phone.get(f"{house.school.home}/pay?bill={bill_id}")
    assert "暂时繁忙，请稍候一两分钟再试" in page.text
    assert "确认支付" not in page.text
    await rested(house)
    page = await phone.get(f"{house.school.home}/pay?bill={bill_id}")
    assert "确认支付" in page.text
