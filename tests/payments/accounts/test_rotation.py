"""Keys are replaced without a restart, and what was still on its way under the old ones is read for a day."""

import datetime as dt

import msgspec
import pytest
from sqlalchemy import text, update

from core import clock
from core.bench import notifications
from core.payments import expiry
from core.payments.accounts import service as accounts
from core.payments.models import channel_account
from tests import families, trade
from tests.payments.accounts.test_two_people import certificate
from tests.payments.test_notices import Shop


@pytest.fixture
async def shop(platform, client):
    made = await client(plugins=())
    school = await trade.found(platform, made.id)
    async with platform.database.tenant(made.id) as session:
        keys = await platform.vault.keys(session)
        sealed = keys.seal(msgspec.json.encode(notifications.credentials()))
        await session.execute(update(channel_account).values(credentials_sealed=sealed, appid=notifications.APPID))
    return Shop(platform, made, school)


async def replaced(shop, until: dt.datetime, **changed: str) -> None:
    """The keys of the shop's number are others now."""
    async with shop.platform.database.tenant(shop.client.id) as session:
        keys = await shop.platform.vault.keys(session)
        fresh = keys.seal(msgspec.json.encode(notifications.credentials() | changed))
        old = {"previous_sealed": channel_account.c.credentials_sealed, "previous_until": until}
        await session.execute(update(channel_account).values(credentials_sealed=fresh, **old))
    accounts.forget(shop.client.id, shop.school.account_id)


async def test_a_notice_sealed_under_the_old_keys_is_still_booked(shop, web):
    number = await shop.order()
    await replaced(shop, clock.now() + dt.timedelta(hours=1), apiv3_key="n" * 32)
    assert (await shop.notice(number).send(web)).status_code == 200
    assert await shop.status(number) == "succeeded"


async def test_after_a_day_the_old_keys_open_nothing(shop, web):
    number = await shop.order()
    await replaced(shop, clock.now() - dt.timedelta(seconds=1), apiv3_key="n" * 32)
    assert (await shop.notice(number).send(web)).status_code == 401
    assert (await shop.status(number), await shop.collected()) == ("pending", 0)


async def test_replaced_keys_are_used_at_once_and_the_old_ones_kept_aside(connected, school, desk, given):
    account_id = await desk.opened(given)
    assert (await desk.probe(account_id))["ok"]
    asked = (await desk.replace(account_id, {"merchant_serial": "0" * 40})).json()
    assert (await desk.probe(account_id))["ok"], "nothing changes before the second person agrees"
    await desk.agree(asked["approval_id"])
    assert not (await desk.probe(account_id))["ok"]
    shown = await desk.read(account_id)
    assert shown["previous_until"]
    async with connected.database.tenant(school.id) as session:
        kept = await accounts.before_rotation(session, connected.vault, account_id)
    assert kept.credentials["merchant_serial"] == given["credentials"]["merchant_serial"]


async def test_entries_left_empty_stay_as_they_are(connected, school, desk, given):
    account_id = await desk.opened(given)
    before = {key["name"]: key["fingerprint"] for key in (await desk.read(account_id))["keys"]}
    asked = (await desk.replace(account_id, {"app_secret": "another", "apiv3_key": "  "})).json()
    await desk.agree(asked["approval_id"])
    after = {key["name"]: key["fingerprint"] for key in (await desk.read(account_id))["keys"]}
    assert {name for name in after if after[name] != before[name]} == {"app_secret"}
    assert (await desk.replace(account_id, {"apiv3_key": " "})).status_code == 422
    async with connected.database.tenant(school.id) as session:
        account = await accounts.by_id(session, connected.vault, account_id)
    assert account.credentials == {name: value.strip() for name, value in given["credentials"].items()} | {"app_secret": "another"}


async def test_keys_nobody_agreed_to_are_forgotten_after_a_week(connected, school, desk, given):
    asked = (await desk.propose(given)).json()
    async with connected.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.channel_draft SET created_at = now() - interval '8 days'"))
    await expiry.look(connected, school.id)
    answer = await desk.agree(asked["approval_id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "CHANNEL_DRAFT_GONE")


@pytest.mark.parametrize(("days", "messages", "listed"), [(60, 0, 0), (29, 1, 1), (6, 1, 1), (0, 1, 1)])
async def test_people_are_told_before_a_certificate_ends(connected, school, desk, given, days, messages, listed):
    entered = given["credentials"] | {"merchant_certificate": certificate(days + 1)}
    entered.pop("platform_certificates", None)
    await desk.opened(given | {"credentials": entered, "alert_phone": "13800138000"})
    for _ in range(2):
        await expiry.look(connected, school.id)
    told = [row for row in await families.notices(connected, school.id) if row.event == "channel_expiry"]
    assert len(told) == messages, "once for each step, however often the night comes"
    assert all(given["mchid"] in row.facts["mchid"] and row.to_masked == "138****8000" for row in told)
    async with connected.database.tenant(school.id) as session:
        assert await expiry.count(session, desk.maker.actor) == listed


async def test_keys_that_came_by_a_declaration_are_watched_too(connected, school, desk, outside_world, maker):
    await families.collect_at(connected, school, outside_world)
    account_id = school.trade.account_id
    before = await desk.read(account_id)
    assert {key["fingerprint"] for key in before["keys"]} == {""}
    await expiry.look(connected, school.id)
    after = await desk.read(account_id)
    noted = {key["name"]: key for key in after["keys"] if key["fingerprint"]}
    assert {"apiv3_key", "merchant_private_key", "merchant_certificate"} <= set(noted)
    assert {key["set_by"] for key in noted.values()} == {"租户声明"}
    assert after["expires_at"]
    asked = (await desk.replace(account_id, {"app_secret": "another"})).json()
    assert (await desk.agree(asked["approval_id"])).status_code == 200
