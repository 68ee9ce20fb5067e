"""Where a client's policy says so, excess goes back by itself; what a person stopped is not begun anew."""

import msgspec
from sqlalchemy import text

from core.refunds import stopping, tasks


async def test_a_refund_that_a_person_stopped_is_not_begun_again(office, monkeypatch):
    profile = await office.platform.directory.profile(office.client.id)
    willing = msgspec.structs.replace(profile, settings={**profile.settings, "auto_refund_excess": True})

    async def told(_tenant):
        return willing

    monkeypatch.setattr(office.platform.directory, "profile", told)
    for txn in ("A1", "A2"):
        await office.pay(office.bills[0], 95_000, txn=txn)
    await tasks.give_excess_back(office.platform, office.client.id)
    async with office.tenant() as session:
        [refund] = await session.all(text("SELECT id, status FROM core.refund"))
        assert refund.status == "approved"
        await stopping.stop(session, refund.id, "先别退，正在核实", office.checker)
    assert await tasks.give_excess_back(office.platform, office.client.id) is None
    async with office.tenant() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.refund")) == 1
