"""The settlement file as our channel fetches it, and read back byte by byte."""

import base64
import datetime as dt
import io
import time
import zipfile
import zlib

import httpx
import msgspec
import pytest

from core import clock
from core.payments.channels.errors import ChannelRefused, ChannelUnknown, StatementBroken, StatementNotReady
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.unionpay import UnionPay, statement
from core.payments.channels.unionpay.wire import Report
from tests.payments.channels.unionpay_fixtures import API, channel, desk, listening, outside, register, sandbox

__all__ = ["channel", "desk", "listening", "outside", "register", "sandbox"]

WIDTHS = [3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2]
WIDTHS += [6, 2, 4, 32, 1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 131]
"""The sheet's table, written out here on its own: the sandbox must not be checked with the sandbox's figures."""


def fields_of(record: bytes) -> dict[int, str]:
    """The fields of a record by their number in the sheet; every separator must be where it belongs."""
    assert len(record) == 607
    fields, at = {}, 0
    for number, width in enumerate(WIDTHS, 1):
        fields[number] = record[at : at + width].decode("gbk").rstrip(" ")
        at += width
        assert number == 41 or record[at : at + 1] == b" "
        at += 1
    return fields


def signed_fen(text: str) -> int:
    """D: the merchant pays; C: the merchant receives."""
    return -int(text[1:]) if text[0] == "D" else int(text[1:]) if text[0] == "C" else int(text)


def records_in(content: bytes, name: str) -> list[dict[int, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == [name]
        text = archive.read(name)
    assert text.endswith(b"\r\n")
    return [fields_of(record) for record in text.split(b"\r\n")[:-1]]


async def aged(desk, number: str, days: int = 2) -> dt.date:
    """Let a trade be of a day whose file is out."""
    reply = await desk.outside.post(f"{API}/orders/{desk.account.mchid}/{number}/age", json={"days": days})
    return dt.date.fromisoformat(reply.json()["day"])


async def test_a_day_is_told_to_the_fen_record_by_record(register):
    desk = await register()
    order = await desk.paid(amount_fen=123450, attach="bill|B20267")
    plain = await desk.paid(amount_fen=100, scene="page")
    refund = desk.refund_of(order, 23450)
    await desk.channel.refund(desk.account, refund)
    shown = (await desk.refund_ended(refund))["order"]
    days = {await aged(desk, number) for number in (order.number, plain.number, refund.number)}
    if len(days) > 1:  # the test ran over 23:00
        pytest.fail("two settlement days: run again")
    day = days.pop()
    file = await desk.channel.fetch_statement(desk.account, day)
    assert (file.name, file.kind) == (f"{desk.account.mchid}_{day:%Y%m%d}.zip", "trade")
    records = {one[12]: one for one in records_in(file.content, f"INN{day:%y%m%d}88ZM_{desk.account.mchid}")}
    assert set(records) == {order.number, plain.number, refund.number}
    paid, back = records[order.number], records[refund.number]
    assert (paid[10], paid[20], paid[28], paid[35]) == (order.channel_txn_id, "01", desk.account.mchid, "bill|B20267")
    assert (int(paid[7]), signed_fen(paid[16]), signed_fen(paid[17])) == (123450, -617, 122833)
    assert (paid[9], records[plain.number][9], signed_fen(records[plain.number][16])) == ("08", "07", -1)
    assert (back[20], back[27], back[41], int(back[7])) == ("04", order.channel_txn_id, order.number, 23450)
    assert (signed_fen(back[16]), signed_fen(back[17])) == (117, -23333)
    assert (back[10], back[14], back[15]) == (shown["queryId"], paid[4], paid[5])
    for one in records.values():
        assert one[17] == one[33]
        sign = 1 if one[20] == "01" else -1
        assert sign * int(one[7]) + signed_fen(one[16]) == signed_fen(one[17])


async def test_the_same_day_fetched_twice_is_the_same_file(desk):
    order = await desk.paid()
    day = await aged(desk, order.number)
    assert await desk.channel.fetch_statement(desk.account, day) == await desk.channel.fetch_statement(desk.account, day)


async def test_chinese_text_is_cut_on_bytes_and_splits_no_character(register):
    desk = await register()
    order = await desk.paid(attach="学费账单二〇二六学年秋季学期A第一期")
    day = await aged(desk, order.number)
    file = await desk.channel.fetch_statement(desk.account, day)
    (record,) = records_in(file.content, f"INN{day:%y%m%d}88ZM_{desk.account.mchid}")
    assert record[35] == "学费账单二〇二六学年秋季学期A第一期".encode("gbk")[:32].decode("gbk", errors="ignore")


async def test_a_day_without_trades_has_no_file_but_only_from_the_next_morning_on(register):
    desk = await register()
    assert await desk.channel.fetch_statement(desk.account, clock.today() - dt.timedelta(days=2)) is None
    for day in (clock.today(), clock.today() + dt.timedelta(days=1)):
        with pytest.raises(StatementNotReady):
            await desk.channel.fetch_statement(desk.account, day)


@pytest.mark.parametrize(("minutes", "expected"), [(-1, StatementNotReady), (1, None)])
async def test_the_next_morning_at_ten_decides(desk, register, minutes, expected):
    account = (await register()).account
    day = clock.today() - dt.timedelta(days=1)
    offset = (statement.ready_at(day) + dt.timedelta(minutes=minutes)).timestamp() - time.time()
    async with httpx.AsyncClient(trust_env=False) as client:
        channel = UnionPay(client, seconds_now=lambda: time.time() + offset)
        if expected is None:
            assert await channel.fetch_statement(account, day) is None
        else:
            with pytest.raises(expected):
                await channel.fetch_statement(account, day)


async def test_nobody_at_the_other_end_is_not_a_day_without_trades(desk):
    away = {"base_url": "http://127.0.0.1:9"}, {"credentials": desk.account.credentials | {"file_url": "http://127.0.0.1:9/"}}
    for changes in away:
        with pytest.raises(ChannelUnknown):
            await desk.channel.fetch_statement(msgspec.structs.replace(desk.account, **changes), dt.date(2026, 9, 1))


async def test_another_merchants_key_fetches_nothing(desk, register):
    other = await register()
    stolen = msgspec.structs.replace(desk.account, credentials=other.account.credentials)
    with pytest.raises(ChannelRefused) as refused:
        await desk.channel.fetch_statement(stolen, clock.today() - dt.timedelta(days=2))
    assert refused.value.facts["channel_code"] == "11"


def test_the_real_file_server_stands_beside_the_gateway():
    account = ChannelAccount(channel="unionpay", mchid="7", appid="", base_url="https://gateway.test.95516.com", credentials={})
    assert statement.address(account) == "https://filedownload.test.95516.com/"
    production = msgspec.structs.replace(account, base_url="https://gateway.95516.com/")
    assert statement.address(production) == "https://filedownload.95516.com/"


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("INN26112088ZM_777290058167151", b"x" * 607 + b"\r\n")
    return packed.getvalue()


def answer(name: str = "777290058167151_20261120.zip", content: str | None = None) -> Report:
    return Report(resp_code="00", file_name=name, file_content=content or base64.b64encode(zlib.compress(zipped())).decode())


def test_a_whole_file_is_opened_out_of_both_wrappings():
    assert statement.opened(answer(), "777290058167151", dt.date(2026, 11, 20)).content == zipped()


@pytest.mark.parametrize("name", ["777290058167151_20251120.zip", "777290058167152_20261120.zip", "", "20261120.zip"])
def test_another_years_or_another_merchants_file_is_not_taken(name):
    with pytest.raises(StatementBroken):
        statement.opened(answer(name), "777290058167151", dt.date(2026, 11, 20))


@pytest.mark.parametrize(
    "content",
    [
        "not base64!",
        base64.b64encode(zipped()).decode(),
        base64.b64encode(zlib.compress(b"no zip")).decode(),
        base64.b64encode(zlib.compress(zipped())[:-6]).decode(),
        base64.b64encode(zlib.compress(zipped().replace(b"x" * 20, b"y" * 20, 1))).decode(),
    ],
)
def test_a_damaged_file_is_not_taken(content):
    with pytest.raises(StatementBroken):
        statement.opened(answer(content=content), "777290058167151", dt.date(2026, 11, 20))
