"""Files that mean harm or came half: each is refused with a clear code, quickly, and nothing of it is loaded."""

import gzip
import io
import json
import os
import zipfile

import pytest

from core.statements import unpacking
from tests.statements.conftest import STATEMENTS

DAY = "2026-03-01"
BROKEN = STATEMENTS / "broken"
ALIPAY = BROKEN / "ok-alipay.zip"


def zipped(*entries: tuple[str, bytes], **given) -> bytes:
    """A zip with these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content, **given)
    return out.getvalue()


def unzipped(path) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]


def encrypted() -> bytes:
    """A zip whose first entry says that it is encrypted, in both of its headers."""
    content = bytearray(ALIPAY.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + offset] |= 1
    return bytes(content)


def bomb() -> bytes:
    """A small gzip of very many equal bytes."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as packed:
        for _ in range(64):
            packed.write(bytes(1 << 20))
    return out.getvalue()


CASES = {
    "a gzip bomb": ("wechatpay-trade", lambda: bomb(), "bomb"),
    "a zip bomb": ("alipay-trade", lambda: zipped(("a.csv", bytes(64 << 20))), "bomb"),
    "a zip bomb for UnionPay": ("unionpay", lambda: zipped(("INN26030188ZM_999391080620031", b" " * (64 << 20))), "bomb"),
    "a path in a zip": ("alipay-trade", lambda: zipped(("../../etc/cron.d/x", b"#")), "path_in_zip"),
    "a folder in a zip": ("alipay-trade", lambda: zipped(("in/a.csv", b"#")), "path_in_zip"),
    "a path of Windows": ("unionpay", lambda: zipped(("C:\\INN26030188ZM_999391080620031", b"#")), "path_in_zip"),
    "a password": ("alipay-trade", encrypted, "encrypted"),
    "very many entries": ("alipay-trade", lambda: zipped(*((f"{n}.csv", b"#") for n in range(200))), "too_many_entries"),
    "an empty zip": ("alipay-trade", lambda: zipped(), "not_a_statement"),
    "half a zip": ("alipay-trade", lambda: ALIPAY.read_bytes()[:900], "truncated_zip"),
    "a zip without records": ("unionpay", lambda: zipped(("RD2010_x", b"report")), "not_a_statement"),
    "a zip for a source without one": ("wechatpay-trade", lambda: ALIPAY.read_bytes(), "not_a_statement"),
    "an empty gzip": ("wechatpay-trade", lambda: gzip.compress(b""), "zero_bytes"),
    "a gzip with a changed byte": ("wechatpay-trade", lambda: _flipped(gzip.compress((BROKEN / "ok-wechatpay.csv").read_bytes())), "damaged_file"),
    "one endless line": ("wechatpay-trade", lambda: b"x" * (9 << 20), "not_a_statement"),
    "a picture": ("his", lambda: b"\x89PNG\r\n\x1a\n" + bytes(500), "wrong_encoding"),
    "a zip that is no workbook": ("his", lambda: ALIPAY.read_bytes(), "damaged_file"),
    "zeros": ("stripe-balance", lambda: bytes(5000), "not_a_statement"),
    "an announcement": ("wechatpay-trade", lambda: (BROKEN / "sha1-mismatch.json").read_bytes(), "not_a_statement"),
    "another error": ("wechatpay-trade", lambda: json.dumps({"code": "NO_AUTH", "message": "x"}).encode(), "not_a_statement"),
    "a header alone": ("wechatpay-trade", lambda: (BROKEN / "ok-wechatpay.csv").read_bytes().split(b"\r\n")[0], "truncated_text"),
    "two files in one": ("wechatpay-trade", lambda: (BROKEN / "ok-wechatpay.csv").read_bytes() * 2, "summary_mismatch"),
    "half a HIS file": ("his", lambda: (BROKEN / "ok-his.csv").read_bytes()[:1500], "truncated_text"),
    "half a record": ("unionpay", lambda: unzipped(BROKEN / "ok-unionpay.zip")[0][1][:1500], "truncated_text"),
    "half of Alipay's text": ("alipay-trade", lambda: unzipped(ALIPAY)[0][1][:1200], "truncated_text"),
    "Alipay without totals": ("alipay-trade", lambda: _without_totals(unzipped(ALIPAY)[0][1]), "truncated_text"),
    "Alipay's summary alone": ("alipay-trade", lambda: zipped(*unzipped(ALIPAY)[1:]), "not_a_statement"),
    "Alipay of another day": ("alipay-trade", lambda: (STATEMENTS / "mixed/alipay-trade-2026-03-02.zip").read_bytes(), "other_date"),
    "UnionPay of another day": ("unionpay", lambda: (STATEMENTS / "mixed/unionpay-2026-03-02.zip").read_bytes(), "other_date"),
    "HIS of another day": ("his", lambda: (STATEMENTS / "mixed/his-2026-03-02.csv").read_bytes(), "other_date"),
    "a workbook of another day": ("his", lambda: (STATEMENTS / "mixed/his-2026-03-02.xlsx").read_bytes(), "other_date"),
    "an export of another day": ("platform", lambda: (STATEMENTS / "mixed/platform-2026-03-02.csv").read_bytes(), "other_date"),
    "a report of another day": ("stripe-balance", lambda: (STATEMENTS / "mixed/stripe-balance-2026-03-02.csv").read_bytes(), "other_date"),
}


def _flipped(content: bytes) -> bytes:
    middle = len(content) - 6  # in the checksum
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


def _without_totals(content: bytes) -> bytes:
    return content[: content.index("#交易合计".encode("gbk"))]


@pytest.mark.parametrize("case", CASES)
async def test_a_hostile_or_halved_file_is_refused_with_its_code(case, hospital, hand_in):
    source, make, code = CASES[case]
    said = await hand_in(hospital, source, DAY, make())
    assert (said.verdict, said.reason_code) == ("reject_file", code), said.reason
    assert said.rows_loaded == 0


async def test_any_noise_is_refused_and_breaks_nothing(hospital, hand_in, platform):
    from core.statements.registry import sources_of

    for source in await sources_of(platform, hospital.id):
        for noise in (os.urandom(3000), b"\x1f\x8b" + os.urandom(500), b"PK\x03\x04" + os.urandom(500), b"\xef\xbb\xbf", b"{"):
            said = await hand_in(hospital, source, DAY, noise)
            assert said.verdict == "reject_file", (source, noise[:8], said.reason_code)


def test_a_stream_is_never_read_beyond_its_measure():
    stream = unpacking.opened(io.BytesIO(bomb()))
    read = 0
    with pytest.raises(unpacking.FileRefused):
        while piece := stream.read(1 << 20):
            read += len(piece)
    assert read <= unpacking.RATIO_FREE + (1 << 20)


async def test_a_packed_file_inside_a_packed_file_says_so(hospital, hand_in):
    content = (STATEMENTS / "broken" / "ok-platform.csv").read_bytes()
    twice = gzip.compress(gzip.compress(content))
    said = await hand_in(hospital, "platform", "2026-03-01", twice, name="day.csv.gz")
    assert (said.verdict, said.reason_code) == ("reject_file", "not_a_statement") and "还是压缩包" in said.reason


async def test_a_net_that_is_not_amount_less_fee_leaves_the_row_out(hospital, hand_in):
    lines = (STATEMENTS / "broken" / "ok-stripe.csv").read_text().splitlines(keepends=True)
    names = lines[0].strip().split(",")
    values = lines[2].split(",")
    values[names.index("net")] = "0.07"
    lines[2] = ",".join(values)
    said = await hand_in(hospital, "stripe-balance", "2026-03-01", "".join(lines).encode(), name="ok-stripe.csv")
    assert (said.verdict, [each.code for each in said.rejected]) == ("reject_rows", ["net_mismatch"])


async def test_a_csv_without_a_last_line_end_is_taken_where_its_last_row_is_whole(hospital, hand_in):
    text = (STATEMENTS / "small" / "his-2026-03-01.csv").read_bytes()
    whole = await hand_in(hospital, "his", "2026-03-01", text.rstrip(b"\r\n"), name="his.csv")
    assert (whole.verdict, whole.reason_code) == ("accept", "unended_text")
    cut = await hand_in(hospital, "his", "2026-03-01", text.rstrip(b"\r\n,")[:-3], name="his.csv")
    assert (cut.verdict, cut.reason_code) == ("reject_file", "truncated_text")


async def test_an_alipay_zip_with_the_statement_twice_is_refused(hospital, hand_in):
    with zipfile.ZipFile(STATEMENTS / "mixed" / "alipay-trade-2026-03-01.zip") as packed:
        entries = [(entry.filename, packed.read(entry)) for entry in packed.infolist()]
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as packed:
        for place, (name, content) in enumerate([*entries, *entries]):
            packed.writestr(f"{place}-{name.encode('ascii', 'ignore').decode() or 'x.csv'}", content)
    said = await hand_in(hospital, "alipay-trade", "2026-03-01", again.getvalue(), name="twice.zip")
    assert (said.verdict, said.reason_code) == ("reject_file", "duplicate_entry")
