"""A school whose tickets are issued by the sandbox's platforms."""

import httpx

from core.identity.actor import system
from core.receipts import setup
from core.receipts.setup import IssuerWrite


class Outside:
    """The platforms as a tester sees them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.AsyncClient(base_url=url, trust_env=False)

    async def register(self, kind: str, **given: object) -> dict:
        """A unit on record with its keys."""
        answer = await self.http.post(f"/sandbox/api/{kind}/units", json={"name": "榕城市云溪实验学校", **given})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def ticket(self, unit: dict, number: str) -> dict | None:
        """A ticket as the platform keeps it."""
        answer = await self.http.get(f"/sandbox/api/{unit['kind']}/units/{unit['app_id']}/tickets/{number}")
        return answer.json() if answer.status_code == 200 else None

    async def misbehave(self, unit: dict, *faults: dict) -> None:
        """Faults for this unit alone; none makes it well-behaved."""
        kept = (await self.http.get("/sandbox/api/faults/", follow_redirects=True)).json()["faults"]
        others = [fault for fault in kept if fault["mchid"] != unit["app_id"]]
        mine = [{**fault, "mchid": unit["app_id"]} for fault in faults]
        answer = await self.http.put("/sandbox/api/faults/", json={"faults": others + mine}, follow_redirects=True)
        assert answer.status_code == 200, answer.text


async def opened(platform, school, unit: dict, items: list[str], **given: object) -> None:
    """The school has tickets for these fee items issued at a unit's platform."""
    async with platform.database.tenant(school.id) as session:
        keys = await platform.vault.keys(session)
        written = IssuerWrite(
            base_url=unit["base_url"], app_id=unit["app_id"], secret=unit["secret"], name=unit["name"], code=unit["unit_code"],
            drawer="王会计", title="非税收入统一票据（电子）", items=items, **given,
        )  # fmt: skip
        await setup.save(session, keys, unit["kind"], written, system(school.id), platform.settings.sandbox_url)
