"""A server that dies under `banyan run` comes back where it was, with what it had to keep."""

import queue

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis

from core.supervisor import EmbeddedPostgres, EmbeddedRedis, kept_alive, roles
from core.supervisor.guarded import listens

pytestmark = pytest.mark.long

PATIENCE_SECONDS = 60


def listener_on(port: int) -> psutil.Process:
    [pid] = {c.pid for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.laddr.port == port and c.pid}
    return psutil.Process(pid)


class Asked(EmbeddedRedis):
    """A Redis whose first revival fails."""

    refusals = 1

    def revive(self) -> None:
        if self.refusals:
            self.refusals -= 1
            self.stop()
            raise OSError("no room")
        super().revive()


async def test_a_database_killed_with_9_comes_back_on_its_port_with_every_commit(tmp_path):
    with EmbeddedPostgres(tmp_path / "postgres", fast=True) as server:
        server.psql("CREATE TABLE kept (fen bigint); INSERT INTO kept VALUES (77)", "banyan")
        said: queue.Queue[str] = queue.Queue()
        address = server.url(roles.SUPERUSER, roles.DATABASE)
        with kept_alive(server, write=said.put):
            victim = listener_on(server.port)
            victim.kill()
            assert "starts again" in said.get(timeout=PATIENCE_SECONDS)
            while server.died() or not listens(server.port) or not await answers(address):
                psutil.wait_procs([victim], timeout=0.1)
            connection = await asyncpg.connect(address)
            assert await connection.fetchval("SELECT fen FROM kept") == 77
            await connection.close()
    assert not listens(server.port)


async def test_a_server_that_cannot_come_back_at_once_is_tried_again(tmp_path):
    with Asked(tmp_path / "redis") as server:
        url, said = server.url, queue.Queue()
        with kept_alive(server, write=said.put):
            listener_on(server.port).kill()
            assert "starts again" in said.get(timeout=PATIENCE_SECONDS)
            assert "no room" in said.get(timeout=PATIENCE_SECONDS)
            assert "starts again" in said.get(timeout=PATIENCE_SECONDS)
        async with Redis.from_url(url) as friend:
            assert await friend.ping()


async def answers(address: str) -> bool:
    try:
        await (await asyncpg.connect(address)).close()
    except (OSError, asyncpg.PostgresError):
        return False
    return True
