"""What happened is pushed: signed, once by key, retried down the ladder, given up visibly, never into our own network."""

import ipaddress
import time

import msgspec
import pytest
from sqlalchemy import text

from core import clock
from core.identity.actor import system
from core.jobs.pulse import pulse
from core.webhooks import addresses, sending, service
from core.webhooks.errors import AddressRefused, DeliveryWaiting, EndpointInvalid
from core.webhooks.sending import LADDER_SECONDS
from core.webhooks.signing import new_secret, verified
from tests.webhooks.conftest import EVENT

READ, MAKE = "webhooks.endpoint.read", "webhooks.endpoint.make"
PAGE, API, SENT = "/console/webhooks", "/api/v1/webhooks", "/api/v1/webhook-deliveries"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"


async def test_a_message_is_signed_over_moment_and_body(house, ear, inside):
    made = await house.declare(ear.url)
    await house.tell(amount_fen=5_000)
    await house.beat()
    [(headers, body)] = ear.heard
    now = int(clock.now().timestamp())
    assert verified(made.secret, headers, body, now)
    assert not verified(made.secret, headers, body + b" ", now)
    assert not verified(made.secret, headers | {"webhook-id": "another"}, body, now)
    assert not verified(new_secret(), headers, body, now)
    assert not verified(made.secret, headers, body, now + 330)
    said = msgspec.json.decode(body)
    assert (said["type"], said["data"], headers["webhook-id"]) == (EVENT, {"amount_fen": 5_000}, said["id"])
    assert headers["host"].startswith("localhost:")
    [row] = await house.deliveries()
    assert (row.status, row.tries, row.next_at) == ("delivered", 1, None)


async def test_the_same_key_tells_nobody_twice_and_other_events_nobody_at_all(house, ear, inside):
    await house.declare(ear.url)
    assert (await house.tell("k"), await house.tell("k")) == (1, 0)
    async with house.session() as session:
        assert await service.send(session, "test.other", "k", house.client.id, {}) == 0
    await house.beat()
    assert len(ear.heard) == 1


async def test_an_unanswered_message_goes_down_the_ladder_until_a_person_sends_it_again(house, ear, inside):
    await house.declare(ear.url)
    await house.tell()
    ear.answers = [BUSY] * (len(LADDER_SECONDS) + 1)
    waits = []
    for _ in range(len(LADDER_SECONDS) + 1):
        due = await house.beat()
        waits.append(due and round((due - clock.now()).total_seconds()))
    [row] = await house.deliveries()
    assert (row.status, row.tries, "busy" in row.answer) == ("failed", len(LADDER_SECONDS) + 1, True)
    assert all(abs(waited - rung) <= 2 for waited, rung in zip(waits, LADDER_SECONDS, strict=False)) and waits[-1] is None
    async with house.session() as session:
        await service.resend(session, row.id, system(house.client.id))
        with pytest.raises(DeliveryWaiting):
            await service.resend(session, row.id, system(house.client.id))
    await house.beat()
    [row] = await house.deliveries()
    async with house.session() as session:
        tries = await session.scalar(text("SELECT count(*) FROM core.webhook_attempt"))
    assert (row.status, row.tries, tries) == ("delivered", 1, len(LADDER_SECONDS) + 2)


async def test_a_redirect_is_not_followed_and_a_long_answer_not_read(house, ear, inside):
    await house.declare(ear.url)
    away = f"HTTP/1.1 302 Found\r\nLocation: {ear.url}\r\nContent-Length: 0\r\n\r\n".encode()
    ear.answers = [away, b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 5000]
    await house.tell()
    await house.beat()
    [row] = await house.deliveries()
    assert (len(ear.heard), row.status, row.answer.startswith("HTTP 302")) == (1, "waiting", True)
    began = time.monotonic()
    await house.beat()
    [row] = await house.deliveries()
    assert row.status == "delivered" and len(row.answer) < 400 and time.monotonic() - began < 8


async def test_a_receiver_that_dawdles_is_given_up_while_others_are_told(house, ear, inside, monkeypatch):
    monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 4.0)
    slow = await house.declare(ear.url.replace("/hook", "/slow"))
    for number in range(sending.AT_ONCE + 5):
        await house.tell(f"k{number}")
    quick = await house.declare(ear.url)
    await house.tell("last")
    await house.beat()
    assert ear.most_dawdling == sending.AT_ONCE, "together, not one after another"
    rows = await house.deliveries()
    assert [row.status for row in rows if row.endpoint_id == quick.id] == ["delivered"], "does not stand behind the other address's messages"
    told = [row for row in rows if row.endpoint_id == slow.id and row.tries]
    assert (len(told), {row.status for row in told}, {row.answer for row in told}) == (sending.AT_ONCE, {"waiting"}, {"没有应答（TimeoutError）"})


async def test_what_else_waits_for_the_client_does_not_wait_for_a_receiver(house, ear, inside):
    await house.declare(ear.url.replace("/hook", "/slow"))
    await house.tell()
    await pulse(house.platform, house.client.id)
    [row] = await house.deliveries()
    assert (row.status, row.tries) == ("waiting", 0), "the pulse is over, the message is under way"
    again = await sending.send_due(house.platform, house.client.id)
    assert again > clock.now() and len(ear.heard) <= 1, "it is looked for later, not sent twice"
    sending._rounds[house.client.id].cancel()
    await sending.finished(house.client.id)


async def test_nothing_is_sent_into_our_own_network(house, ear, inside, platform):
    await house.declare(ear.url)
    platform.settings = msgspec.structs.replace(platform.settings, webhook_private=False)
    await house.tell()
    await house.beat()
    [row] = await house.deliveries()
    assert (ear.heard, row.status, "不是公网地址" in row.answer) == ([], "waiting", True)
    with pytest.raises(AddressRefused):
        await addresses.look_up("https://127.0.0.1/x", platform.settings)


@pytest.mark.parametrize("number", [
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1", "fe80::1", "fd00::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
])  # fmt: skip
def test_addresses_inside_are_told_from_those_outside(number):
    assert not addresses.is_public(ipaddress.ip_address(number))
    assert addresses.is_public(ipaddress.ip_address("8.8.8.8")) and addresses.is_public(ipaddress.ip_address("2606:4700::1111"))


@pytest.mark.parametrize("url", [
    "http://x.example/h", "ftp://x.example", "https://", "https://u:p@x.example/", "https://x.example/#a", "https://x.example:99999/", "plain",
])  # fmt: skip
async def test_addresses_that_can_never_be_right_are_refused(house, url):
    with pytest.raises(EndpointInvalid):
        await house.declare(url)


async def test_a_paused_address_hears_later_what_it_missed(house, ear, inside):
    made = await house.declare(ear.url)
    async with house.session() as session:
        await service.set_status(session, made.id, "paused", system(house.client.id))
    await house.tell()
    assert (await house.beat(), ear.heard) == (None, [])
    async with house.session() as session:
        await service.set_status(session, made.id, "active", system(house.client.id))
    await house.beat()
    assert len(ear.heard) == 1


async def test_the_page_shows_the_secret_once_and_every_try(house, ear, inside, staff):
    desk = await staff(house.client, READ, MAKE)
    made = await desk.post(PAGE, data={"title": "HIS", "url": ear.url, "event": [EVENT]})
    assert made.status_code == 200 and "whsec_" in made.text
    assert "whsec_" not in (await desk.get(PAGE)).text
    wrong = await desk.post(PAGE, data={"title": "HIS", "url": "nowhere", "event": [EVENT]})
    assert wrong.status_code == 422 and "https://" in wrong.text
    await house.tell()
    await house.beat()
    [row] = await house.deliveries()
    page = (await desk.get(f"{PAGE}/deliveries/{row.id}")).text
    assert "HTTP 200" in page and "重发" in page
    assert (await desk.post(f"{PAGE}/deliveries/{row.id}/resend")).status_code == 303
    await house.beat()
    assert len(ear.heard) == 2


async def test_programs_declare_list_and_send_again(house, ear, inside, staff):
    desk = await staff(house.client, READ, MAKE)
    made = (await desk.post(API, json={"title": "HIS", "url": ear.url, "events": [EVENT]})).json()
    assert made["secret"].startswith("whsec_") and "secret" not in (await desk.get(API)).json()[0]
    assert (await desk.post(API, json={"title": "HIS", "url": ear.url, "events": ["no.such"]})).status_code == 422
    await house.tell()
    await house.beat()
    [told] = (await desk.get(SENT)).json()["items"]
    assert told["status"] == "delivered"
    again = await desk.post(f"{SENT}/{told['id']}/resend", headers={"Idempotency-Key": "send-it-again"})
    assert again.status_code == 202
    assert (await desk.post(f"{API}/{made['id']}/status", json={"status": "paused"})).status_code == 204
    assert (await desk.get(API)).json()[0]["status"] == "paused"


async def test_who_may_not_is_refused_and_another_client_sees_nothing(house, ear, inside, staff, client):
    await house.declare(ear.url)
    await house.tell()
    [row] = await house.deliveries()
    reader, nobody = await staff(house.client, READ), await staff(house.client, "billing.bill.read")
    other = await staff(await client(plugins=()), READ, MAKE)
    assert (await nobody.get(API)).status_code == 403 and (await nobody.get(PAGE)).status_code == 403
    assert (await reader.post(API, json={"title": "x", "url": ear.url, "events": [EVENT]})).status_code == 403
    assert (await reader.post(f"{PAGE}/deliveries/{row.id}/resend")).status_code == 403
    assert (await other.get(API)).json() == [] and (await other.get(SENT)).json()["items"] == []
    assert (await other.get(f"{PAGE}/deliveries/{row.id}")).status_code == 404
    assert (await other.post(f"{SENT}/{row.id}/resend", headers={"Idempotency-Key": "not-mine-at-all"})).status_code == 404
