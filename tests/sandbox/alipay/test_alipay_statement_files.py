"""The statement files the sandbox writes are those of the samples: names, encoding, lines, totals, and thirty seconds of life (Alipay §8)."""

import asyncio
import datetime as dt
import io
import secrets
import zipfile

import asyncpg
import pytest

from core import clock
from core.sandbox.alipay import statement
from core.sandbox.schema import plain_url
from tests import samples

METHOD = "alipay.data.dataservice.bill.downloadurl.query"


@pytest.fixture(scope="module")
async def day_of_business(merchant_of):
    """A seller with a day on which three trades were paid and two refunds went back; seller, day, numbers, request numbers."""
    merchant = await merchant_of()
    numbers = [await merchant.trade(total_amount=amount, subject=f"学费,{amount}") for amount in ("12.50", "486.40", "0.83")]
    requests = []
    for number in numbers:
        await merchant.pay(number)
    for number, amount in ((numbers[0], "2.50"), (numbers[1], "486.40")):
        requests.append(f"R{secrets.token_hex(8)}")
        ask = {"out_trade_no": number, "refund_amount": amount, "out_request_no": requests[-1]}
        assert (await merchant.ask("alipay.trade.refund", ask))["fund_change"] == "Y"
    for number in numbers:
        aged = await merchant.client.post(f"/sandbox/api/alipay/orders/{merchant.mchid}/{number}/age", json={"days": 3})
    return merchant, dt.date.fromisoformat(aged.json()["day"]), numbers, requests


async def files_of(merchant, day) -> dict[str, str]:
    """Name → text of a day's files, read as GBK."""
    answer = await merchant.ask(METHOD, {"bill_type": "trade", "bill_date": day.isoformat()})
    zipped = await merchant.client.get(answer["bill_download_url"])
    assert zipped.status_code == 200
    with zipfile.ZipFile(io.BytesIO(zipped.content), metadata_encoding="gbk") as archive:
        assert all(info.flag_bits & 0x800 == 0 for info in archive.infolist())
        return {info.filename: archive.read(info).decode("gbk") for info in archive.infolist()}


def sampled() -> dict[str, str]:
    """The same of the sample a bank gave."""
    with zipfile.ZipFile(io.BytesIO(samples.statement("broken/ok-alipay.zip")), metadata_encoding="gbk") as archive:
        return {info.filename: archive.read(info).decode("gbk") for info in archive.infolist()}


def frame(text: str) -> list[str]:
    """What of a file does not depend on its day and its business: comment lines up to their first figure, and the header."""
    lines = text.split("\r\n")
    header = next(line for line in lines if not line.startswith("#"))
    return [line.split("：")[0] if line.startswith("#") else line for line in lines if line.startswith("#") or line == header]


async def test_names_and_frame_are_those_of_the_sample(day_of_business):
    merchant, day, *_ = day_of_business
    ours, theirs = await files_of(merchant, day), sampled()
    assert list(ours) == [f"{merchant.mchid}0156_{day:%Y%m%d}_业务明细.csv", f"{merchant.mchid}0156_{day:%Y%m%d}_业务明细(汇总).csv"]
    assert [frame(text) for text in ours.values()] == [frame(text) for text in theirs.values()]


async def test_rows_are_signed_tabbed_and_add_up_to_the_foot(day_of_business):
    merchant, day, numbers, requests = day_of_business
    details, summary = (await files_of(merchant, day)).values()
    rows = [line.split(",") for line in details.split("\r\n") if line and not line.startswith(("#", "支付宝"))]
    assert {len(row) for row in rows} == {25}
    assert all(row[0].endswith("\t") and len(row[0].strip()) == 28 and row[1].endswith("\t") for row in rows)
    paid = {row[1].strip(): (row[11], row[22]) for row in rows if row[2] == "交易"}
    back = {row[21].strip(): (row[1].strip(), row[11], row[22]) for row in rows if row[2] == "退款"}
    assert paid == dict(zip(numbers, [("12.50", "-0.08"), ("486.40", "-2.92"), ("0.83", "0.00")], strict=True))
    assert back == {requests[0]: (numbers[0], "-2.50", "0.02"), requests[1]: (numbers[1], "-486.40", "2.92")}
    assert {row[3] for row in rows} == {"学费，12.50", "学费，486.40", "学费，0.83"}
    assert "#交易合计：3笔，商家实收共499.73元，商家优惠共0.00元" in details
    assert "#退款合计：2笔，商家实收退款共-488.90元，商家优惠退款共0.00元" in details
    assert "合计,,3,2,10.83,10.83,0.00,0.00,0.00,-0.06,0.00,10.77" in summary


async def test_the_address_is_good_for_thirty_seconds(day_of_business, sandbox_database):
    merchant, day, *_ = day_of_business
    url = (await merchant.ask(METHOD, {"bill_type": "trade", "bill_date": day.isoformat()}))["bill_download_url"]
    assert url.split("?")[0].endswith("/downloadBillFile.resource")
    first, second = await asyncio.gather(merchant.client.get(url), merchant.client.get(url))
    assert (first.status_code, first.content) == (200, second.content)
    connection = await asyncpg.connect(plain_url(sandbox_database))
    try:
        left = await connection.fetchval("SELECT max(expires_at) - now() FROM sandbox.alipay_bill_link WHERE mchid = $1", merchant.mchid)
        assert dt.timedelta(seconds=20) < left <= dt.timedelta(seconds=30)
        await connection.execute("UPDATE sandbox.alipay_bill_link SET expires_at = now() WHERE mchid = $1", merchant.mchid)
    finally:
        await connection.close()
    assert (await merchant.client.get(url)).status_code == 403
    assert (await merchant.client.get("/downloadBillFile.resource")).status_code == 403


@pytest.mark.parametrize(
    ("ask", "sub_code"),
    [
        ({"bill_type": "signcustomer", "bill_date": "2026-09-01"}, "INVAILID_ARGUMENTS"),
        ({"bill_type": "trade", "bill_date": "2026-09"}, "INVAILID_ARGUMENTS"),
        ({"bill_type": "trade", "bill_date": "yesterday"}, "INVAILID_ARGUMENTS"),
        ({"bill_type": "trade"}, "INVAILID_ARGUMENTS"),
        ({"bill_type": "trade", "bill_date": "2019-09-01"}, "NO_BILL_DATA"),
    ],
)
async def test_what_is_no_statement_is_refused_in_alipays_words(merchant, ask, sub_code):
    assert (await merchant.ask(METHOD, ask))["sub_code"] == sub_code


async def test_todays_statement_is_not_there_unless_it_is_cut(merchant_of):
    merchant, today = await merchant_of(), clock.today()
    number = await merchant.trade()
    await merchant.pay(number)
    ask = {"bill_type": "trade", "bill_date": today.isoformat()}
    assert (await merchant.ask(METHOD, ask))["sub_code"] == "BILL_NOT_EXIST"
    await merchant.client.put(f"/sandbox/api/alipay/statements/{merchant.mchid}/{today.isoformat()}")
    details = next(iter((await files_of(merchant, today)).values()))
    assert number in details


async def test_money_that_did_not_go_back_is_not_in_it(merchant_of, sandbox_database):
    merchant = await merchant_of()
    number = await merchant.trade({"kind": "refund_fail", "remaining": 1})
    await merchant.pay(number)
    await merchant.ask("alipay.trade.refund", {"out_trade_no": number, "refund_amount": "1.00", "out_request_no": "R1"})
    connection = await asyncpg.connect(plain_url(sandbox_database))
    try:
        lines = await statement.lines_of(connection, merchant.mchid, clock.today())
    finally:
        await connection.close()
    assert [(line.amount_fen, line.out_request_no) for line in lines] == [(100, "")]
