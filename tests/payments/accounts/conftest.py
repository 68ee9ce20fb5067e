"""A school, the sandbox over real HTTP with a merchant number ready for it, a maker and a checker at the desk."""

import httpx
import msgspec
import pytest

from core import ids
from tests.payer_fixtures import connected, outside_world, roster, school

__all__ = ["checker", "connected", "desk", "given", "maker", "outside_world", "roster", "school"]
MAKER = ("payments.channel.read", "payments.channel.manage", "identity.audit.read")
CHECKER = ("payments.channel.read", "payments.channel.check")


@pytest.fixture
async def given(connected, school, outside_world):
    """What the sandbox hands over for a new merchant number, as the API takes it. The platform is in demo mode, where there is a sandbox."""
    connected.settings = msgspec.structs.replace(connected.settings, demo=True)
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as outside:
        merchant = (await outside.post("/sandbox/api/wechatpay/merchants", json={"name": school.client.name})).json()
    credentials = {name: value for name, value in merchant["credentials"].items() if name != "platform_certificate_serial"}
    return {
        "channel": "wechatpay", "mchid": merchant["mchid"], "appid": merchant["appid"], "environment": "sandbox", "reason": "新学期开通",
        "credentials": credentials,
    }  # fmt: skip


@pytest.fixture
async def maker(staff, school):
    return await staff(school, *MAKER, name="经办甲")


@pytest.fixture
async def checker(staff, school):
    return await staff(school, *CHECKER, name="复核乙")


class Desk:
    """The two of them at work."""

    def __init__(self, maker, checker) -> None:
        self.maker, self.checker = maker, checker

    async def propose(self, given: dict, key: str = "") -> httpx.Response:
        return await self.maker.post("/api/v1/channel-accounts", json=given, headers={"idempotency-key": key or ids.token()})

    async def replace(self, account_id: str, credentials: dict, reason: str = "更换密钥") -> httpx.Response:
        body = {"credentials": credentials, "reason": reason}
        path = f"/api/v1/channel-accounts/{account_id}/keys"
        return await self.maker.post(path, json=body, headers={"idempotency-key": ids.token()})

    async def agree(self, approval_id: str, who=None) -> httpx.Response:
        path = f"/api/v1/approvals/{approval_id}/approve"
        return await (who or self.checker).post(path, json={"remark": ""}, headers={"idempotency-key": ids.token()})

    async def opened(self, given: dict) -> str:
        """A merchant number in use; answers its id."""
        asked = (await self.propose(given)).json()
        answer = await self.agree(asked["approval_id"])
        assert answer.status_code == 200, answer.text
        return asked["account_id"]

    async def read(self, account_id: str) -> dict:
        return (await self.checker.get(f"/api/v1/channel-accounts/{account_id}")).json()

    async def probe(self, account_id: str) -> dict:
        answer = await self.maker.post(f"/api/v1/channel-accounts/{account_id}/probe")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def desk(maker, checker):
    return Desk(maker, checker)
