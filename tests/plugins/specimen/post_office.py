"""The outside world of the club, as the sandbox plays it: a post office that stamps what it is sent."""

from litestar import Router, get
from litestar.params import FromPath

from core.sandbox.world import World


@get("/stamps/{number:str}")
async def stamp(number: FromPath[str]) -> dict[str, str]:
    """A letter's stamp."""
    return {"number": number, "stamp": "榕"}


WORLD = World(code="club_post", title="邮局", tables="", routers=[Router("/club-post", route_handlers=[stamp])])
