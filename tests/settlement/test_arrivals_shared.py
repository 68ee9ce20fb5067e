"""What the channel paid on to receivers of a shared payment does not arrive: no difference, and the channel's account ends at zero."""

import datetime as dt

import pytest
from sqlalchemy import text

from core import clock
from core.identity.actor import Actor
from core.ledger import service as ledger
from core.profit_sharing.schemas import ShareAsk
from core.settlement import arrivals_lists, working_days
from tests.payer_fixtures import connected, outside_world, roster, school
from tests.profit_sharing.conftest import PAID, sharing
from tests.settlement.arriving import Clearing

__all__ = ["connected", "outside_world", "roster", "school", "sharing"]
DAY = clock.today() - dt.timedelta(days=3)
FEE, SHARE = 570, 10_000


@pytest.fixture
async def clearing(sharing):
    """A payment of 950.00 on DAY, 100.00 of it shared on that day, and the channel's file of it, which tells of no share."""
    paid, canteen = await sharing.paid(), await sharing.receiver()
    made = await Clearing(sharing.platform, sharing.school.client).opened()
    made.split = await sharing.split(paid, ShareAsk(receiver_id=canteen, amount_fen=SHARE))
    async with made.session() as session:
        await session.execute(text("UPDATE core.sharing_split SET finished_at = finished_at - interval '3 days'"))
        await session.execute(text("UPDATE core.payment SET paid_at = paid_at - interval '3 days'"))
    await made.stated(sharing.mchid, DAY, pay=PAID, fee=FEE)
    await made.match()
    return made


async def test_a_shared_day_arrives_without_a_false_difference(clearing, sharing):
    (row,) = await clearing.arrivals()
    assert (row.gross_fen, row.fee_fen, row.shared_fen, row.net_fen) == (PAID, FEE, SHARE, PAID - FEE - SHARE)
    await clearing.told(working_days.after(DAY, 1).on, (PAID - FEE - SHARE, clearing.reference(sharing.mchid, DAY)))
    await clearing.match()
    (row,) = await clearing.arrivals()
    assert row.status == "arrived"
    async with clearing.session() as session:
        assert await ledger.balance(session, f"A.CH.wechatpay.{sharing.mchid}") == 0, "the channel owes nothing any more"
        assert await session.scalar(text("SELECT count(*) FROM core.recon_difference WHERE class = 'FE2'")) == 0
        by = Actor(kind="user", id="x", name="财务", tenant_id=clearing.client.id, rights={arrivals_lists.READ: None})
        assert (await arrivals_lists.find_arrival(session, row.id, by)).arrival.shared_fen == SHARE


async def test_what_a_receiver_gave_back_arrives_again_and_the_fund_flows_day_counts(clearing, sharing):
    await sharing.give_back(clearing.split.id, 1, 4_000)
    async with clearing.session() as session:
        await session.execute(text("UPDATE core.sharing_return SET finished_at = finished_at - interval '3 days'"))
    await clearing.match()
    (row,) = await clearing.arrivals()
    assert (row.shared_fen, row.net_fen) == (SHARE - 4_000, PAID - FEE - SHARE + 4_000)
    async with clearing.session() as session:
        await session.execute(text("UPDATE core.sharing_split SET proved_fen = 10000, proved_on = :day"), {"day": DAY + dt.timedelta(days=1)})
    await clearing.match()
    (row,) = await clearing.arrivals()
    assert row.shared_fen == -4_000, "the share itself belongs to the day that the channel's fund flow tells"
