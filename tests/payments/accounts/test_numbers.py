"""A merchant number is declared by one client only; behind one service provider every client has its own."""

import httpx
import pytest
from sqlalchemy import text

from core import ids
from tests.payments.accounts.conftest import CHECKER, MAKER, Desk


@pytest.fixture
async def neighbour(client, staff):
    """The desk of another client."""
    made = await client(plugins=())
    return Desk(await staff(made, *MAKER, name="邻居甲"), await staff(made, *CHECKER, name="邻居乙")), made


async def test_a_number_that_another_client_declared_is_refused_without_saying_whose_it_is(connected, school, desk, given, neighbour):
    theirs, made = neighbour
    assert (await desk.propose(given)).status_code == 201
    answer = await theirs.propose(given)
    assert (answer.status_code, answer.json()["code"]) == (409, "MERCHANT_NUMBER_TAKEN"), answer.text
    assert given["mchid"] in answer.text and "开户网点" in answer.json()["detail"]
    assert school.client.name not in answer.text and school.client.code not in answer.text
    async with connected.database.tenant(made.id) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.channel_account")) == 0
        assert await session.scalar(text("SELECT count(*) FROM core.approval")) == 0
    english = await theirs.maker.post(
        "/api/v1/channel-accounts?lang=en", json=given, headers={"idempotency-key": ids.token(), "accept-language": "en"}
    )
    assert english.json()["code"] == "MERCHANT_NUMBER_TAKEN"


async def test_the_page_says_so_beside_what_was_typed(desk, given, neighbour):
    theirs, _made = neighbour
    await desk.propose(given)
    typed = {name: given[name] for name in ("channel", "mchid", "appid", "environment", "reason")}
    typed |= {f"key.{name}": value for name, value in given["credentials"].items()}
    page = await theirs.maker.post("/console/channels", data=typed)
    assert page.status_code == 409
    assert "一个商户号只属于一家客户" in page.text


async def test_ones_own_number_again_is_known(desk, given):
    await desk.propose(given)
    assert (await desk.propose(given)).json()["code"] not in ("MERCHANT_NUMBER_TAKEN", "INTERNAL")


async def test_behind_one_service_provider_every_client_has_a_number_of_its_own(desk, given, neighbour, outside_world):
    theirs, _made = neighbour
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as outside:
        first = (await outside.post("/sandbox/api/wechatpay/merchants", json={"name": "甲", "mode": "partner"})).json()
        shared = {"name": "乙", "mode": "partner", "sp_mchid": first["credentials"]["sp_mchid"]}
        second = (await outside.post("/sandbox/api/wechatpay/merchants", json=shared)).json()
    assert first["credentials"]["sp_mchid"] == second["credentials"]["sp_mchid"]
    for who, merchant in ((desk, first), (theirs, second)):
        credentials = {name: value for name, value in merchant["credentials"].items() if name != "platform_certificate_serial"}
        mine = given | {"mode": "partner", "mchid": merchant["mchid"], "appid": merchant["appid"], "credentials": credentials}
        answer = await who.propose(mine)
        assert answer.status_code == 201, answer.text
