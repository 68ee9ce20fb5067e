"""docs/settlement.md is true: every table is recalculated, the worked example's journals are posted by a running system and compared."""

import datetime as dt
import re
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from core.money import yuan
from core.onboarding import rates
from core.onboarding.schemas import Rate
from core.settlement import sharing, working_days
from core.settlement.formula import Sums, payable

TEXT = (Path(__file__).parents[2] / "docs" / "settlement.md").read_text()
TABLES = {
    name: [[cell.strip() for cell in line.strip("|").split("|")] for line in body.strip().splitlines()[2:]]
    for name, body in re.findall(r"<!-- check: (\w+) -->\n((?:\|.*\n)+)", TEXT)
}
JOURNALS = {
    name: sorted(tuple(line.split()) for line in body.strip().splitlines())
    for name, body in re.findall(r"```journal (.+)\n((?:.*\n)+?)```", TEXT)
}


def rows(name: str):
    return [pytest.param(*row, id=" ".join(row)) for row in TABLES[name]]


def amounts(text: str) -> list[int]:
    return [yuan(part) for part in text.split(", ")]


def agreed(rate: str, most: str) -> Rate:
    return Rate(channel="wechatpay", rate_ppm=rates.ppm_of(rate), cap_fen=yuan(most) if most else None)


def test_every_table_and_journal_of_the_page_is_checked():
    own = Path(__file__).read_text()
    assert {name for name in (*TABLES, *JOURNALS) if f'"{name}"' not in own} == set()
    assert (len(TABLES), len(JOURNALS)) == (5, 2)


@pytest.mark.parametrize(("paid", "refunded", "fee", "back", "adjusted", "brought", "net"), rows("formula"))
def test_the_formula(paid, refunded, fee, back, adjusted, brought, net):
    sums = Sums(
        gross_fen=yuan(paid), refund_fen=yuan(refunded), fee_fen=yuan(fee), fee_refund_fen=yuan(back), adjust_fen=yuan(adjusted), brought_fen=yuan(brought)
    )
    assert sums.net_fen == yuan(net)


@pytest.mark.parametrize(("parts", "rate", "most", "fee", "each"), rows("shares"))
def test_the_shares_of_a_fee(parts, rate, most, fee, each):
    money = {UUID(int=n): fen for n, fen in enumerate(amounts(parts))}
    assert list(sharing.shares(money, agreed(rate, most)).values()) == amounts(each)
    assert sum(amounts(each)) == yuan(fee)


@pytest.mark.parametrize(("paid", "rate", "most", "refunded", "given"), rows("returned"))
def test_what_comes_back_of_a_fee(paid, rate, most, refunded, given):
    one, known = UUID(int=1), agreed(rate, most)
    charged = sharing.shares({one: yuan(paid)}, known)
    for fen, back in zip(amounts(refunded), amounts(given), strict=True):
        assert sharing.fees_returned({one: fen}, charged, known, returns=True) == {one: back}
        charged[one] -= back


@pytest.mark.parametrize(("day", "days", "due"), rows("due"))
def test_when_it_is_due(day, days, due):
    assert working_days.after(dt.date.fromisoformat(day), int(days)).on.isoformat() == due


@pytest.mark.parametrize(("net", "has", "paid", "carried"), rows("carried"))
def test_what_is_paid_and_what_is_carried(net, has, paid, carried):
    assert payable(yuan(net), yuan(has)) == yuan(paid)
    assert yuan(net) - yuan(paid) == yuan(carried)


async def test_the_worked_example_in_the_books(hall, banked):
    await hall.refund(await hall.pay(("TUITION", 10_000_000)), 200_000)
    await hall.reconciled()
    batch = (await hall.calculate())["TUITION"]
    await hall.submit(batch.id)
    await hall.agree(batch.id)
    async with hall.tenant() as session:
        entries = await session.all(
            text("""
                SELECT j.event, a.code, e.amount_fen FROM core.ledger_journal j JOIN core.ledger_entry e ON e.journal_id = j.id
                JOIN core.ledger_account a ON a.id = e.account_id WHERE j.biz_id = :id
            """),
            {"id": str(batch.id)},
        )
    for name, event in (("cost", "settlement.cost"), ("payout", "settlement.payout")):
        told = [(side, code, yuan(amount)) for side, code, amount in JOURNALS[name]]
        posted = [("Dr" if e.amount_fen > 0 else "Cr", re.sub(r"(A\.BANK)\..*", r"\1", e.code), abs(e.amount_fen)) for e in entries if e.event == event]
        assert sorted(posted) == told, name
