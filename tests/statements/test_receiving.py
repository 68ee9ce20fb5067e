"""What receiving promises beside the samples: versions, learned numbers, closed days, one transaction, what is kept."""

import asyncio
import datetime as dt
import gzip
import hashlib

import pytest
from sqlalchemy import text

from core.payments import service as payments
from core.statements import originals, receiving, registry, repository
from core.statements.protocol import FileRefused
from tests import trade
from tests.statements.conftest import STATEMENTS

TRADE = STATEMENTS / "broken/ok-wechatpay.csv"
OTHER = STATEMENTS / "broken/goods-name-escaped.csv"
DAY = "2026-03-01"


async def rows_of(platform, client, sql, **values):
    async with platform.database.tenant(client.id) as session:
        return [tuple(row) for row in await session.all(text(sql), values)]


async def test_a_newer_file_supersedes_and_the_older_content_comes_back_as_a_version(hospital, hand_in, platform):
    first = await hand_in(hospital, "wechatpay-trade", DAY, TRADE)
    second = await hand_in(hospital, "wechatpay-trade", DAY, OTHER)
    again = await hand_in(hospital, "wechatpay-trade", DAY, TRADE)
    assert (first.version, second.version, second.verdict) == (1, 2, "accept")
    assert (again.reason_code, again.version, again.rows_loaded) == ("ok", 3, first.rows_loaded)
    states = await rows_of(platform, hospital, "SELECT version, status FROM core.statement ORDER BY version")
    assert states == [(1, "superseded"), (2, "superseded"), (3, "loaded")]


async def test_a_first_number_is_learned_and_binds_the_next_file(hospital, hand_in, platform):
    said = await hand_in(hospital, "wechatpay-trade", DAY, TRADE)
    assert "1999000311" in said.reason and said.repairs == []
    assert await rows_of(platform, hospital, "SELECT channel, number FROM core.statement_merchant") == [("wechatpay", "1999000311")]
    other = await hand_in(hospital, "wechatpay-trade", DAY, STATEMENTS / "broken/other-merchant.csv")
    assert (other.verdict, other.reason_code) == ("reject_file", "other_merchant")


async def test_a_day_without_rows_needs_a_number_where_there_are_several(hospital, hand_in):
    empty = STATEMENTS / "broken/empty-day.csv"
    for number in ("1999000311", "1999000312"):
        said = await hand_in(hospital, "wechatpay-trade", DAY, empty, merchant=number)
        assert (said.verdict, said.merchant_id, said.reason_code) == ("accept", number, "empty_day")
    said = await hand_in(hospital, "wechatpay-trade", "2026-03-02", empty)
    assert (said.verdict, said.reason_code) == ("reject_file", "merchant_needed")


async def test_nothing_happened_does_not_wipe_out_a_day_that_had_rows(hospital, hand_in, platform):
    await hand_in(hospital, "wechatpay-trade", DAY, TRADE)
    said = await hand_in(hospital, "wechatpay-trade", DAY, STATEMENTS / "broken/no-statement-exist.json")
    assert (said.verdict, said.reason_code) == ("reject_file", "empty_after_rows")
    assert await rows_of(platform, hospital, "SELECT status, lines FROM core.statement WHERE status = 'loaded'") == [("loaded", 22)]


async def test_a_closed_day_takes_no_file(hospital, hand_in, platform):
    closed = "INSERT INTO core.recon_run (id, bill_on, status, made_by) VALUES (gen_random_uuid(), :day, 'closed', 'test')"
    async with platform.database.tenant(hospital.id) as session:
        await session.execute(text(closed.replace(":day", f"'{DAY}'")))
    said = await hand_in(hospital, "wechatpay-trade", DAY, TRADE)
    assert (said.verdict, said.reason_code) == ("reject_file", "day_closed")


async def test_a_file_refused_at_its_last_line_leaves_no_line_behind(hospital, hand_in, platform):
    said = await hand_in(hospital, "wechatpay-trade", DAY, STATEMENTS / "broken/summary-mismatch.csv")
    assert said.refused and said.place.column == "订单总金额"
    assert await rows_of(platform, hospital, "SELECT count(*) FROM core.statement_line") == [(0,)]
    assert await rows_of(platform, hospital, "SELECT status, reason_code FROM core.statement") == [("refused", "summary_mismatch")]
    assert await rows_of(platform, hospital, "SELECT count(*) FROM core.statement_merchant") == [(0,)]


async def test_the_same_refused_file_is_kept_once(hospital, hand_in, platform):
    bad = STATEMENTS / "broken/truncated-text.csv"
    first, second = [await hand_in(hospital, "wechatpay-trade", DAY, bad) for _ in range(2)]
    assert first.statement_id == second.statement_id
    assert await rows_of(platform, hospital, "SELECT count(*) FROM core.statement") == [(1,)]


async def test_two_equal_files_at_once_are_one(hospital, hand_in, platform):
    both = await asyncio.gather(*(hand_in(hospital, "wechatpay-trade", DAY, TRADE) for _ in range(2)))
    assert sorted(said.reason_code for said in both) == ["duplicate_file", "ok"]
    assert await rows_of(platform, hospital, "SELECT count(*) FROM core.statement_line") == [(22,)]


async def test_a_refused_row_is_kept_with_its_reason(hospital, hand_in, platform):
    said = await hand_in(hospital, "wechatpay-trade", DAY, STATEMENTS / "broken/amount-3-decimals.csv")
    kept = await rows_of(platform, hospital, "SELECT row_no, line_no, column_name, value, code FROM core.statement_refusal ORDER BY row_no")
    assert kept == [(row.row, row.line, row.column, row.value, row.code) for row in said.rejected]


async def test_others_are_told_of_what_was_loaded_and_of_nothing_else(hospital, hand_in, platform):
    await hand_in(hospital, "wechatpay-trade", DAY, STATEMENTS / "broken/truncated-text.csv")
    said = await hand_in(hospital, "wechatpay-trade", DAY, TRADE)
    await hand_in(hospital, "wechatpay-trade", DAY, TRADE)
    events = await rows_of(platform, hospital, "SELECT payload->>'statement_id' FROM core.outbox_event WHERE kind = 'statement_received'")
    assert events == [(str(said.statement_id),)]


@pytest.mark.parametrize(
    ("source", "file", "line_no", "begins"),
    [
        ("wechatpay-trade", "broken/ok-wechatpay.csv", 2, "`2026-03-01 "),
        ("alipay-trade", "broken/ok-alipay.zip", 1, "#支付宝业务明细查询"),
        ("unionpay", "broken/ok-unionpay.zip", 1, "S22 00049993"),
        ("stripe-balance", "large/stripe-balance-2026-03-02.csv.gz", 1, "balance_transaction_id,"),
        ("his", "broken/ok-his-xlsx.xlsx", 1, "业务日期,HIS流水号"),
    ],
)
async def test_a_line_is_shown_as_it_stands_in_the_original(source, file, line_no, begins, hospital, hand_in, platform):
    day = "2026-03-02" if "03-02" in file else DAY
    said = await hand_in(hospital, source, day, STATEMENTS / file)
    found = (await registry.sources_of(platform, hospital.id))[source]
    async with platform.database.tenant(hospital.id) as session:
        line = await originals.raw_line(session, platform.vault, found, said.statement_id, line_no)
        assert line.startswith(begins)
        with pytest.raises(originals.LineGone):
            await originals.raw_line(session, platform.vault, found, said.statement_id, 999_999)


async def test_the_original_is_sealed(hospital, hand_in, platform):
    await hand_in(hospital, "wechatpay-trade", DAY, TRADE)
    pieces = await rows_of(platform, hospital, "SELECT sealed FROM core.statement_piece")
    assert pieces and all("商户".encode() not in sealed and b"1999000311" not in sealed for (sealed,) in pieces)


async def test_an_unknown_source_is_said_with_the_known_ones(hospital, hand_in, client):
    with pytest.raises(registry.UnknownSource) as raised:
        await hand_in(hospital, "carrier-pigeon", DAY, TRADE)
    assert "wechatpay-trade" in raised.value.message and "his" in raised.value.message
    school = await client()
    with pytest.raises(registry.UnknownSource):
        await hand_in(school, "his", DAY, STATEMENTS / "broken/ok-his.csv")


async def test_a_gzip_is_held_against_the_hash_of_what_is_in_it(hospital, hand_in):
    content = TRADE.read_bytes()
    said = await hand_in(hospital, "wechatpay-trade", DAY, gzip.compress(content), sha1=hashlib.sha1(content).hexdigest().upper())
    assert said.verdict == "accept"


async def test_a_fault_of_the_reader_itself_is_no_verdict(hospital, platform, monkeypatch):
    """Only FileRefused is the file's fault: anything else is ours, and nothing of it stays."""
    seen = []

    async def breaks(*_):
        seen.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(repository, "add_lines", breaks)
    with pytest.raises(ZeroDivisionError):
        await receiving.receive(
            platform, hospital.id, source="wechatpay-trade", day=dt.date(2026, 3, 1), file_name="a.csv",
            path_or_stream=TRADE, by=await _nobody(hospital), origin="cli",
        )  # fmt: skip
    assert seen and not issubclass(ZeroDivisionError, FileRefused)


async def _nobody(hospital):
    from core.identity.actor import system

    return system(hospital.id)


STRIPE = STATEMENTS / "broken" / "ok-stripe.csv"


async def test_a_card_file_of_another_account_is_refused(hospital, hand_in):
    mine = await hand_in(hospital, "stripe-balance", "2026-03-01", STRIPE, merchant="qWuHosp0")
    assert (mine.verdict, mine.rows_loaded) == ("accept", 12)
    other = STRIPE.read_bytes().replace(b"qWuHosp0", b"qXXHosp9")
    refused = await hand_in(hospital, "stripe-balance", "2026-03-01", other)
    assert (refused.verdict, refused.reason_code, refused.rows_loaded) == ("reject_file", "other_merchant", 0)


async def test_a_file_of_which_no_row_is_good_replaces_nothing(platform, hospital, hand_in):
    await hand_in(hospital, "stripe-balance", "2026-03-01", STRIPE)
    bad = await hand_in(hospital, "stripe-balance", "2026-03-01", STRIPE.read_bytes().replace(b",cny,", b",usd,"))
    assert (bad.verdict, bad.reason_code, bad.rows_loaded) == ("reject_file", "other_currency", 0)
    async with platform.database.tenant(hospital.id) as session:
        live = await session.all(text("SELECT rows_loaded FROM core.statement WHERE status = 'loaded'"))
    assert [row.rows_loaded for row in live] == [12]


async def test_half_a_file_without_sums_is_told_from_a_short_day_by_our_own_payments(hospital, hand_in, platform):
    found = await trade.found(platform, hospital.id)
    (bill, *_rest) = await trade.bills(platform, found)
    number = await trade.order(platform, found, [(bill, 95_000)])
    await payments.settle(platform, hospital.id, found.account, trade.success(number, 95_000))
    head, *rows = (STATEMENTS / "broken/ok-his.csv").read_bytes().splitlines(keepends=True)

    async def paid_at(at: str) -> None:
        async with platform.database.tenant(hospital.id) as session:
            await session.execute(text("UPDATE core.payment SET paid_at = CAST(:at AS timestamptz)"), {"at": dt.datetime.fromisoformat(at)})

    await paid_at("2026-03-01T23:20:00+08:00")
    half = await hand_in(hospital, "his", DAY, head + b"".join(sorted(rows)[:3]), name="his.csv")
    assert (half.verdict, half.reason_code) == ("accept", "ends_early"), half
    assert "可能没有传完整" in half.reason
    await paid_at("2026-03-01T23:50:00+08:00")
    whole = await hand_in(hospital, "his", DAY, head + b"".join(sorted(rows)[:4]), name="his.csv")
    assert whole.reason_code == "ok", "so near the cut it may stand in tomorrow's file"
