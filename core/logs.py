"""Logs for machines: one JSON object a line on standard error, with the ids of request, tenant and user, and no personal data.

Who acts is named by id only. What a library or a database error may quote is scrubbed on the way out: phones, ids and card numbers.
"""

import logging
import re
import sys
import time
from typing import TextIO

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict

log = structlog.get_logger()
_LONG_NUMBERS = re.compile(r"(?<![\w.-])(?:1[3-9]\d{9}|\d{15,19}|\d{17}[Xx])(?![\w-])")
_QUOTED_ROW = re.compile(r"(DETAIL:|\[parameters: ).*")
QUIET = ("arq", "httpx", "httpcore", "asyncio", "granian.access", "alembic")


def configure(level: str = "info") -> None:
    """Send structlog's and the libraries' logs to standard error; call once per process."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, scrub, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = _ToStandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                scrub,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(number)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class _ToStandardError(logging.StreamHandler):
    """Writes to whatever standard error is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stderr


class Presence:
    """A server that comes and goes: one line when it is away, one when it is back, however often it is looked for in between."""

    def __init__(self, away: str, back: str) -> None:
        self._away, self._back = away, back
        self._since: float | None = None

    def lost(self, error: object = "") -> None:
        """It did not answer."""
        if self._since is None:
            self._since = time.monotonic()
            log.warning(self._away, error=repr(error))

    def found(self) -> None:
        """It answered."""
        if self._since is not None:
            log.warning(self._back, seconds=round(time.monotonic() - self._since, 1))
            self._since = None


def scrub(_: object, __: str, line: EventDict) -> EventDict:
    """Take out what looks like a phone, an identity or a card number, and rows that a database error quotes."""
    return {name: value if isinstance(value, (bool, int, float, type(None))) else plain(str(value)) for name, value in line.items()}


def plain(text: str) -> str:
    """One text without personal numbers and quoted rows."""
    return _LONG_NUMBERS.sub("***", _QUOTED_ROW.sub(r"\1 ***", text))


class AccessLog:
    """One line for each request: what was asked, what was answered, how long it took. Queries and bodies are not written down."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ("/healthz", "/readyz"):
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            took = round((time.perf_counter() - started) * 1000, 1)
            if not scope["path"].startswith("/static/"):
                log.info("request", method=scope["method"], path=_without_codes(scope["path"]), status=status, milliseconds=took)


def _without_codes(path: str) -> str:
    """A path without the pay codes and tokens that stand in it."""
    return re.sub(r"/(?=[^/]*\d)[A-Za-z0-9_-]{16,}(?=/|$)", _unless_uuid, path)


def _unless_uuid(found: re.Match) -> str:
    is_uuid = re.fullmatch(r"/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", found[0])
    return found[0] if is_uuid else "/***"
