"""`banyan statements import`: JSON with the samples' keys, exit codes that scripts can trust."""

import json
import shutil

import pytest

from tests.cli.conftest import banyan, quiet_logs  # noqa: F401
from tests.statements.conftest import STATEMENTS

BROKEN = STATEMENTS / "broken"
KEYS = {
    "file", "source", "merchant_id", "bill_date", "verdict", "reason_code", "reason", "rows_loaded", "lines", "ignored_lines", "other_lines",
    "pay_count", "pay_amount_fen", "refund_count", "refund_amount_fen", "fee_fen", "net_fen", "reject_rows", "rejected", "repairs",
    "statement_id", "version",
}  # fmt: skip


@pytest.fixture
def bring(banyan, hospital):  # noqa: F811
    """`await bring(path, "--json")` hands a WeChat file of the samples' day in."""

    async def run(path, *words, source="wechatpay-trade"):
        return await banyan("statements", "import", path, "--client", hospital.code, "--source", source, "--date", "2026-03-01", *words)

    return run


async def test_a_file_comes_in_and_the_answer_has_the_samples_keys(bring):
    answer = await bring(BROKEN / "ok-wechatpay.csv", "--json")
    assert answer.code == 0, answer.err
    assert set(answer.json) >= KEYS
    assert (answer.json["verdict"], answer.json["bill_date"], answer.json["rows_loaded"]) == ("accept", "2026-03-01", 22)


async def test_refused_rows_are_named_and_the_code_is_zero(bring):
    answer = await bring(BROKEN / "amount-3-decimals.csv", "--json")
    assert (answer.code, answer.json["reject_rows"]) == (0, [5, 8])
    assert set(answer.json["rejected"][0]) == {"row", "line", "merchant_order_no", "column", "value", "code", "message"}
    shown = await bring(BROKEN / "negative-payment.csv")
    assert shown.code == 0 and "MZ2026030109072700011W" in shown.out


async def test_a_refused_file_has_code_two_and_its_reason(bring):
    answer = await bring(BROKEN / "truncated-text.csv", "--json")
    assert (answer.code, answer.json["verdict"], answer.json["reason_code"]) == (2, "reject_file", "truncated_text")


async def test_the_announcement_beside_a_gzip_is_believed(bring):
    answer = await bring(BROKEN / "sha1-mismatch.csv.gz", "--json")
    assert (answer.code, answer.json["reason_code"]) == (2, "hash_mismatch")
    assert (await bring(STATEMENTS / "mixed/wechatpay-trade-2026-03-01.csv.gz", "--json")).json["reason_code"] == "ok"


async def test_an_announcement_can_be_named(bring, tmp_path):
    lone = tmp_path / "bill.csv.gz"
    shutil.copy(BROKEN / "sha1-mismatch.csv.gz", lone)
    assert (await bring(lone, "--json")).json["verdict"] == "accept"
    answer = await bring(lone, "--announced", BROKEN / "sha1-mismatch.json", "--json")
    assert answer.json["reason_code"] == "hash_mismatch"
    wrong = await bring(lone, "--announced", BROKEN / "statement-creating.json", "--json")
    assert (wrong.code, wrong.json["error"]["code"]) == (2, "ANNOUNCEMENT_NOT_READABLE")


async def test_a_merchant_number_can_be_named_beforehand(bring):
    answer = await bring(BROKEN / "ok-wechatpay.csv", "--merchant", "1900000001", "--json")
    assert (answer.code, answer.json["reason_code"]) == (2, "other_merchant")


@pytest.mark.parametrize(("words", "code"), [(("--source", "pigeon"), "UNKNOWN_SOURCE"), (("--client", "nobody-here"), "NOT_FOUND")])
async def test_what_cannot_be_meant_is_said(bring, words, code):
    answer = await bring(BROKEN / "ok-wechatpay.csv", "--json", *words)
    assert (answer.code, answer.json["error"]["code"]) == (2, code)


async def test_a_file_that_is_not_there_is_said(bring, tmp_path):
    answer = await bring(tmp_path / "nothing.csv", "--json")
    assert (answer.code, answer.json["error"]["code"]) == (2, "FILE_NOT_READABLE")
    assert json.loads(answer.out)
