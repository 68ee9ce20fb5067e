"""How a handler comes by what it asks for."""

import asyncio

from litestar import Litestar, get
from litestar.di import NamedDependency, Provide
from litestar.testing import AsyncTestClient

from core import door

ORDER: list[tuple[str, asyncio.Task]] = []


async def _session() -> str:
    ORDER.append(("session", asyncio.current_task()))
    return "s"


async def _client() -> str:
    ORDER.append(("client", asyncio.current_task()))
    return "c"


@get("/")
async def _handler(session: NamedDependency[str], client: NamedDependency[str]) -> str:
    ORDER.append(("handler", asyncio.current_task()))
    return session + client


async def test_what_a_handler_needs_is_found_in_turn_by_one_task_and_the_transaction_opens_last():
    app = Litestar([_handler], dependencies={"session": Provide(_session), "client": Provide(_client)}, openapi_config=None)
    door.one_after_another(app)
    async with AsyncTestClient(app) as asking:
        assert (await asking.get("/")).text == "sc"
    assert [name for name, _ in ORDER] == ["client", "session", "handler"]
    assert len({task for _, task in ORDER}) == 1
