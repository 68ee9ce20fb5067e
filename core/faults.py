"""Errors on their way out: problem+json (RFC 9457) for programs, a kind page for people."""

import msgspec
import structlog
from asyncpg.exceptions import PostgresConnectionError
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError

from core.database.looking import OnlyLooking
from core.errors import Conflict, InvalidRequest, NotAuthenticated, NotFound, PlatformError, Unavailable
from core.web.error_words import translated
from core.web.templating import redirect, render

log = structlog.get_logger()


class BadRequest(InvalidRequest):
    status = 400
    code = "BAD_REQUEST"
    message = "请求无法读取：{detail}"


class TooLarge(InvalidRequest):
    status = 413
    code = "TOO_LARGE"
    message = "文件或请求太大，最大 20 MB；请拆分后再上传"


class MethodNotAllowed(InvalidRequest):
    status = 405
    code = "METHOD_NOT_ALLOWED"
    message = "此地址不支持这种操作"


class UnexpectedFault(PlatformError):
    code = "UNEXPECTED"
    message = "系统出了意外，我们已经记录；请稍后再试，或把页面编号告诉客服"


def _for_a_program(request: Request) -> bool:
    path = request.url.path
    return path.startswith(("/api/", "/notify/", "/schema")) or "application/json" in request.headers.get("accept", "")


def problem(request: Request, error: PlatformError, extra: object = None) -> Response:
    """RFC 9457: type, title, status, detail, and our stable `code` with its facts."""
    body = {
        "type": f"urn:banyan:problem:{error.code.lower().replace('_', '-')}",
        "title": type(error).__name__,
        "status": error.status,
        "code": error.code,
        "detail": error.message,
        "request_id": request.scope["state"].get("request_id"),
    }
    if error.facts:
        body["facts"] = {key: value for key, value in error.facts.items() if isinstance(value, (str, int, list, dict))}
    if extra:
        body["errors"] = extra
    content = msgspec.json.encode(body, enc_hook=str)
    return Response(content, status_code=error.status, media_type="application/problem+json; charset=utf-8")


def answer(request: Request, error: PlatformError, extra: object = None) -> Response:
    """The error in the asker's own language: JSON or a page; people without a log-in are sent to it."""
    if _for_a_program(request):
        return problem(request, error, extra)
    if isinstance(error, NotAuthenticated) and request.url.path.startswith(("/console", "/bank", "/account")):
        return redirect(request, f"/login?next={request.url.path}")
    return render(
        request, "pages/error.html", status=error.status, error_status=error.status, error_code=error.code,
        error_message=translated(error), request_id=request.scope["state"].get("request_id", ""),
    )


def on_platform_error(request: Request, error: PlatformError) -> Response:
    """An expected outcome."""
    if error.status >= 500:
        log.warning("request_failed", code=error.code, path=request.url.path)
    return answer(request, error)


def on_http_error(request: Request, error: HTTPException) -> Response:
    """What Litestar itself refuses: no such page, a body that does not fit its shape."""
    if isinstance(error, ValidationException):
        return answer(request, InvalidRequest(), error.extra)
    if error.status_code == 404:
        return answer(request, NotFound())
    if error.status_code == 405:
        return answer(request, MethodNotAllowed())
    if error.status_code == 413:
        return answer(request, TooLarge())
    if error.status_code < 500:
        return answer(request, BadRequest(detail=error.detail.replace("{", "(").replace("}", ")")))
    return on_fault(request, error)


def on_database_error(request: Request, error: DBAPIError) -> Response:
    """The database refused or is away: a race lost is a conflict, a lost connection or a full disk passes."""
    state = getattr(error.orig, "sqlstate", None) or ""
    if error.connection_invalidated or state.startswith(("08", "53", "57", "58")):  # away, or out of disk or memory
        return answer(request, Unavailable())
    if state in ("23505", "40001", "40P01", "55P03"):
        return answer(request, Conflict())
    if state == "25006":  # a transaction of somebody who only looks
        return answer(request, OnlyLooking())
    if state in ("22021", "22P05", "22003"):  # a NUL in text or JSON, a number out of range
        return answer(request, InvalidRequest())
    return on_fault(request, error)


def on_away(request: Request, error: Exception) -> Response:
    """The network to our own servers broke."""
    log.warning("database_away", error=repr(error))
    return answer(request, Unavailable())


def on_fault(request: Request, error: Exception) -> Response:
    """A bug: logged in full, shown to nobody."""
    log.error("request_crashed", path=request.url.path, exc_info=error)
    return answer(request, UnexpectedFault())


HANDLERS = {
    PlatformError: on_platform_error,
    HTTPException: on_http_error,
    DBAPIError: on_database_error,
    PostgresConnectionError: on_away,
    ConnectionError: on_away,
    Exception: on_fault,
}
