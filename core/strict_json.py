"""JSON at the API's door is taken at its word: an amount is a whole number, never `"950"` and never `950.0` (architecture §10)."""

from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import SerializationException, ValidationException


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON body is decoded strictly into what its handler asks for; Litestar itself would bend texts into numbers."""

    async def json(self) -> Any:
        """The body as the handler's `data` type; 400 when it is no JSON, 422 when it does not fit."""
        wanted = self.route_handler.parsed_data_field
        if wanted is None:
            return await super().json()
        try:
            return msgspec.json.decode(await self.body(), type=wanted.annotation)
        except msgspec.ValidationError as error:
            message, _, place = str(error).partition(" - at `$")
            key = place.strip("`.") or "data"
            raise ValidationException("body", extra=[{"message": message, "key": key, "source": "body"}]) from error
        except msgspec.DecodeError as error:
            raise SerializationException(str(error)) from error
