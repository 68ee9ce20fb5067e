"""A refund's history tells who asked, who agreed and what became of it."""

from tests.refunds.conftest import Office


async def test_a_refund_leaves_entries(office: Office, staff):
    await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=1_000)
    reader = await staff(office.client, "refunds.refund.read")
    panel = (await reader.get(f"/console/history/refund/{refund.id}", headers={"HX-Request": "true"})).text
    assert "经办甲" in panel
    assert "退学" in panel
