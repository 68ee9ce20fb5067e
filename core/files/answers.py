"""A stored or freshly made file as an answer: always a download, never shown in the page."""

from urllib.parse import quote

from litestar import Response

from core.database import looking


def attachment(name: str, content: bytes, media_type: str) -> Response[bytes]:
    """The file under its own name."""
    return Response(content, media_type=media_type, headers=disposition(name))


def disposition(name: str) -> dict[str, str]:
    """The headers of a download, Chinese characters in its name included (RFC 5987); OnlyLooking for who may carry nothing away."""
    looking.need_more()
    return {"Content-Disposition": f"attachment; filename=\"download\"; filename*=UTF-8''{quote(name, safe='')}", "Cache-Control": "no-store"}
