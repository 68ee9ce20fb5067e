"""A chain of pharmacies with robots: a shop at the sandbox, a mailbox, an authorisation, and days that go well or wrong."""

import base64
import contextlib
import datetime as dt
from uuid import UUID

import httpx
import msgspec
from sqlalchemy import text

from core import clock
from core.identity.actor import Actor
from core.jobs import runner
from plugins.medical.robots import authorising, repository, service, tasks
from plugins.medical.robots.schemas import DraftWrite, RobotWrite, StoreLink
from tests.medical.hospitals import Hospital

DAY = clock.today() - dt.timedelta(days=1)
NUMBERS = {"MT-1": "S001", "MT-2": "S002"}


class Pharmacy(msgspec.Struct):
    """`operator` runs robots, `signer` and `other` are the pharmacy's finance."""

    platform: object
    hospital: Hospital
    outside: httpx.AsyncClient
    operator: Actor
    signer: Actor
    other: Actor

    @property
    def id(self) -> UUID:
        return self.hospital.id

    def tenant(self):
        return self.platform.database.tenant(self.id)

    async def shop(self, platform: str = "meituan") -> dict:
        """A shop at the sandbox."""
        return await self.ask("POST", "/shops", {"platform": platform, "name": "榕医连锁药房"})

    async def box(self) -> dict:
        """A mailbox at the sandbox."""
        return await self.ask("POST", "/mailboxes", {"name": "账单"})

    async def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        answer = await self.outside.request(method, f"/sandbox/api{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    async def switch(self, shop: dict, **switches: object) -> None:
        await self.ask("PUT", f"/shops/{shop['code']}/switches", switches)

    async def fill(self, shop: dict, day: dt.date = DAY, count: int = 12) -> list[dict]:
        """A day's orders at the platform."""
        return await self.ask("PUT", f"/shops/{shop['code']}/days/{day}", {"stores": list(NUMBERS), "count": count})

    async def file(self, shop: dict, day: dt.date = DAY) -> bytes:
        """A day's file as the platform has it."""
        return (await self.outside.get(f"/sandbox/api/shops/{shop['code']}/days/{day}/file")).content

    async def mail(self, box: dict, kind: str = "statement", content: bytes = b"", suffix: str = "csv", **given: object) -> None:
        """A mail arrives."""
        told = {"day": DAY.isoformat(), "kind": kind, "statement": base64.b64encode(content).decode(), "suffix": suffix}
        await self.ask("POST", f"/mailboxes/{box['login']}/mails", told | given)

    async def robot(self, way: str, account: dict, platform: str = "meituan", **given: object) -> UUID:
        """A robot, on, that runs at any hour."""
        told = {"name": f"机器人{account['login']}", "platform": platform, "way": way, "address": account["address"], "login": account["login"],
                "secret": account["password"], "hour": 0, "stores": [StoreLink(number, code) for number, code in NUMBERS.items()]}  # fmt: skip
        async with self.tenant() as session:
            keys = await self.platform.vault.keys(session)
            robot_id = await service.save(session, keys, RobotWrite(**told | given), self.operator, self.platform.settings.sandbox_url)
            await service.switch(session, robot_id, True, self.operator)
        return robot_id

    async def authorise(self, robot_id: UUID, begins: int = -10, ends: int = 10) -> UUID:
        """Drafted by the operator, signed by the pharmacy's finance."""
        today = clock.today()
        days = DraftWrite(valid_from=today + dt.timedelta(days=begins), valid_to=today + dt.timedelta(days=ends))
        async with self.tenant() as session:
            keys = await self.platform.vault.keys(session)
            made = await authorising.draft(session, keys, robot_id, days, self.operator)
            row = await authorising.find(session, made, None)
            await authorising.sign(session, made, authorising.hash_of(row), self.signer)
        return made

    async def revoke(self, authorisation_id: UUID) -> None:
        async with self.tenant() as session:
            await authorising.revoke(session, authorisation_id, "合作终止", self.signer)

    async def beat(self) -> None:
        """What a worker does: the pulse's step, and the jobs that it began."""
        await tasks.send_due(self.platform, self.id)
        while await runner.run_next(self.platform, self.id):
            pass

    async def later(self) -> None:
        """Ten minutes pass, and a worker comes."""
        async with self.tenant() as session:
            await session.execute(text("UPDATE medical.robot_task SET next_at = now() - interval '1 second' WHERE next_at IS NOT NULL"))
        await self.beat()

    async def run(self, robot_id: UUID, day: dt.date = DAY):
        """A robot's day as it stands."""
        async with self.tenant() as session:
            return await repository.find_day(session, robot_id, day)

    async def log(self, task_id: UUID) -> list[tuple[str, str]]:
        async with self.tenant() as session:
            return [(row.step, row.told) for row in await repository.list_log(session, task_id)]

    async def artefacts(self, task_id: UUID) -> dict[str, bytes]:
        """What is kept of a run, opened, by kind."""
        async with self.tenant() as session:
            keys = await self.platform.vault.keys(session)
            rows = [await repository.find_artefact(session, task_id, row.id) for row in await repository.list_artefacts(session, task_id)]
        return {row.kind: keys.open_bytes(row.content_sealed) for row in rows}

    async def count(self, table: str) -> int:
        async with self.tenant() as session:
            return await session.scalar(text(f"SELECT count(*) FROM medical.{table}"))


@contextlib.asynccontextmanager
async def found(platform, hospital: Hospital, sandbox_url: str):
    """The pharmacy's people and the sandbox."""
    everything = hospital.maker.rights
    people = [msgspec.structs.replace(hospital.maker, id=str(i), name=name, rights=everything) for i, name in enumerate(("余机器", "姚药房", "柳药房"), 1)]
    async with httpx.AsyncClient(base_url=sandbox_url, trust_env=False, timeout=60) as outside:
        yield Pharmacy(platform, hospital, outside, *people)
