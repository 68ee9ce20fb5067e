"""The payer's fixtures for this folder, and a program that acts for a payer."""

import contextlib

import httpx
import pytest

from tests.payer_fixtures import connected, outside_world, roster, school, sms

__all__ = ["connected", "outside_world", "roster", "school", "sms"]


class Program:
    """A mini-app: shows its session's token, and takes every new one it is given."""

    def __init__(self, app, school) -> None:
        self.root = f"/api/v1/payer/{school.client.code}"
        transport = httpx.ASGITransport(app, client=("198.51.100.20", 4711))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://banyan.test")

    async def begin(self) -> "Program":
        self._keep((await self.http.post(f"{self.root}/session")).json())
        return self

    async def get(self, path: str, **more) -> httpx.Response:
        return await self.http.get(self.root + path, **more)

    async def post(self, path: str, body: dict | None = None, key: str | None = None) -> httpx.Response:
        headers = {"idempotency-key": key} if key else {}
        answer = await self.http.post(self.root + path, json=body, headers=headers)
        if answer.is_success and isinstance(answer.json(), dict):
            self._keep(answer.json())
        return answer

    async def delete(self, path: str) -> httpx.Response:
        return await self.http.delete(self.root + path)

    def _keep(self, answer: dict) -> None:
        if "token" in answer:
            self.http.headers["authorization"] = f"Bearer {answer['token']}"


@pytest.fixture
async def program(app):
    """`await program(school)`: a program with a fresh session of that school's payers."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(school) -> Program:
            made = Program(app, school)
            stack.push_async_callback(made.http.aclose)
            return await made.begin()

        yield make
