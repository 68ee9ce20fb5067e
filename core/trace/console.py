"""The penny trace in the console: one field for any number, one page for the life of the money behind it."""

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.trace import rights, service
from core.trace.errors import NumberUnknown
from core.web.error_words import translated
from core.web.templating import render

PATH = "/console/trace"
READ = {"permission": rights.READ}


@get(PATH, opt=READ, include_in_schema=False)
async def trace_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    number: FromQuery[str] = "",
    choose: FromQuery[str] = "",
) -> Response:
    """Paste a number, see everything."""
    if not number.strip():
        return render(request, "trace/trace.html", number="", trace=None, choices=[], unknown="")
    try:
        answer = await service.trace(session, number, actor, choose, tuple(platform.channels))
    except NumberUnknown as error:
        shown = {"number": number, "trace": None, "choices": [], "unknown": translated(error)}
        return render(request, "trace/trace.html", status=404, **shown)
    return render(
        request, "trace/trace.html", number=number, trace=answer.trace, choices=answer.choices, unknown="",
        may=lambda right: actor.may(right), books_linked=rights.whole(actor, rights.BOOKS),
    )  # fmt: skip


ROUTES = [trace_page]
