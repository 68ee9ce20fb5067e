"""The equation over real files and real runs: what waits, is open or was healed explains every fen of every gap, on both days."""

import datetime as dt

import pytest

from core.commands.imports import operator
from core.reconciliation.runs import service as runs
from core.trace import reckoning
from core.trace.equation import reckon
from tests.reconciliation.test_front_door import hand_in
from tests.reconciliation.test_samples import DAY, NEXT


@pytest.mark.parametrize("folder", ["small", "mixed"])
async def test_every_fen_of_every_gap_is_explained(platform, client, folder):
    hospital = await client(kind="hospital", plugins=("medical",))
    by, terms = operator(platform, hospital.id), reckoning.terms_for(platform, hospital)
    days = [dt.date.fromisoformat(day) for day in (DAY, NEXT)]
    for day in days:
        await hand_in(platform, hospital, folder, day.isoformat())
        await runs.run(platform, hospital.id, day, by=by)
        async with platform.database.tenant(hospital.id) as session:
            cells = await reckon(session, days, terms)
        strange = {(cell.day, cell.channel, name): gap for cell in cells for name, gap in cell.gaps.items() if gap.strange_fen and cell.day <= day}
        assert strange == {}
    assert {cell.channel for cell in cells if cell.imported} >= {"wechatpay"}
    assert any(gap.settled_fen for cell in cells for gap in cell.gaps.values()), "something healed over midnight"
