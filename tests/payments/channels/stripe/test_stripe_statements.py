"""The card account's statement: the gateway's report where there is one, the same lines from its list of movements where there is not."""

import csv
import datetime as dt
import io
import secrets
import time

import httpx
import msgspec
import pytest

from core.clock import SHANGHAI, today
from core.payments.channels.errors import ChannelRefused, ChannelUnknown, StatementBroken, StatementNotReady
from core.payments.channels.protocol import RefundRequest
from core.payments.channels.stripe import StripeGateway, statement
from tests.samples import statement as sample

RUNS = "/v1/reporting/report_runs"


async def paid(channel, account, desk, wanted, refunded_fen: int = 0) -> tuple[str, str]:
    """An order paid, perhaps refunded in part, two days ago; its number and the refund's."""
    prepared = await channel.create(account, wanted)
    assert (await desk.pay(wanted.number)).status_code == 200
    number = f"R{secrets.token_hex(12)}"
    if refunded_fen:
        order = msgspec.structs.replace(wanted.ref, reference=prepared.reference)
        refund = RefundRequest(number=number, order=order, amount_fen=refunded_fen, reason="退学", notify_url="", placed_at=wanted.placed_at)
        await channel.refund(account, refund)
    await desk.age(wanted.number)
    return wanted.number, number


@pytest.fixture
async def business(channel, register, desk_of, order):
    """An account of its own with a day of business two days ago: the account, and the orders and refunds by number."""
    account = await register()
    desk = desk_of(account)
    first = await paid(channel, account, desk, order(amount_fen=10_000), 2_500)
    second = await paid(channel, account, desk, order(amount_fen=1))
    return account, first, second


def day_of_business() -> dt.date:
    return today() - dt.timedelta(days=2)


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


async def test_a_report_has_a_line_for_each_movement_with_its_fee_and_our_numbers(channel, business):
    account, (first, refund), (second, _) = business
    file = await channel.fetch_statement(account, day_of_business())
    told = [
        (
            line["reporting_category"],
            line["gross"],
            line["fee"],
            line["net"],
            line["payment_metadata[merchant_order_no]"],
            line["refund_metadata[merchant_refund_no]"],
        )
        for line in lines(file.content)
    ]
    assert told == [
        ("charge", "100.00", "3.20", "96.80", first, ""),
        ("refund", "-25.00", "0.00", "-25.00", first, refund),
        ("charge", "0.01", "0.30", "-0.29", second, ""),
    ]


async def test_its_columns_are_those_of_the_statements_we_reconcile(channel, business):
    account, *_ = business
    file = await channel.fetch_statement(account, day_of_business())
    assert file.content.split(b"\n")[0] == sample("broken/ok-stripe.csv").split(b"\n")[0]
    assert file.name == f"stripe-balance-{day_of_business()}.csv"


async def test_where_there_are_no_reports_the_list_of_movements_gives_the_same_lines(channel, business, relay):
    account, *_ = business
    reported = await channel.fetch_statement(account, day_of_business())
    relay.without_reports = True
    listed = await channel.fetch_statement(msgspec.structs.replace(account, base_url=relay.url), day_of_business())
    said_of_a_refund = {"charge_created"}
    assert [{k: v for k, v in line.items() if k not in said_of_a_refund} for line in lines(listed.content)] == [
        {k: v for k, v in line.items() if k not in said_of_a_refund} for line in lines(reported.content)
    ]


async def test_the_list_is_read_to_the_days_beginning_and_no_further(channel, register, desk_of, order, relay):
    account = await register()
    desk = desk_of(account)
    numbers = [(await paid(channel, account, desk, order(amount_fen=100 + at)))[0] for at in range(12)]
    relay.without_reports = True
    through = msgspec.structs.replace(account, base_url=relay.url)
    listed = await channel.fetch_statement(through, day_of_business())
    assert [line["payment_metadata[merchant_order_no]"] for line in lines(listed.content)] == numbers
    assert await channel.fetch_statement(through, day_of_business() - dt.timedelta(days=1)) is None
    assert await channel.fetch_statement(through, day_of_business() + dt.timedelta(days=1)) is None


async def test_a_day_is_beijings_day(channel, business):
    start, end = statement.interval(dt.date(2026, 3, 1))
    assert (dt.datetime.fromtimestamp(start, dt.UTC).hour, end - start) == (16, 86_400)
    account, *_ = business
    line = lines((await channel.fetch_statement(account, day_of_business())).content)[0]
    local, world = (dt.datetime.fromisoformat(line[name]) for name in ("created", "created_utc"))
    assert local - world == dt.timedelta(hours=8)
    assert local.date() == day_of_business()


async def test_today_is_not_over(channel, account):
    with pytest.raises(StatementNotReady) as early:
        await channel.fetch_statement(account, dt.datetime.now(SHANGHAI).date())
    assert str(today()) in early.value.message


async def test_what_the_gateway_has_not_put_together_yet_is_not_ready(account):
    async with httpx.AsyncClient(trust_env=False) as client:
        ahead = StripeGateway(client, seconds_now=lambda: time.time() + 3 * 86_400)
        with pytest.raises(StatementNotReady):
            await ahead.fetch_statement(account, today() + dt.timedelta(days=1))


async def test_a_report_that_is_still_being_made_is_not_ready(channel, account, relay):
    relay.instead = {RUNS: (200, b'{"id":"frr_1","status":"pending"}'), f"{RUNS}/frr_1": (200, b'{"id":"frr_1","status":"pending"}')}
    with pytest.raises(StatementNotReady):
        await channel.fetch_statement(msgspec.structs.replace(account, base_url=relay.url), day_of_business())
    assert len(relay.asked) == 1 + len(statement.POLL_PAUSES_SECONDS)


async def test_a_report_that_failed_is_refused_in_the_gateways_words(channel, account, relay):
    relay.instead = {RUNS: (200, b'{"id":"frr_1","status":"failed","error":"columns too many"}')}
    with pytest.raises(ChannelRefused) as refused:
        await channel.fetch_statement(msgspec.structs.replace(account, base_url=relay.url), day_of_business())
    assert "columns too many" in refused.value.message


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1/files/file_1/contents", "https://files.example.com/file_1", "//elsewhere", "file:///etc/passwd"])
async def test_our_key_goes_to_no_other_host(channel, account, relay, url):
    run = {"id": "frr_1", "status": "succeeded", "result": {"url": url}}
    relay.instead = {RUNS: (200, msgspec.json.encode(run))}
    with pytest.raises(ChannelUnknown) as unknown:
        await channel.fetch_statement(msgspec.structs.replace(account, base_url=relay.url), day_of_business())
    assert unknown.value.facts["reason"] == "file host"


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"a,b,c\n1,2,3\n", b"\xff\xfe\x00", "编号,金额\n".encode("gbk")])
async def test_what_is_not_the_report_is_not_taken_for_one(channel, account, relay, content):
    run = {"id": "frr_1", "status": "succeeded", "result": {"url": f"{relay.url}/file"}}
    relay.instead = {RUNS: (200, msgspec.json.encode(run)), "/file": (200, content)}
    with pytest.raises(StatementBroken):
        await channel.fetch_statement(msgspec.structs.replace(account, base_url=relay.url), day_of_business())


@pytest.mark.parametrize(("amount", "currency", "shown"), [(1, "cny", "0.01"), (-123_456, "usd", "-1234.56"), (-5, "cny", "-0.05"), (500, "jpy", "500")])
def test_amounts_are_printed_in_major_units(amount, currency, shown):
    assert statement.major(amount, currency) == shown
