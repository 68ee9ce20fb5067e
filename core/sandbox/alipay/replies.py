"""Answers as the gateway gives them: the content first, its signature over the very bytes after it, always HTTP 200 (Alipay §3, §12)."""

import msgspec
from litestar import Response

from core.payments.channels import rsa
from core.payments.channels.alipay import crypto, wire
from core.sandbox.alipay.merchants import App


def signed(app: App, method: str, content: dict[str, object], charset: str, *, tampered: bool = False) -> Response[bytes]:
    """An answer with its signature; `tampered` spoils it after signing."""
    raw = _written(content, charset)
    signature = rsa.sign(rsa.private_key(app.alipay_private), raw)
    if tampered:
        raw = raw.replace(b"{", b'{"tampered":"true",', 1)
    named = f'"alipay_cert_sn":"{crypto.certificate_serial(app.alipay_cert)}",' if app.signing == "certificate" else ""
    tail = f',{named}"sign":"{signature}"}}'.encode()
    return _response(b'{"' + wire.answer_key(method).encode() + b'":' + raw + tail, charset)


def unsigned(method: str, content: dict[str, object], charset: str) -> Response[bytes]:
    """How the gateway turns a call away: nothing signs it."""
    key = wire.answer_key(method) if method else "error_response"
    return _response(b'{"' + key.encode() + b'":' + _written(content, charset) + b"}", charset)


def _written(content: dict[str, object], charset: str) -> bytes:
    """JSON as Alipay writes it, with `\\/` for a slash: whoever parses and writes it anew gets other bytes."""
    return msgspec.json.encode(content).decode().replace("/", "\\/").encode(charset)


def _response(body: bytes, charset: str) -> Response[bytes]:
    return Response(body, media_type="text/html", encoding=charset)
