"""Every file of the samples' `broken` folder gets exactly its verdict, its totals and its refused rows, through the real service."""

import hashlib

import pytest
from sqlalchemy import text

from core.statements.announcing import announced_sha1
from tests.statements.conftest import STATEMENTS, answers

BROKEN = STATEMENTS / "broken"
EXPECTED = {each["file"]: each for each in answers("broken/broken.expected.json")["files"]}
FIGURES = ("rows_loaded", "pay_count", "pay_amount_fen", "refund_count", "refund_amount_fen", "fee_fen")
PLACE = ("row", "line", "merchant_order_no", "column", "value")


async def stored(platform, client, statement_id) -> dict[str, int]:
    """What the database holds of a statement: lines that take part and their sums."""
    sql = text("""
        SELECT count(*) AS rows_loaded, count(*) FILTER (WHERE kind = 'pay') AS pay_count,
               coalesce(sum(amount_fen) FILTER (WHERE kind = 'pay'), 0) AS pay_amount_fen, count(*) FILTER (WHERE kind = 'refund') AS refund_count,
               coalesce(sum(amount_fen) FILTER (WHERE kind = 'refund'), 0) AS refund_amount_fen, coalesce(sum(fee_fen), 0) AS fee_fen
        FROM core.statement_line WHERE statement_id = :id AND counts
    """)
    async with platform.database.tenant(client.id) as session:
        return dict((await session.one(sql, {"id": statement_id}))._mapping)


async def deliver(hand_in, client, expected):
    """Hand a sample in as its answer says; an account number that is expected is the client's."""
    path = BROKEN / expected["file"]
    sha1 = announced_sha1(BROKEN / expected["announced_by"]) if "announced_by" in expected else None
    return await hand_in(client, expected["source"], expected["bill_date"], path, sha1=sha1, merchant=expected["merchant_id"] or "")


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_broken_file_gets_its_verdict(name, hospital, hand_in, platform):
    expected = EXPECTED[name]
    if "load_after" in expected:
        await deliver(hand_in, hospital, EXPECTED[expected["load_after"]])
    said = await deliver(hand_in, hospital, expected)
    assert (said.verdict, said.reason_code) == (expected["verdict"], expected["reason_code"]), said.reason
    assert said.reason
    found = {name: getattr(said, name) for name in FIGURES}
    assert found == found | {name: expected[name] for name in FIGURES if name in expected}
    assert said.reject_rows == expected.get("reject_rows", [])
    if said.verdict == "reject_rows":
        assert [{key: getattr(row, key) for key in PLACE} for row in said.rejected] == expected["rejected"]
    if expected["reason_code"] != "duplicate_file":
        assert await stored(platform, hospital, said.statement_id) == found


@pytest.mark.parametrize("name", EXPECTED)
async def test_the_original_is_kept_byte_for_byte_refused_or_not(name, hospital, hand_in, platform):
    from core.statements.originals import read_original

    said = await deliver(hand_in, hospital, EXPECTED[name])
    async with platform.database.tenant(hospital.id) as session:
        kept = b"".join([piece async for piece in read_original(session, platform.vault, said.statement_id)])
    assert hashlib.sha256(kept).digest() == hashlib.sha256((BROKEN / name).read_bytes()).digest()
