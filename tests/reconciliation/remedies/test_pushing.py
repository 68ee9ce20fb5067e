"""A re-post is pushed to the business system's declared address, once, and the difference's page shows what became of it."""

import msgspec
from sqlalchemy import text

from core.identity.actor import system
from core.webhooks import sending, service
from core.webhooks.service import EndpointAsk
from tests.webhooks.conftest import ear, inside  # noqa: F401


async def test_an_agreed_repost_is_pushed_and_its_state_stands_on_the_difference(house, staff, ear, inside):  # noqa: F811
    maker = await staff(house.client, "recon.diff.make", "recon.run.read", "webhooks.endpoint.read")
    async with house.tenant() as session:
        keys = await house.platform.vault.keys(session)
        ask = EndpointAsk(title="HIS", url=ear.url, events=["repost.asked"])
        await service.declare(session, keys, house.platform.settings, ask, system(house.client.id))
    difference_id = await house.differ("LG2", 8_500, bill_number="B26030100000582")
    remedy_id = await house.done(difference_id, "repost")
    assert "待送达" in (await maker.get(f"/console/differences/{difference_id}")).text
    await sending.send_due(house.platform, house.client.id)
    await sending.finished(house.client.id)
    [(headers, body)] = ear.heard
    said = msgspec.json.decode(body)
    assert (headers["webhook-id"], said["type"]) == (said["id"], "repost.asked")
    assert (said["data"]["bill_number"], said["data"]["amount_fen"]) == ("B26030100000582", 8_500)
    assert said["data"]["answer_to"] == f"/api/v1/reposts/{remedy_id}/answer"
    assert "推送到HIS" in (page := (await maker.get(f"/console/differences/{difference_id}")).text) and "已送达" in page
    async with house.tenant() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.webhook_delivery")) == 1
