"""Template messages over the sandbox's wire: token, send, the signed push, and an SMS in the place of what WeChat refuses."""

import httpx
import msgspec
import pytest
from sqlalchemy import text

from core.identity.actor import system
from core.notices import rules, sending, wechat_wire
from core.notices.rules import WechatSecrets, WechatWrite
from core.sandbox import wallet
from core.sandbox.wechatpay.template_messages import signed, told
from tests import families
from tests.notices.test_sending_rules import bill_and_tell, noon, outside, parent, states

__all__ = ["noon", "outside", "parent"]
TOKEN = "sandbox-token"


@pytest.fixture
async def account(platform, school, parent, connected, outside_world):
    """The school's official account, which the mother follows."""
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as asking:
        given = (await asking.post("/sandbox/api/wechatpay/merchants", json={"name": school.client.name})).json()
    appid, secret = given["appid"], given["credentials"]["app_secret"]
    async with platform.database.tenant(school.id) as session:
        keys = await platform.vault.keys(session)
        write = WechatWrite(appid=appid, secret=secret, token=TOKEN, base_url=outside_world)
        held = await rules.save_wechat(session, keys, write, system(school.id), outside_world)
        openids = msgspec.json.encode({appid: wallet.openid(appid, "lin")}).decode()
        await session.execute(text("UPDATE core.payer SET openids = CAST(:openids AS jsonb)"), {"openids": openids})
    return held


async def use_template(staff, school) -> None:
    desk = await staff(school, "notices.manage")
    words = {"title": "账单", "inbox": "{{ name }}", "sms": "【{{ client }}】{{ title }}", "wechat": {"first": "{{ name }} {{ amount }}"}, "template_id": "TM1"}
    assert (await desk.put("/api/v1/notice-templates/bill_issued/zh", json=words)).status_code == 200


async def test_a_follower_gets_a_template_message_and_its_push_says_that_it_arrived(
    platform, school, account, noon, outside, staff, web
):
    await use_template(staff, school)
    await bill_and_tell(platform, school)
    await sending.send_due(platform, school.id)
    (sent,) = [n for n in await families.notices(platform, school.id) if n.event == "bill_issued"]
    assert (sent.means, sent.status) == ("wechat", "sent")
    openid = wallet.openid(account.appid, "lin")
    (kept,) = (await outside.get("/sandbox/api/wechat-messages", params={"openid": openid})).json()
    assert (kept["template_id"], kept["fields"]) == ("TM1", {"first": "张** 950.00"})
    assert f"/bills/{sent.bill_id}" in kept["url"]
    assert "张** 950.00" in (await outside.get("/wechat-messages")).text
    door = f"/notify/wechat-messages/{school.client.code}"
    push = told(openid, kept["msgid"], "success").encode()
    assert (await web.post(door, params=signed("guessed"), content=push)).status_code == 401
    assert (await web.post(door, params=signed(TOKEN), content=push)).text == "success"
    assert (await web.post(door, params=signed(TOKEN), content=push)).text == "success", "again changes nothing"
    assert (await web.post(door, params=signed(TOKEN), content=told(openid, 1, "success").encode())).status_code == 503
    assert (await web.get(door, params={**signed(TOKEN), "echostr": "hello"})).text == "hello"
    assert (await web.post("/notify/wechat-messages/nobody", content=push)).status_code == 404
    assert [state for state, _ in await states(platform, school)] == ["delivered"]


@pytest.mark.parametrize("fault", ["text_refuse", None])
async def test_what_wechat_does_not_take_goes_by_text_message(platform, school, account, noon, outside, staff, fault):
    if fault:
        await use_template(staff, school)
        await outside.put("/sandbox/api/faults", json={"faults": [{"kind": fault, "mchid": account.appid, "remaining": 1}]})
    await bill_and_tell(platform, school)
    await sending.send_due(platform, school.id)
    found = {n.means: n.status for n in await families.notices(platform, school.id) if n.event == "bill_issued"}
    assert found == {"wechat": "failed", "sms": "queued"}
    await sending.send_due(platform, school.id)
    found = {n.means: n.status for n in await families.notices(platform, school.id) if n.event == "bill_issued"}
    assert found == {"wechat": "failed", "sms": "sent"}


async def test_the_same_number_is_the_same_message_to_wechat(platform, school, account, outside, outside_world):
    openid = wallet.openid(account.appid, "lin")
    async with platform.database.tenant(school.id) as session:
        secrets = await rules.wechat_secrets(session, await platform.vault.keys(session))
    message = wechat_wire.TemplateMessage(openid, "T", "", {"first": "x"})
    one = await wechat_wire.send(platform, account, secrets, "N1", message)
    assert one == await wechat_wire.send(platform, account, secrets, "N1", message)
    assert one.state == "taken"
    wechat_wire._tokens.clear()
    assert (await wechat_wire.send(platform, account, WechatSecrets("wrong", ""), "N2", message)).state == "again"
    stranger = wechat_wire.TemplateMessage("onobody", "T", "", {"first": "x"})
    assert (await wechat_wire.send(platform, account, secrets, "N3", stranger)).state == "refused"


@pytest.mark.parametrize(
    "body",
    [b"", b"<xml>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml><Event>&a;</Event></xml>", b"<xml><Event>subscribe</Event></xml>", b"x" * 30_000],
)
def test_a_push_that_says_nothing_of_ours_is_read_as_nothing(body):
    assert wechat_wire.read_push(body) is None


async def test_the_account_is_set_by_staff_and_its_secret_never_shown(school, account, connected, staff):
    desk = await staff(school, "notices.manage")
    page = (await desk.get("/console/notice-rules")).text
    assert account.appid in page
    form = {"appid": "wx1", "secret": "s3cr3t-value", "token": "t", "base_url": "https://evil.example"}
    assert (await desk.post("/console/notice-rules/wechat", data=form)).status_code == 422
    kept = await desk.post("/console/notice-rules/wechat", data={**form, "base_url": rules.REAL_WECHAT}, follow_redirects=True)
    assert "公众号已保存" in kept.text
    assert "s3cr3t-value" not in kept.text


async def test_the_account_is_set_by_a_program_and_its_secrets_never_come_back(platform, school, staff, outside_world):
    desk, address = await staff(school, "notices.manage"), "/api/v1/notice-rules/wechat"
    given = {"appid": "wx1234567890", "secret": "s" * 32, "token": TOKEN}
    answer = await desk.put(address, json=given)
    assert (answer.status_code, answer.json()["appid"], answer.json()["base_url"]) == (200, "wx1234567890", rules.REAL_WECHAT)
    assert given["secret"] not in answer.text
    assert TOKEN not in (await desk.get(address)).text
    assert (await desk.put(address, json={"appid": "wx2"})).json()["appid"] == "wx2", "the secret that is there stays"
    async with platform.database.tenant(school.id) as session:
        kept = await rules.wechat_secrets(session, await platform.vault.keys(session))
    assert (kept.secret, kept.token) == (given["secret"], TOKEN)
    refused = await desk.put(address, json=given | {"base_url": "https://evil.example"})
    assert (refused.status_code, refused.headers["content-type"].split(";")[0]) == (422, "application/problem+json")
    assert (await desk.put(address, json=given | {"more": 1})).status_code in (400, 422)
    reader = await staff(school, "notices.read")
    for ask in (reader.get(address), reader.put(address, json=given)):
        assert (await ask).status_code == 403
