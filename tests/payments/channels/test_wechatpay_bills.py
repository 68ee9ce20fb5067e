"""A day's bill is believed only unpacked and hashed as WeChat Pay said, and asked for again when its address has lapsed."""

import asyncio
import datetime as dt
import gzip
import hashlib

import asyncpg
import pytest

from core import clock
from core.payments.channels.conformance import Paid, ref_of, refund_of
from core.payments.channels.errors import ChannelRefused, StatementBroken, StatementNotReady
from core.payments.channels.wechatpay import bills
from core.sandbox.schema import plain_url

CONTENT = "交易时间,公众账号ID\r\n`2026-09-01 10:00:00,`wx\r\n".encode()


def bill(content: bytes = CONTENT, **other) -> bills.Bill:
    return bills.Bill(**{"hash_type": "SHA1", "hash_value": hashlib.sha1(content).hexdigest(), "download_url": ""} | other)


def test_the_hash_is_of_what_was_packed():
    assert bills.unpacked(gzip.compress(CONTENT, mtime=0), bill()) == CONTENT
    assert bills.unpacked(gzip.compress(CONTENT, mtime=0), bill(hash_value=bill().hash_value.upper())) == CONTENT


@pytest.mark.parametrize(
    ("packed", "told", "reason"),
    [
        (gzip.compress(CONTENT + b"`", mtime=0), bill(), "SHA1"),
        (gzip.compress(b"", mtime=0), bill(), "SHA1"),
        (gzip.compress(CONTENT, mtime=0)[:-9], bill(), "gzip"),
        (b"<html>502</html>", bill(), "gzip"),
        (b"", bill(b""), "gzip"),
        (gzip.compress(CONTENT, mtime=0), bill(hash_type="SM3"), "hash_type=SM3"),
    ],
)
def test_a_bill_that_is_not_what_was_told_is_not_taken(packed, told, reason):
    with pytest.raises(StatementBroken) as broken:
        bills.unpacked(packed, told)
    assert broken.value.facts["reason"] == reason


@pytest.fixture
async def day(channel, account, order, outside):
    """A day with a payment and its refund, two days ago."""
    wanted = order(amount_fen=100_001, description="学费,第一期\n二年级")
    prepared = await channel.create(account, wanted)
    await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{wanted.number}/pay")
    state = await channel.query(account, wanted.ref)
    refund = refund_of(Paid(wanted, prepared, state, ref_of(wanted, prepared, state)), 40_001)
    await channel.refund(account, refund)
    aged = await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{wanted.number}/age", json={"days": 2})
    return dt.date.fromisoformat(aged.json()["day"]), wanted, refund


async def test_a_days_bill_has_its_payment_and_its_refund(channel, account, day):
    when, wanted, refund = day
    file = await channel.fetch_statement(account, when)
    assert file.name == f"wechatpay-{account.mchid}-{when:%Y%m%d}.csv"
    rows = [line.split(",") for line in file.content.decode("utf-8-sig").splitlines()]
    header = rows[0]
    lines = [dict(zip(header, row, strict=True)) for row in rows[1:-2]]
    mine = [line for line in lines if line["商户订单号"] == f"`{wanted.number}"]
    assert [(line["交易状态"], line["订单金额"], line["申请退款金额"]) for line in mine] == [
        ("`SUCCESS", "`1000.01", "`0.00"),
        ("`REFUND", "`0.00", "`400.01"),
    ]
    assert mine[1]["商户退款单号"] == f"`{refund.number}"
    assert mine[0]["商品名称"] == "`学费\\ 第一期\\n二年级"
    assert (mine[0]["手续费"], mine[1]["手续费"]) == ("`6.00000", "`-2.40000")


async def test_an_address_that_lapsed_is_asked_for_again(channel, account, day, postgres):
    when, wanted, _ = day
    lapsed = []

    async def lapse(url: str) -> None:
        connection = await asyncpg.connect(plain_url(postgres.app_url))
        try:
            await connection.execute("UPDATE sandbox.wechat_bill SET expires_at = now() - interval '1 second'")
        finally:
            await connection.close()
        lapsed.append(url)

    class Slow:
        """The transport, when the first download takes longer than the address lives."""

        call = channel.transport.call

        async def download(self, account, url):
            if not lapsed:
                await lapse(url)
            return await channel.transport.download(account, url)

    file = await bills.fetch(Slow(), account, when)
    assert wanted.number in file.content.decode()
    assert len(lapsed) == 1


async def test_todays_bill_is_not_ready_and_an_old_one_is_kept_no_longer(channel, account):
    with pytest.raises(StatementNotReady) as later:
        await channel.fetch_statement(account, clock.today())
    assert later.value.facts["channel_code"] == "STATEMENT_CREATING"
    with pytest.raises(ChannelRefused):
        await channel.fetch_statement(account, clock.today() - dt.timedelta(days=120))


async def test_a_merchant_of_a_provider_gets_its_own_lines_only(channel, register, order, outside):
    first = await register(mode="partner")
    second = await register(mode="partner", sp_mchid=first.credentials["sp_mchid"])
    numbers = {}
    for account in (first, second):
        wanted = order()
        numbers[account.mchid] = wanted.number
        await channel.create(account, wanted)
        await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{wanted.number}/pay")
        aged = await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{wanted.number}/age", json={"days": 2})
    when = dt.date.fromisoformat(aged.json()["day"])
    files = await asyncio.gather(*(channel.fetch_statement(account, when) for account in (first, second)))
    for account, other, file in ((first, second, files[0]), (second, first, files[1])):
        text = file.content.decode()
        assert numbers[account.mchid] in text
        assert numbers[other.mchid] not in text
        assert f",`{account.credentials['sp_mchid']},`{account.mchid}," in text
