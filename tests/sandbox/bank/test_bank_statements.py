"""The sandbox bank's day statement, fetched by our client over real HTTP and read by our reader: it balances to the fen, or it is refused."""

import datetime as dt
import io
import re

import pytest

from core import clock
from core.payments.channels.errors import StatementNotReady
from core.settlement.bank import BankRefused
from core.statements.protocol import COLUMNS, Expected, FileRefused, Notes
from core.statements.sources.bank import SOURCE


def read(content: bytes, account: str, day: dt.date) -> tuple[list[dict], Notes]:
    """The lines of a file by column, and what was noted."""
    notes = Notes()
    expected = Expected(day=day, merchants=frozenset([account]) if account else frozenset())
    lines = [dict(zip(COLUMNS, line, strict=True)) for chunk in SOURCE.read(io.BytesIO(content), expected, notes) for line in chunk]
    return lines, notes


@pytest.fixture(scope="module")
async def told(customer_of):
    """A day with a credit by hand, a payment, one that came back, and what a channel settled: its file, account, day and numbers."""
    mine = await customer_of()
    await mine.fund(500_000, name="王,\"某\"\n某", reference="学费 张三")
    await mine.fund(120_001, reference="wechatpay 1900000109 20261119", summary="微信支付商户资金结算")
    paid, back = mine.instruction(), mine.instruction(amount_fen=777)
    await mine.faults(back.number, {"kind": "pay_return"})
    for wanted, state in ((paid, "paid"), (back, "returned")):
        await mine.pay(wanted)
        await mine.outcome(wanted.number, state)
    day = await mine.age(2)
    await mine.fund(5)
    return await mine.statement(day), mine, day, paid.number, back.number


async def test_a_day_is_read_with_signs_kinds_and_numbers(told):
    content, mine, day, paid, back = told
    lines, notes = read(content, mine.account, day)
    seen = [(line["kind"], line["status"], line["channel"], line["net_fen"]) for line in lines]
    assert seen == [
        ("adjustment", "credit", "bank", 500_000),
        ("pay", "credit", "wechatpay", 120_001),
        ("payout", "debit", "bank", -9_940),
        ("payout", "debit", "bank", -777),
        ("adjustment", "returned", "bank", 777),
    ]
    assert [line["number"] for line in lines[2:]] == [paid, back, back]
    assert (lines[1]["order_number"], lines[1]["settle_on"]) == ("1900000109", dt.date(2026, 11, 19))
    assert len({line["channel_number"] for line in lines}) == 5
    assert notes.facts["opening_fen"] == 0 and notes.facts["closing_fen"] == 610_061
    assert (notes.merchant, notes.lines, notes.repairs, notes.faults) == (mine.account, 5, [], [])


async def test_a_payments_serial_is_that_of_its_entry_in_the_statement(told):
    content, mine, day, paid, _back = told
    lines, _notes = read(content, mine.account, day)
    assert (await mine.query(paid)).bank_serial == next(line["channel_number"] for line in lines if line["number"] == paid)


async def test_the_next_day_opens_with_the_balance_of_the_day_before(customer_of):
    mine = await customer_of()
    await mine.fund(100)
    first = await mine.age(1)
    await mine.fund(7)
    await mine.age(1)
    _lines, before = read(await mine.statement(first - dt.timedelta(days=1)), mine.account, first - dt.timedelta(days=1))
    _lines, after = read(await mine.statement(first), mine.account, first)
    assert (before.facts["closing_fen"], after.facts["opening_fen"], after.facts["closing_fen"]) == (100, 100, 107)


async def test_a_day_without_movements_has_no_statement_and_today_has_none_yet(customer):
    assert await customer.statement(clock.today() - dt.timedelta(days=300)) is None
    with pytest.raises(StatementNotReady):
        await customer.statement(clock.today())


async def test_another_customers_account_gives_no_statement(customer, customer_of):
    other = await customer_of()
    with pytest.raises(BankRefused):
        await customer.bank.fetch_statement(customer.connection, other.account, clock.today() - dt.timedelta(days=1))


async def test_another_accounts_file_and_another_days_are_refused(told):
    content, mine, day, *_ = told
    for account, of, code in (("9900000000000000001", day, "other_merchant"), (mine.account, day + dt.timedelta(days=1), "other_date")):
        with pytest.raises(FileRefused) as refused:
            read(content, account, of)
        assert refused.value.code == code
    assert mine.account not in refused.value.message
    assert read(content, "", day)[1].merchant == mine.account


def edited(content: bytes, change) -> bytes:
    """The file with its text changed."""
    return b"\xef\xbb\xbf" + change(content.decode("utf-8-sig")).encode()


HOSTILE = {
    "a row left out": (lambda text: re.sub(r"[^\n]*120001?[^\n]*\n|[^\n]*1200\.01[^\n]*\n", "", text, count=1), "balance_mismatch"),
    "a row twice": (lambda text: re.sub(r"([^\n]*1200\.01[^\n]*\n)", r"\1\1", text, count=1), "balance_mismatch"),
    "an amount changed": (lambda text: text.replace(",1200.01,", ",1300.01,", 1), "balance_mismatch"),
    "both changed alike": (lambda text: text.replace(",1200.01,6200.01,", ",1200.02,6200.02,", 1), "balance_mismatch"),
    "three decimals": (lambda text: text.replace(",1200.01,", ",1200.011,", 1), "amount_precision"),
    "a negative amount": (lambda text: text.replace(",1200.01,", ",-1200.01,", 1), "bad_amount"),
    "a formula": (lambda text: text.replace(",1200.01,", ",=1200.01,", 1), "bad_amount"),
    "no amount": (lambda text: text.replace(",1200.01,", ",,", 1), "bad_amount"),
    "an endless number": (lambda text: text.replace(",1200.01,", f",{'9' * 400},", 1), "bad_amount"),
    "another flag": (lambda text: text.replace(",贷,1200.01", ",付,1200.01", 1), "unknown_kind"),
    "no serial": (lambda text: re.sub(r",[0-9]{20},贷,1200", ",,贷,1200", text, count=1), "missing_key"),
    "an endless remark": (lambda text: text.replace("学费 张三", "学" * 500, 1), "too_long_key"),
    "no time": (lambda text: re.sub(r"\d\d:\d\d:\d\d", "25:61:00", text, count=1), "bad_time"),
    "a row of another day": (lambda text: re.sub(r"\n\d{4}-\d\d-\d\d,", "\n2020-01-01,", text, count=1), "other_date"),
    "a column too many": (lambda text: text.replace(",贷,1200.01", ",贷,,1200.01", 1), "field_count"),
    "a quote left open": (lambda text: text.replace("学费 张三", '"学费', 1), "not_a_statement"),
    "totals that disagree": (lambda text: re.sub(r"贷方合计,3", "贷方合计,4", text), "summary_mismatch"),
    "no totals": (lambda text: re.sub(r"借方合计[^\n]*\n", "", text), "summary_mismatch"),
    "another closing balance": (lambda text: re.sub(r"期末余额,[0-9.]+", "期末余额,1.00", text), "summary_mismatch"),
    "half a file": (lambda text: text[: text.index("借方合计")], "truncated_text"),
    "something behind the end": (lambda text: text + "2026-01-01,x\r\n", "summary_mismatch"),
    "a missing column": (lambda text: text.replace(",余额,", ",馀额,", 1), "missing_column"),
    "a web page": (lambda _text: "<html>\r\n登录\r\n</html>\r\n", "not_a_statement"),
    "nothing": (lambda _text: "", "not_a_statement"),
    "another currency": (lambda text: text.replace("人民币", "美元"), "not_a_statement"),
}


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_a_file_that_cannot_be_trusted_is_refused_whole(told, hostile):
    content, mine, day, *_ = told
    change, code = HOSTILE[hostile]
    changed = edited(content, change)
    assert changed != content
    with pytest.raises(FileRefused) as refused:
        read(changed, mine.account, day)
    assert (refused.value.code, bool(refused.value.message)) == (code, True)


async def test_wrong_bytes_are_refused(told):
    content, mine, day, *_ = told
    with pytest.raises(FileRefused) as refused:
        read(content.decode("utf-8-sig").encode("gbk"), mine.account, day)
    assert refused.value.code == "wrong_encoding"


async def test_columns_in_another_order_are_read_and_noted(told):
    content, mine, day, *_ = told
    lines, _notes = read(content, mine.account, day)
    moved, again = read(edited(content, swapped), mine.account, day)
    assert moved == lines and again.repairs == ["column_order"]


def swapped(text: str) -> str:
    """The last two columns change places; the quoted row keeps its own."""
    rows = text.split("\r\n")
    body = [re.sub(r",([^,]*),([^,]*)$", r",\2,\1", row) for row in rows[2:-3]]
    return "\r\n".join([*rows[:2], *body, *rows[-3:]])
