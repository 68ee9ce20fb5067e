"""Notices leave once, by day, and never keep a secret longer than needed."""

import datetime as dt

import msgspec
import pytest
from sqlalchemy import text

from core import clock
from core.notices import repository, rules, sending, service
from core.notices.defaults import EVENTS
from core.notices.schemas import PhoneNotice
from core.notices.wording import check_words, fill
from core.sandbox.serving import serving
from tests import families

PHONE = "13800000001"
FACTS = {"name": "张*", "title": "学费", "amount": "950.00", "due_on": "2026-12-01"}


class Gateway:
    """An SMS gateway that answers as told and remembers what it heard."""

    def __init__(self) -> None:
        self.status, self.heard = 201, []

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        body = (await receive()).get("body", b"")
        self.heard.append(body.decode())
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture
async def gateway(platform, monkeypatch):
    heard = Gateway()
    async with serving(heard) as url:
        monkeypatch.setattr(platform, "settings", msgspec.structs.replace(platform.settings, sms_url=url))
        yield heard


@pytest.fixture
async def reader(client):
    return await client(plugins=())


async def write_to(platform, tenant_id, key: str = "k", event: str = "reminder", **given: object) -> bool:
    async with platform.database.tenant(tenant_id) as session:
        keys = await platform.vault.keys(session)
        facts = given.pop("facts", FACTS)
        return await service.queue(session, keys, PhoneNotice(key=key, event=EVENTS[event], to=PHONE, facts=facts, **given))


async def make_due(platform, tenant_id) -> None:
    async with platform.database.tenant(tenant_id) as session:
        await session.execute(text("UPDATE core.notice SET due_at = now() - interval '1 second'"))


@pytest.fixture
def noon(monkeypatch):
    """It is noon in Shanghai."""
    moment = dt.datetime.combine(clock.today(), dt.time(12), clock.SHANGHAI).astimezone(dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


async def test_a_message_leaves_once_however_often_it_is_asked_for(platform, reader, gateway, noon):
    assert await write_to(platform, reader.id) is True
    assert await write_to(platform, reader.id) is False
    await sending.send_due(platform, reader.id)
    await sending.send_due(platform, reader.id)
    (body,) = [heard for heard in gateway.heard if "numbers" not in heard]
    assert PHONE in body
    assert reader.name in body
    assert f"/h5/{reader.code}" in body
    assert "950.00" in body


async def test_a_gateway_that_fails_is_tried_again_later(platform, reader, gateway, noon):
    await write_to(platform, reader.id)
    gateway.status = 500
    again = await sending.send_due(platform, reader.id)
    assert again > noon
    (message,) = await families.notices(platform, reader.id)
    assert (message.status, message.reason) == ("queued", "HTTP 500")
    gateway.status = 201
    await make_due(platform, reader.id)
    async with platform.database.tenant(reader.id) as session:
        await session.execute(text("UPDATE core.notice SET due_at = :noon"), {"noon": noon})
    await sending.send_due(platform, reader.id)
    (message,) = await families.notices(platform, reader.id)
    assert (message.status, message.provider_id) == ("sent", f"N{message.id.hex}01")
    assert len({msgspec.json.decode(body)["number"] for body in gateway.heard if "number" in body and "numbers" not in body}) == 1


async def test_a_gateway_that_is_away_loses_nothing(platform, reader, monkeypatch, noon):
    monkeypatch.setattr(platform, "settings", msgspec.structs.replace(platform.settings, sms_url="http://127.0.0.1:9/"))
    await write_to(platform, reader.id)
    assert await sending.send_due(platform, reader.id) is not None
    (message,) = await families.notices(platform, reader.id)
    assert (message.status, message.reason) == ("queued", "ConnectError")


async def test_a_code_that_nobody_needs_any_more_is_wiped_and_not_sent(platform, reader, gateway):
    await write_to(platform, reader.id, event="login_code", facts={"client": "x", "code": "123456"})
    async with platform.database.tenant(reader.id) as session:
        await session.execute(text("UPDATE core.notice SET created_at = created_at - interval '6 minutes'"))
    await sending.send_due(platform, reader.id)
    (message,) = await families.notices(platform, reader.id)
    assert (message.status, message.body_sealed, gateway.heard) == ("failed", None, [])


async def test_a_dead_sender_loses_its_messages_at_the_end_of_the_lease(platform, reader, gateway, noon):
    await write_to(platform, reader.id)
    async with platform.database.tenant(reader.id) as session:
        assert len(await repository.claim(session, noon, noon + sending.LEASE, 10, "", {})) == 1
        assert await repository.claim(session, noon, noon + sending.LEASE, 10, "", {}) == []
        assert len(await repository.claim(session, noon + sending.LEASE, noon + 2 * sending.LEASE, 10, "", {})) == 1


@pytest.mark.parametrize(
    ("hour", "waits_until"), [("07:59", "08:00"), ("08:00", None), ("21:59", None), ("22:00", "next 08:00"), ("00:30", "08:00")]
)
def test_the_night_is_quiet(hour, waits_until):
    day = dt.date(2026, 9, 1)
    at = dt.datetime.combine(day, dt.time.fromisoformat(hour), clock.SHANGHAI)
    morning = dt.datetime.combine(day + dt.timedelta(days=(waits_until or "").startswith("next")), dt.time(8), clock.SHANGHAI)
    assert rules.after_quiet_hours(at) == (morning if waits_until else at)


async def test_at_night_a_reminder_waits_and_a_code_does_not(platform, reader, gateway, monkeypatch):
    night = dt.datetime.combine(clock.today(), dt.time(23), clock.SHANGHAI).astimezone(dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: night)
    await write_to(platform, reader.id, "a")
    await write_to(platform, reader.id, "b", event="login_code", facts={"client": "x", "code": "123456"})
    async with platform.database.tenant(reader.id) as session:
        await session.execute(text("UPDATE core.notice SET created_at = :night"), {"night": night})
    await sending.send_due(platform, reader.id)
    assert {m.event: m.status for m in await families.notices(platform, reader.id)} == {"reminder": "quiet", "login_code": "sent"}


def test_every_events_words_are_signed_and_complete_in_both_languages():
    for event in EVENTS.values():
        examples = {name: example for name, (_title, example) in event.variables.items()}
        assert set(event.words) == {"zh", "en"}
        for language, sign in (("zh", "【榕华教育集团】"), ("en", "[榕华教育集团]")):
            words = event.words[language]
            check_words(words, event.variables)
            assert "sms" not in event.means or fill(words.sms, examples).startswith(sign)
            assert "inbox" not in event.means or words.inbox
