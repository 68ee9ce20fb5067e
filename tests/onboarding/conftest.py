"""A client with two people at its desk, and the branch that looks at its cases."""

import msgspec
import pytest

from core import ids
from core.identity.actor import Actor

PDF = b"%PDF-1.7 a licence"
FACTS = {
    "legal_name": "样例甲学校", "uscc": "91350100M000100Y43", "person": "欧阳小明", "person_id": "11010519491231002X", "industry": "8211",
    "scope": "全日制初中教育", "account_holder": "样例甲学校", "account_bank": "榕城银行北城支行", "account_number": "6229 0800 0000 0000 010",
    "contact_name": "张三", "contact_phone": "13800138000", "channels": ["wechatpay"], "settlement_days": 1,
}  # fmt: skip
WANTED = ("business_licence", "legal_id", "account_permit", "permit")
RATES = [{"channel": "wechatpay", "rate_ppm": 6000, "cap_fen": 3500}]
REVIEW = ("tenancy.client.read", "tenancy.merchant.read", "tenancy.merchant.manage")


class Desk(msgspec.Struct):
    """Everybody who has a word in a case, over HTTP."""

    client: object
    maker: object
    signatory: object
    branch: object

    async def begin(self, code: str = "MEAL") -> str:
        body = {"code": code, "name": "食堂餐费户"}
        answer = await self.maker.post("/api/v1/onboarding-cases", json=body, headers={"idempotency-key": ids.token()})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def read(self, case_id: str) -> dict:
        return (await self.maker.get(f"/api/v1/onboarding-cases/{case_id}")).json()

    async def save(self, case_id: str, **changed):
        version = (await self.read(case_id))["version"]
        return await self.maker.put(f"/api/v1/onboarding-cases/{case_id}", json=FACTS | {"version": version} | changed)

    async def attach(self, case_id: str, kind: str, content: bytes = PDF, name: str = "执照.pdf"):
        files = {"file": (name, content, "application/pdf")}
        return await self.maker.post(f"/console/onboarding/{case_id}/documents", data={"kind": kind}, files=files)

    async def filled(self, **changed) -> str:
        """A draft with everything in it."""
        case_id = await self.begin()
        answer = await self.save(case_id, **changed)
        assert answer.status_code == 200, answer.text
        for kind in WANTED:
            assert (await self.attach(case_id, kind)).status_code == 303
        return case_id

    async def submit(self, case_id: str):
        return await self.maker.post(f"/api/v1/onboarding-cases/{case_id}/submit")

    async def review(self, case_id: str, outcome: str, who=None, **more):
        path = f"/api/v1/clients/{self.client.id}/onboarding-cases/{case_id}/review"
        return await (who or self.branch).post(path, json={"outcome": outcome} | more)

    async def channel(self, case_id: str, outcome: str = "approve", channel: str = "wechatpay", **more):
        path = f"/api/v1/clients/{self.client.id}/onboarding-cases/{case_id}/channel-results"
        return await self.branch.post(path, json={"channel": channel, "outcome": outcome} | more)

    async def sign(self, case_id: str, outcome: str = "confirm", who=None, **more):
        path = f"/api/v1/onboarding-cases/{case_id}/sign"
        return await (who or self.signatory).post(path, json={"outcome": outcome} | more)

    async def until(self, status: str, **changed) -> str:
        """A case that stands at a state."""
        case_id = await self.filled(**changed)
        steps = [
            ("submitted", lambda: self.submit(case_id)),
            ("bank_review", lambda: self.review(case_id, "take")),
            ("channel_review", lambda: self.review(case_id, "approve", rates=RATES)),
            ("signing", lambda: self.channel(case_id, reference="1900000109")),
            ("active", lambda: self.sign(case_id)),
        ]
        for name, step in steps:
            if (await self.read(case_id))["status"] == status:
                break
            answer = await step()
            assert (answer.status_code, answer.json()["status"]) == (200, name), answer.text
        return case_id


@pytest.fixture
async def desk(client, staff, bank):
    made = await client(plugins=(), kind="school_group")
    return Desk(
        made,
        await staff(made, "tenancy.merchant.read", "onboarding.case.manage", "payments.channel.read", name="管理员甲"),
        await staff(made, "tenancy.merchant.read", "onboarding.case.sign", name="校长乙"),
        await staff(bank.id, *REVIEW, name="网点丙"),
    )


@pytest.fixture
def nobody(desk):
    return Actor(kind="user", id="nobody", name="无名", tenant_id=desk.client.id)
