"""Requests as they come over the wire: forms with brackets, and the checks on what is in them (Stripe sheet §1)."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

import msgspec

from core.sandbox.stripe.errors import bad_parameter

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
LARGEST_AMOUNT = 99_999_999
CURRENCIES = frozenset("cny usd eur gbp hkd jpy sgd aud".split())


class Form(msgspec.Struct, frozen=True):
    """The parameters of a request: names with their brackets, in order."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, raw: bytes) -> "Form":
        """A form's body or a query string."""
        pairs = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
        return cls(tuple((re.sub(r"\[\d+\]$", "[]", name), value) for name, value in pairs))

    def allow(self, *names: str) -> None:
        """Refuse what this address does not know; `expand` is understood everywhere."""
        for name, _ in self.pairs:
            top = _NAME.fullmatch(name)
            if top is None or top.group(1) not in (*names, "expand"):
                raise bad_parameter(f"Received unknown parameter: {name}", name, "parameter_unknown")

    def text(self, name: str) -> str | None:
        """A value, or None when it is absent or empty."""
        return next((value for given, value in self.pairs if given == name), None) or None

    def needed(self, name: str) -> str:
        """A value that must be there."""
        value = self.text(name)
        if value is None:
            raise bad_parameter(f"Missing required param: {name}.", name, "parameter_missing")
        return value

    def whole(self, name: str) -> int | None:
        """A whole number, or None when it is absent."""
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?[0-9]{1,12}", value):
            raise bad_parameter(f"Invalid integer: {value}", name, "parameter_invalid_integer")
        return int(value)

    def amount(self, name: str = "amount") -> int:
        """An amount in the smallest unit of its currency."""
        self.needed(name)
        amount = self.whole(name) or 0
        if amount < 1:
            raise bad_parameter("This value must be greater than or equal to 1.", name, "parameter_invalid_integer")
        if amount > LARGEST_AMOUNT:
            raise bad_parameter("Amount must be no more than 99999999.", name, "amount_too_large")
        return amount

    def currency(self) -> str:
        """A currency the gateway settles in."""
        currency = self.needed("currency").lower()
        if currency not in CURRENCIES:
            raise bad_parameter(f"Invalid currency: {currency}.", "currency")
        return currency

    def many(self, name: str) -> list[str]:
        """Every value of a list: `expand[]=…`."""
        return [value for given, value in self.pairs if given in (f"{name}[]", name)]

    def branch(self, name: str) -> dict[str, str]:
        """What is nested under a name: `metadata[order]=A1` → `{"order": "A1"}`."""
        prefix = f"{name}["
        return {given[len(prefix) : -1]: value for given, value in self.pairs if given.startswith(prefix) and given.endswith("]")}

    def metadata(self) -> dict[str, str]:
        """At most fifty notes of ours, forty letters a name, five hundred a value."""
        notes = self.branch("metadata")
        if len(notes) > 50 or any(len(name) > 40 or len(value) > 500 for name, value in notes.items()):
            raise bad_parameter("Metadata is limited to 50 keys, 40 characters a key and 500 characters a value.", "metadata")
        return notes

    def choice(self, name: str, words: Iterable[str], usual: str | None = None) -> str | None:
        """One of some words."""
        value = self.text(name) or usual
        if value is not None and value not in words:
            raise bad_parameter(f"Invalid {name}: must be one of {', '.join(words)}", name)
        return value

    def limit(self) -> int:
        """How many a list shows: ten, at most a hundred."""
        wanted = self.whole("limit")
        if wanted is not None and not 1 <= wanted <= 100:
            raise bad_parameter("Limit must be between 1 and 100.", "limit", "parameter_invalid_integer")
        return wanted or 10
