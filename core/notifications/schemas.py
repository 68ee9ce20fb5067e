"""Messages as other features ask for them."""

import datetime as dt
from uuid import UUID

import msgspec


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message to one phone. `key` makes it happen once; `facts` fill the wording, names in them already masked.

    `client` (its name) and `url` (its payers' front page) are filled in when the message leaves, unless they are given.
    """

    key: str
    template: str
    to: str
    facts: dict[str, str]
    party_id: UUID | None = None
    means: str = "sms"
    due_at: dt.datetime | None = None
