"""The card gateway's own errors, as its API words them (Stripe sheet §6)."""

import msgspec


class WireError(Exception):
    """An error answer. `early`: found before anything was done, so it is not kept under the idempotency key (Stripe sheet §5)."""

    def __init__(self, status: int, kind: str, message: str, *, early: bool = False, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.early = early
        self.content = {"error": {"type": kind, "message": message, **{name: value for name, value in more.items() if value is not None}}}

    @property
    def body(self) -> bytes:
        """The error's JSON."""
        return msgspec.json.encode(self.content)


def invalid(message: str, code: str | None = None, param: str | None = None, **more: object) -> WireError:
    """400: the request cannot be carried out as things stand."""
    return WireError(400, "invalid_request_error", message, code=code, param=param, **more)


def bad_parameter(message: str, param: str, code: str = "parameter_invalid") -> WireError:
    """400: one parameter is not as it should be; found before anything is done."""
    return WireError(400, "invalid_request_error", message, early=True, code=code, param=param)


def unauthorized() -> WireError:
    """401: no key, or one that is nobody's."""
    return WireError(401, "invalid_request_error", "Invalid API Key provided.", early=True)


def missing(kind: str, reference: str, param: str = "id") -> WireError:
    """404: there is no such thing for this account."""
    return WireError(404, "invalid_request_error", f"No such {kind}: '{reference}'", early=True, code="resource_missing", param=param)


def unexpected_state(doing: str, intent: dict[str, object]) -> WireError:
    """400: an intent in this status does not allow it."""
    message = f"You cannot {doing} this PaymentIntent because it has a status of {intent['status']}."
    return invalid(message, "payment_intent_unexpected_state", payment_intent=intent)


def declined(code: str, decline_code: str | None, message: str, **more: object) -> dict[str, object]:
    """The body of a 402: a card was refused. It is an outcome, with traces left behind, so it is answered and not raised."""
    return WireError(402, "card_error", message, code=code, decline_code=decline_code, **more).content


def broken() -> WireError:
    """500: something broke inside; nothing is said about what was asked."""
    return WireError(500, "api_error", "An unknown error occurred.", early=True)


def key_in_use() -> WireError:
    """409: another request with this key is under way."""
    message = "There is currently another in-progress request using this Idempotent Key."
    return WireError(409, "idempotency_error", message, early=True, code="idempotency_key_in_use")


def key_reused() -> WireError:
    """400: the key belongs to another request."""
    message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
    return WireError(400, "idempotency_error", message, early=True)
