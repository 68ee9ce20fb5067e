"""A merchant number collects when a second person has agreed, and its secrets go in and never come out."""

import asyncio
import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from core import clock, ids
from core.payments import service as payments
from tests import families

SECRETS = ("apiv3_key", "merchant_private_key", "app_secret")


def certificate(days: int) -> str:
    """A certificate that ends in so many days."""
    key, now = rsa.generate_private_key(65537, 2048), clock.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "测试商户")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    made = builder.not_valid_before(now - dt.timedelta(days=400)).not_valid_after(now + dt.timedelta(days=days)).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


async def offered(platform, school) -> list[str]:
    async with platform.database.tenant(school.id) as session:
        return [option.channel for option in await payments.payment_options(platform, session, families.PHONE, 100)]


async def everything(platform, school) -> str:
    """All that the database, but for what is sealed, holds of the client."""
    async with platform.database.tenant(school.id) as session:
        tables = ("channel_account", "approval", "audit_log", "idempotency", "channel_draft")
        return "".join([str(await session.all(text(f"SELECT to_jsonb(t)::text FROM core.{name} t"))) for name in tables])


async def test_a_merchant_number_collects_once_a_second_person_agreed(connected, school, desk, given):
    asked = (await desk.propose(given)).json()
    assert (await desk.read(asked["account_id"]))["status"] == "pending"
    assert await offered(connected, school) == []
    await desk.agree(asked["approval_id"])
    assert await offered(connected, school) == ["wechatpay"]
    shown = await desk.read(asked["account_id"])
    assert shown["status"] == "active"
    assert shown["missing"] == []
    entered = {key["name"]: key for key in shown["keys"] if key["fingerprint"]}
    assert set(entered) == set(given["credentials"])
    assert {(key["set_by"], key["checked_by"]) for key in entered.values()} == {("经办甲", "复核乙")}


async def test_nobody_agrees_to_their_own_keys(staff, school, desk, given):
    both = await staff(school, "payments.channel.read", "payments.channel.manage", "payments.channel.check")
    desk.maker = both
    asked = (await desk.propose(given)).json()
    answer = await desk.agree(asked["approval_id"], who=both)
    assert (answer.status_code, answer.json()["code"]) == (409, "SELF_APPROVAL")
    assert (await desk.read(asked["account_id"]))["status"] == "pending"


async def test_secrets_are_never_shown_again(connected, school, desk, given):
    account_id = await desk.opened(given)
    await desk.replace(account_id, {"apiv3_key": given["credentials"]["apiv3_key"]})
    pages = [await desk.maker.get(path) for path in ("/console/channels", f"/console/channels/{account_id}", "/api/v1/channel-accounts")]
    approvals = (await desk.checker.get("/api/v1/approvals?tab=decided")).text + (await desk.checker.get("/api/v1/approvals")).text
    shown = "".join(page.text for page in pages) + approvals + await everything(connected, school)
    assert {page.status_code for page in pages} == {200}
    for name in SECRETS:
        lines = [line for line in given["credentials"][name].splitlines() if not line.startswith("-----")]
        assert not [line for line in lines if line in shown], name


async def test_the_form_gives_back_no_secret_when_something_is_wrong(desk, given):
    form = {f"key.{name}": value for name, value in given["credentials"].items()} | {"channel": "wechatpay", "mchid": "坏的", "reason": "x"}
    page = await desk.maker.post("/console/channels", data=form)
    assert page.status_code == 422
    assert "密钥没有保存" in page.text
    assert given["credentials"]["apiv3_key"] not in page.text
    assert given["credentials"]["merchant_private_key"].splitlines()[1] not in page.text


async def test_the_same_submission_twice_is_one_proposal(desk, given):
    key = ids.token()
    first, second = await desk.propose(given, key), await desk.propose(given, key)
    assert first.json() == second.json()
    assert (await desk.propose(given | {"name": "别的"}, key)).status_code == 409
    assert (await desk.propose(given)).json()["code"] == "CHANNEL_ACCOUNT_KNOWN"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"merchant_private_key": "not a key"}, "CREDENTIAL_INVALID"),
        ({"merchant_private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"}, "CREDENTIAL_INVALID"),
        ({"merchant_certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}, "CREDENTIAL_INVALID"),
        ({"apiv3_key": "two\nlines"}, "CREDENTIAL_INVALID"),
        ({"apiv3_key": ""}, "CREDENTIAL_INVALID"),
        ({"apiv3_key": "x" * 30_000}, "CREDENTIAL_INVALID"),
        ({"made_up": "x"}, "CREDENTIAL_INVALID"),
    ],
)
async def test_what_is_not_a_key_is_refused_at_the_door(desk, given, change, code):
    answer = await desk.propose(given | {"credentials": given["credentials"] | change})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await desk.maker.get("/api/v1/channel-accounts")).json()["items"] == []


@pytest.mark.parametrize("change", [{"environment": "http://169.254.169.254"}, {"environment": ""}, {"mchid": "../../x"}, {"channel": "nobody"}])
async def test_nobody_types_where_the_money_travels(desk, given, change):
    answer = await desk.propose(given | change)
    assert answer.status_code == 422
    assert (await desk.maker.get("/api/v1/channel-accounts")).json()["items"] == []


async def test_a_certificate_that_has_ended_is_refused(desk, given):
    answer = await desk.propose(given | {"credentials": given["credentials"] | {"merchant_certificate": certificate(-1)}})
    assert (answer.status_code, "已经过期" in answer.text) == (422, True)


async def test_a_second_proposal_waits_for_the_first_one_to_be_decided(desk, given):
    account_id = await desk.opened(given)
    asked = (await desk.replace(account_id, {"apiv3_key": "a" * 32})).json()
    again = await desk.replace(account_id, {"apiv3_key": "b" * 32})
    assert (again.status_code, again.json()["code"]) == (409, "ALREADY_WAITING")
    assert (await desk.agree(asked["approval_id"])).status_code == 200, "the refused one did not take the first one's keys away"


async def test_a_stopped_number_is_offered_no_more_and_resumes(connected, school, desk, given):
    account_id = await desk.opened(given)
    answer = await desk.maker.post(f"/api/v1/channel-accounts/{account_id}/status", json={"status": "suspended", "reason": "换行"})
    assert answer.json()["status"] == "suspended"
    assert await offered(connected, school) == []
    await desk.maker.post(f"/api/v1/channel-accounts/{account_id}/status", json={"status": "active", "reason": "好了"})
    assert await offered(connected, school) == ["wechatpay"]


async def test_a_number_that_waits_for_its_second_person_cannot_be_switched_on(connected, school, desk, given):
    asked = (await desk.propose(given)).json()
    path = f"/api/v1/channel-accounts/{asked['account_id']}/status"
    for target in ("active", "suspended", "pending"):
        assert (await desk.maker.post(path, json={"status": target, "reason": "想绕过复核"})).status_code == 409
    assert await offered(connected, school) == []


async def test_another_client_and_people_without_the_right_find_nothing(staff, client, school, desk, given):
    account_id = await desk.opened(given)
    stranger = await staff(await client(plugins=()), "payments.channel.read", "payments.channel.manage")
    assert (await stranger.get(f"/api/v1/channel-accounts/{account_id}")).status_code == 404
    assert (await stranger.post(f"/api/v1/channel-accounts/{account_id}/probe")).status_code == 404
    clerk = await staff(school, "payments.order.read")
    for path in ("/console/channels", "/console/channels/routes", "/console/channels/codes", "/api/v1/channel-accounts"):
        assert (await clerk.get(path)).status_code == 403
    reader = await staff(school, "payments.channel.read")
    assert (await reader.post(f"/api/v1/channel-accounts/{account_id}/probe")).status_code == 403


async def test_the_checker_sees_fingerprints_and_the_work_list_says_so(desk, given):
    asked = (await desk.propose(given)).json()
    home = (await desk.checker.get("/console")).text
    assert "收款密钥待复核" in home
    page = (await desk.checker.get(f"/console/approvals/{asked['approval_id']}")).text
    assert "APIv3 密钥" in page
    assert given["mchid"] in page
    assert given["credentials"]["apiv3_key"] not in page
    english = (await desk.maker.get(f"/console/channels/{asked['account_id']}?lang=en")).text
    assert "Keys wait for a second person" in english
    assert "更换密钥" not in english


async def test_two_checkers_at_once_put_the_keys_in_force_once(connected, school, desk, given, staff):
    asked = (await desk.propose(given)).json()
    checkers = [await staff(school, "payments.channel.read", "payments.channel.check", name=f"复核{n}") for n in range(3)]
    answers = await asyncio.gather(*(desk.agree(asked["approval_id"], who=who) for who in checkers))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    async with connected.database.tenant(school.id) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.audit_log WHERE action = 'payments.channel.add'")) == 1
        assert await session.scalar(text("SELECT count(*) FROM core.channel_draft")) == 0


async def test_a_proposal_sent_back_leaves_the_number_as_it_was(connected, school, desk, given):
    account_id = await desk.opened(given)
    asked = (await desk.replace(account_id, {"apiv3_key": "z" * 32})).json()
    path = f"/api/v1/approvals/{asked['approval_id']}/reject"
    assert (await desk.checker.post(path, json={"remark": "指纹对不上"})).status_code == 200
    assert (await desk.probe(account_id))["ok"]
    assert (await desk.read(account_id))["previous_until"] is None
