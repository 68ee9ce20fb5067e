"""Every file of the small, mixed and large sets comes in as it is, and its lines add up to the answers' totals."""

import pytest

from tests.statements.conftest import STATEMENTS, answers

SETS = {"small": "small/m3.expected.json", "mixed": "mixed/mixed.expected.json", "large": "large/large.expected.json"}
FILES = {
    "small": (("wechatpay-trade", "wechatpay-trade-{day}.csv"),),
    "mixed": (
        ("wechatpay-trade", "wechatpay-trade-{day}.csv.gz"), ("alipay-trade", "alipay-trade-{day}.zip"), ("unionpay", "unionpay-{day}.zip"),
        ("stripe-balance", "stripe-balance-{day}.csv"),
    ),
    "large": (
        ("wechatpay-trade", "wechatpay-trade-{day}.csv.gz"), ("alipay-trade", "alipay-trade-{day}.zip"), ("unionpay", "unionpay-{day}.zip"),
        ("stripe-balance", "stripe-balance-{day}.csv.gz"),
    ),
}  # fmt: skip
NUMBERS = {"wechatpay-trade": "1999000311", "alipay-trade": "2088990000031101", "unionpay": "999391080620031", "stripe-balance": None}
CHANNEL = {"wechatpay-trade": "wechatpay", "alipay-trade": "alipay", "unionpay": "unionpay", "stripe-balance": "stripe"}
FIGURES = ("rows", "pay_count", "pay_amount_fen", "refund_count", "refund_amount_fen")


def sums(said):
    """The figures of a verdict under the answers' names."""
    return {"rows": said.rows_loaded, **{name: getattr(said, name) for name in FIGURES[1:]}}


def wanted(figures, names=FIGURES):
    return {name: figures[name] for name in names}


@pytest.mark.parametrize("day", ["2026-03-01", "2026-03-02"])
@pytest.mark.parametrize("name", SETS)
async def test_a_days_channel_files_add_up_to_the_answers(name, day, hospital, hand_in):
    expected = answers(SETS[name])["sources"][day]["channels"]
    others = 0
    for source, file in FILES[name]:
        said = await hand_in(hospital, source, day, STATEMENTS / name / file.format(day=day))
        assert (said.verdict, said.repairs, said.rejected) == ("accept", [], [])
        figures = expected["by_channel"][CHANNEL[source]]
        assert (said.merchant_id, said.lines, sums(said)) == (NUMBERS[source], figures["rows"], wanted(figures))
        assert (said.fee_fen, said.net_fen) == (figures["fee_fen"], figures["net_fen"])
        others += said.other_lines
    assert others == expected.get("stripe_other_lines", 0)


@pytest.mark.parametrize("day", ["2026-03-01", "2026-03-02"])
@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("source", "suffix"), [("platform", "csv"), ("his", "csv"), ("his", "xlsx")])
async def test_a_days_own_sides_add_up_to_the_answers(name, day, source, suffix, hospital, hand_in, platform):
    expected = answers(SETS[name])["sources"][day][source]
    packed = ".gz" if name == "large" and suffix == "csv" else ""
    said = await hand_in(hospital, source, day, STATEMENTS / name / f"{source}-{day}.{suffix}{packed}")
    assert (said.verdict, said.reason_code, said.merchant_id, said.rejected) == ("accept", "ok", None, [])
    assert (said.lines, said.ignored_lines, sums(said)) == (expected["lines"], expected["ignored_lines"], wanted(expected["total"]))
    assert said.fee_fen == expected["total"].get("fee_fen", 0)
    async with platform.database.tenant(hospital.id) as session:
        from core.statements import repository

        facts = (await repository.get(session, said.statement_id)).facts
    names = [*FIGURES, "fee_fen"] if source == "platform" else FIGURES
    assert {channel: wanted(figures, names) for channel, figures in facts["by_channel"].items()} == {
        channel: wanted(figures, names) for channel, figures in expected["by_channel"].items()
    }


async def test_the_bare_record_file_of_unionpay_is_the_one_in_its_zip(hospital, hand_in):
    packed = await hand_in(hospital, "unionpay", "2026-03-01", STATEMENTS / "mixed/unionpay-2026-03-01.zip")
    bare = await hand_in(hospital, "unionpay", "2026-03-01", STATEMENTS / "mixed/INN26030188ZM_999391080620031")
    assert (bare.verdict, bare.version) == ("accept", 2)
    assert sums(bare) == sums(packed)
