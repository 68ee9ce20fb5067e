"""The embedded Redis: behind a password, forgetful, back on the same address."""

import pytest
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from core.supervisor import EmbeddedRedis


async def test_it_answers_who_knows_the_password_and_nobody_else(redis):
    async with Redis.from_url(redis.url) as friend, Redis(port=redis.port) as stranger:
        assert await friend.ping()
        with pytest.raises(AuthenticationError):
            await stranger.ping()


async def test_a_restart_keeps_the_address_and_forgets_the_rest(tmp_path):
    server = EmbeddedRedis(tmp_path / "redis").start()
    url = server.url
    async with Redis.from_url(url) as before:
        await before.set("woken", 1)
    server.stop()
    with server.start():
        assert server.url == url
        async with Redis.from_url(url) as after:
            assert await after.get("woken") is None
    assert [path.name for path in server.data_dir.iterdir() if path.suffix in (".rdb", ".aof")] == []
