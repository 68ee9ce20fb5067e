"""Forms of the standards pages."""

from typing import Annotated
from uuid import UUID

import msgspec


class ReasonForm(msgspec.Struct):
    """Why."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class MerchantForm(msgspec.Struct):
    """Which merchant, of which version of the item."""

    merchant_id: UUID
    version: int


class VersionForm(msgspec.Struct):
    """Which version was on the screen, and whether it is to be in use."""

    version: int
    active: int = 0
