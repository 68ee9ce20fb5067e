"""Which accounts a remedy moves, for every class and direction; always balanced, nothing where nothing was booked."""

from types import SimpleNamespace
from uuid import UUID

import pytest

from core.reconciliation.remedies import posting

CH, MER = "A.CH.wechatpay.19", "L.MER.TUITION"
MERCHANT = posting.Bearer(UUID(int=1), "TUITION")


def row(klass: str, channel: str = "wechatpay", facts: dict | None = None, **given: int) -> SimpleNamespace:
    values = dict.fromkeys(("channel_fen", "platform_fen", "business_fen", "channel_fee_fen", "platform_fee_fen"))
    return SimpleNamespace(klass=klass, channel=channel, merchant_number="19", facts=facts or {}, **values | given)


LESS, MORE = row("AM1", channel_fen=9_900, platform_fen=10_000), row("AM1", channel_fen=10_100, platform_fen=10_000)
ONLY_BUSINESS = row("AM1", channel_fen=10_000, platform_fen=10_000, business_fen=9_900)
DEAR, CHEAP = row("FE1", channel_fee_fen=160, platform_fee_fen=60), row("FE1", channel_fee_fen=0, platform_fee_fen=100)
BANK_LONG, BANK_SHORT = row("FE2", "bank", {"direction": "long"}), row("FE2", "bank", {"direction": "short"})


def told(postings) -> list[tuple[str, int]]:
    assert sum(each.amount_fen for each in postings) == 0
    return [(each.account, each.amount_fen) for each in postings]


@pytest.mark.parametrize(
    ("found", "debit", "credit"),
    [
        (row("SH1"), "A.SUSP.SHORT", CH), (row("SH3"), "A.SUSP.SHORT", CH), (row("RF1"), "A.SUSP.SHORT", CH), (LESS, "A.SUSP.SHORT", CH),
        (DEAR, "A.SUSP.SHORT", CH), (row("FE2"), "A.SUSP.SHORT", CH), (row("RF2"), CH, "L.SUSP.DIFF"), (MORE, CH, "L.SUSP.DIFF"),
        (CHEAP, CH, "L.SUSP.DIFF"), (row("FE2", facts={"direction": "long"}), CH, "L.SUSP.DIFF"),
    ],
)  # fmt: skip
def test_chasing_moves_it_between_the_channel_and_suspense(found, debit, credit):
    assert told(posting.chase(found, 100)) == [(debit, 100), (credit, -100)]


@pytest.mark.parametrize(
    ("found", "merchant", "debit", "credit"),
    [
        (DEAR, None, "E.CHFEE", CH), (CHEAP, None, CH, "E.CHFEE"), (LESS, MERCHANT, MER, CH), (MORE, MERCHANT, CH, MER),
        (LESS, None, "A.SUSP.SHORT", CH), (MORE, None, CH, "L.SUSP.DIFF"), (row("FE2"), None, "E.CHFEE", CH),
    ],
)  # fmt: skip
def test_adjusting_believes_the_channel(found, merchant, debit, credit):
    assert told(posting.adjust(found, 100, merchant)) == [(debit, 100), (credit, -100)]


@pytest.mark.parametrize(
    ("found", "merchant", "chased", "debit", "credit"),
    [
        (row("SH1"), None, False, "E.DIFF", CH), (row("SH1"), None, True, "E.DIFF", "A.SUSP.SHORT"), (row("SH3"), MERCHANT, False, MER, CH),
        (row("SH3"), MERCHANT, True, MER, "A.SUSP.SHORT"), (row("RF2"), None, False, CH, "I.DIFF"), (CHEAP, None, True, "L.SUSP.DIFF", "I.DIFF"),
        (BANK_LONG, None, False, "L.SUSP.LONG", "I.DIFF"), (BANK_SHORT, None, False, "E.DIFF", "A.SUSP.SHORT"),
    ],
)  # fmt: skip
def test_writing_off_leaves_suspense_where_it_was_chased(found, merchant, chased, debit, credit):
    assert told(posting.write_off(found, 100, merchant, chased=chased)) == [(debit, 100), (credit, -100)]


def test_what_never_was_in_our_books_posts_nothing():
    for found in (row("SH2"), ONLY_BUSINESS):
        assert posting.chase(found, 100) == posting.adjust(found, 100, MERCHANT) == posting.write_off(found, 100, None, chased=False) == ()
    assert posting.chase(BANK_LONG, 100) == posting.adjust(BANK_SHORT, 100, None) == ()
