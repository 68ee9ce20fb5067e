"""A client's systems hear of every payment and every refund, once, in numbers and amounts."""

import msgspec

from core.identity.actor import system
from core.webhooks import sending, service
from core.webhooks.service import EndpointAsk
from tests.refunds.conftest import channel, office

__all__ = ["channel", "office"]


async def heard(office, ear) -> list[dict]:
    await sending.send_due(office.platform, office.client.id)
    await sending.finished(office.client.id)
    return [msgspec.json.decode(body) for _headers, body in ear.heard]


async def test_a_payment_and_its_refund_are_told_once_each(office, ear, inside):
    async with office.tenant() as session:
        keys = await office.platform.vault.keys(session)
        ask = EndpointAsk(title="校务系统", url=ear.url, events=["payment.succeeded", "refund.succeeded"])
        await service.declare(session, keys, office.platform.settings, ask, system(office.client.id))
    payment_id = await office.pay(office.bills[0], 95_000)
    await office.beat()
    [paid] = await heard(office, ear)
    assert (paid["type"], paid["data"]["payment_id"], paid["data"]["amount_fen"]) == ("payment.succeeded", str(payment_id), 95_000)
    assert [(bill["bill_id"], bill["amount_fen"], bill["status"]) for bill in paid["data"]["bills"]] == [(str(office.bills[0]), 95_000, "paid")]
    office.channel.usual = "succeeded"
    refund = await office.approved(bill_id=office.bills[0], amount_fen=20_000)
    for _ in range(4):
        await office.hurry()
        await office.beat()
    _paid, back = await heard(office, ear)
    told = back["data"]
    assert (back["type"], told["refund_id"], told["amount_fen"], told["status"]) == ("refund.succeeded", str(refund.id), 20_000, "success")
    assert "王" not in str(ear.heard), "no names"


async def test_who_did_not_ask_hears_nothing(office, ear, inside):
    await office.pay(office.bills[0], 95_000)
    await office.beat()
    assert await heard(office, ear) == []
