"""The daily statement over real HTTP: asked for, fetched, whole; and everything that is not one (Alipay §8)."""

import datetime as dt
import io
import zipfile

import pytest

from core import clock
from core.payments.channels.errors import ChannelRefused, ChannelUnknown, StatementBroken, StatementNotReady

METHOD = "alipay.data.dataservice.bill.downloadurl.query"
DAY = dt.date(2026, 9, 1)


def zipped(text: str = "#支付宝业务明细查询") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("detail.csv", text.encode("gbk") * 100)
    return content.getvalue()


async def test_a_days_statement_holds_what_was_paid_and_what_went_back(channel, register, order, hand_of, asked, outside):
    account = await register()
    hand = hand_of(account)
    day = clock.today()
    with pytest.raises(StatementNotReady) as not_ready:
        await channel.fetch_statement(account, day)
    assert not_ready.value.facts["day"] == day.isoformat()
    await outside.put(f"/sandbox/api/alipay/statements/{account.mchid}/{day.isoformat()}")
    assert await channel.fetch_statement(account, day) is None
    paid = await hand.paid(order)
    refund = asked(paid, 450)
    await channel.refund(account, refund)
    statement = await channel.fetch_statement(account, day)
    assert (statement.kind, statement.name) == ("trade", f"{account.mchid}_{day:%Y%m%d}.zip")
    with zipfile.ZipFile(io.BytesIO(statement.content), metadata_encoding="gbk") as archive:
        details = archive.read(f"{account.mchid}0156_{day:%Y%m%d}_业务明细.csv").decode("gbk")
    rows = [line.split(",") for line in details.split("\r\n") if paid.number in line]
    assert [(row[2], row[11], row[21].strip(), row[22]) for row in rows] == [
        ("退款", "-4.50", refund.number, "0.03"),
        ("交易", "1234.50", "", "-7.41"),
    ]


async def test_yesterday_without_business_is_nothing_or_not_ready_yet(channel, register, outside):
    account = await register()
    yesterday = clock.today() - dt.timedelta(days=2)
    assert await channel.fetch_statement(account, yesterday) is None


@pytest.fixture
def answered(channel, speaker, gateway):
    """Asks for a statement whose address is as given."""

    async def fetch(**content):
        gateway.body = speaker.answer(METHOD, {"code": "10000", "msg": "Success"} | content)
        return await channel.fetch_statement(speaker.account(gateway.url), DAY)

    return fetch


@pytest.mark.parametrize(
    ("sub_code", "error"),
    [
        ("BILL_NOT_EXIST", StatementNotReady),
        ("BILL_DATE_BEFORE_REGISTRATION", ChannelRefused),
        ("INVAILID_ARGUMENTS", ChannelRefused),
        ("SYSTEM_RATE_LIMIT", ChannelUnknown),
        ("USER_RATE_LIMIT", ChannelUnknown),
    ],
)
async def test_each_reason_not_to_have_one_is_told_apart(answered, sub_code, error):
    with pytest.raises((ChannelRefused, ChannelUnknown)) as refused:
        await answered(code="40004", msg="Business Failed", sub_code=sub_code)
    assert type(refused.value) is error
    assert refused.value.facts["channel_code"] == sub_code


async def test_a_day_without_business_has_no_statement(answered):
    assert await answered(code="40004", msg="Business Failed", sub_code="NO_BILL_DATA") is None


@pytest.mark.parametrize("address", ["ftp://example.com/a.zip", "file:///etc/passwd", "/relative", ""])
async def test_an_address_that_is_none_is_not_fetched(answered, gateway, address):
    with pytest.raises(ChannelUnknown) as unknown:
        await answered(bill_download_url=address)
    assert unknown.value.facts["reason"] == "address"
    assert len(gateway.asked) == 1


async def test_a_download_that_is_not_whole_is_refused(answered, gateway):
    whole = zipped()
    spoiled = whole[:60] + bytes([whole[60] ^ 0xFF]) + whole[61:]
    address = f"{gateway.url}/downloadBillFile.resource?token=1"
    for gateway.file in (spoiled, whole[:-10], b"<html>expired</html>", b""):
        with pytest.raises(StatementBroken) as broken:
            await answered(bill_download_url=address)
        assert broken.value.facts["reason"] == "zip"
    gateway.file = whole
    assert (await answered(bill_download_url=address)).content == whole
