"""Trade bills at the wire: a day's file with its summary, asked for with a signature and given for half a minute."""

import datetime as dt
import gzip
import hashlib
import secrets

import asyncpg
import pytest

from core import clock
from core.money import yuan
from core.sandbox.schema import plain_url

DAY = (clock.today() - dt.timedelta(days=2)).isoformat()


def code(reply) -> str:
    assert "wechatpay-signature" not in reply.headers
    return reply.json()["code"]


@pytest.fixture(scope="module")
async def business(merchant):
    """Three payments and two refunds of them, two days ago: the merchant's."""
    numbers = []
    for total in (100, 333, 1_000_001):
        order = merchant.order(amount={"total": total, "currency": "CNY"}, attach="二年级")
        await merchant.place(order)
        await merchant.pay(order["out_trade_no"])
        numbers.append(order["out_trade_no"])
    for number, total, amount in ((numbers[1], 333, 33), (numbers[2], 1_000_001, 1)):
        body = {"out_trade_no": number, "out_refund_no": f"R{secrets.token_hex(8)}", "amount": {"refund": amount, "total": total, "currency": "CNY"}}
        assert (await merchant.send("POST", "/v3/refund/domestic/refunds", body)).status_code == 200
    for number in numbers:
        aged = await merchant.client.post(f"/sandbox/api/wechatpay/orders/{merchant.mchid}/{number}/age", json={"days": 2})
        assert aged.json() == {"day": DAY}
    return merchant


async def fetched(merchant, **asked) -> tuple[dict, bytes]:
    query = "&".join(f"{name}={value}" for name, value in ({"bill_date": DAY} | asked).items())
    reply = await merchant.send("GET", f"/v3/bill/tradebill?{query}")
    assert reply.status_code == 200, reply.text
    assert reply.headers["wechatpay-signature"]
    told = reply.json()
    target = told["download_url"].removeprefix(str(merchant.client.base_url).rstrip("/"))
    file = await merchant.send("GET", target)
    assert "wechatpay-signature" not in file.headers
    return told, file.content


@pytest.mark.parametrize(("kind", "columns", "rows", "summary"), [("ALL", 27, 5, 7), ("SUCCESS", 20, 3, 4), ("REFUND", 29, 2, 7)])
async def test_each_kind_has_its_columns_its_rows_and_its_summary(business, kind, columns, rows, summary):
    told, content = await fetched(business, bill_type=kind)
    assert (told["hash_type"], told["hash_value"]) == ("SHA1", hashlib.sha1(content).hexdigest())
    lines = content.decode("utf-8-sig").splitlines()
    assert len(lines) == rows + 3
    assert len(lines[0].split(",")) == columns
    assert {len(line.split(",")) for line in lines[1:-2]} == {columns}
    assert all(value.startswith("`") for line in (*lines[1:-2], lines[-1]) for value in line.split(","))
    assert len(lines[-2].split(",")) == len(lines[-1].split(",")) == summary


async def test_the_summary_is_the_sum_of_the_rows(business):
    _, content = await fetched(business)
    table = [[value.strip("`") for value in line.split(",")] for line in content.decode("utf-8-sig").splitlines()]
    rows = [dict(zip(table[0], row, strict=True)) for row in table[1:-2]]
    total = dict(zip(table[-2], table[-1], strict=True))
    assert int(total["总交易单数"]) == len(rows) == 5
    for column, summed in (("订单金额", "订单总金额"), ("应结订单金额", "应结订单总金额"), ("申请退款金额", "申请退款总金额"), ("退款金额", "退款总金额")):
        assert sum(yuan(row[column]) for row in rows) == yuan(total[summed]), column
    assert (yuan(total["订单总金额"]), yuan(total["申请退款总金额"])) == (1_000_434, 34)
    assert {row["特约商户号"] for row in rows} == {"0"}
    assert sorted(row["手续费"] for row in rows if row["交易状态"] == "SUCCESS") == ["0.01000", "0.02000", "60.00000"]


async def test_the_hash_is_of_the_file_before_it_was_packed(business):
    told, packed = await fetched(business, tar_type="GZIP")
    assert hashlib.sha1(gzip.decompress(packed)).hexdigest() == told["hash_value"]
    assert hashlib.sha1(packed).hexdigest() != told["hash_value"]


async def test_an_address_lapses_and_serves_nobody_else(business, outside, merchant_of, sandbox_database):
    reply = await business.send("GET", f"/v3/bill/tradebill?bill_date={DAY}")
    target = reply.json()["download_url"].removeprefix(str(business.client.base_url).rstrip("/"))
    assert (await outside.get(target)).status_code == 401
    other = await merchant_of(outside)
    assert code(await other.send("GET", target)) == "NO_AUTH"
    assert (await business.send("GET", target)).status_code == 200
    connection = await asyncpg.connect(plain_url(sandbox_database))
    assert await connection.fetchval("SELECT max(expires_at) - now() < interval '31 seconds' FROM sandbox.wechat_bill")
    await connection.execute("UPDATE sandbox.wechat_bill SET expires_at = now()")
    await connection.close()
    assert code(await business.send("GET", target)) == "NO_AUTH"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (f"bill_date={clock.today()}", "STATEMENT_CREATING"),
        (f"bill_date={clock.today() + dt.timedelta(days=1)}", "STATEMENT_CREATING"),
        (f"bill_date={clock.today() - dt.timedelta(days=30)}", "NO_STATEMENT_EXIST"),
        (f"bill_date={clock.today() - dt.timedelta(days=100)}", "INVALID_REQUEST"),
        ("bill_date=20260901", "PARAM_ERROR"),
        ("bill_date=tomorrow", "PARAM_ERROR"),
        ("bill_date=", "PARAM_ERROR"),
        (f"bill_date={DAY}&bill_type=EVERYTHING", "PARAM_ERROR"),
        (f"bill_date={DAY}&tar_type=ZIP", "PARAM_ERROR"),
        (f"bill_date={DAY}&sub_mchid=1900000109", "NO_AUTH"),
    ],
)
async def test_a_bill_that_cannot_be_had_is_refused_by_its_reason(business, asked, expected):
    assert code(await business.send("GET", f"/v3/bill/tradebill?{asked}")) == expected
