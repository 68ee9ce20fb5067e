"""A difference's history tells what its own record and the audit trail tell, each once."""

from core.reconciliation import rights
from tests.reconciliation.conftest import DAY


async def test_a_difference_leaves_entries(hospital, staff):
    made = await hospital()
    await made.files(DAY, {"A": 100}, {"A": 100}, {"A": 130})
    await made.run()
    difference = (await made.differences())["A"]
    finance = await staff(made.client, rights.READ, rights.HANDLE, name="对账员")
    assert (await finance.post(f"/console/differences/{difference.id}/confirm")).status_code == 303
    panel = (await finance.get(f"/console/history/difference/{difference.id}", headers={"HX-Request": "true"})).text
    assert panel.count("对账员") == 1
    assert "确认" in panel
    assert f'hx-get="/console/history/difference/{difference.id}"' in (await finance.get(f"/console/differences/{difference.id}")).text
