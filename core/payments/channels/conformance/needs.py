"""Which tests concern a channel: each names the abilities it needs, and a channel says which ones it lacks."""

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable)

ABILITIES = {
    "calls": "is asked over a network, so that answers can fail, come late or be altered (a counter's cannot)",
    "early_close": "can end an unpaid order before its time is up",
    "notices": "tells of payments by itself",
    "dated_notices": "a notification carries the time of its signature, and an old one is refused",
    "refunds": "gives money back",
    "refund_notices": "tells of refunds by itself",
    "refund_failure": "a refund that was taken can fail later",
    "revocation": "undoes a whole payment on its own day: `revoke` and `may_revoke`",
    "short": "a refund can wait because the merchant number has too little money there",
    "statements": "has a statement of each day",
}


def needs(*abilities: str) -> Callable[[Test], Test]:
    """A test for channels that have all of these."""

    def mark(test: Test) -> Test:
        test.needs = frozenset(abilities)  # type: ignore[attr-defined]
        return test

    return mark


def without(ability: str) -> Callable[[Test], Test]:
    """A test for channels that lack this."""

    def mark(test: Test) -> Test:
        test.without = ability  # type: ignore[attr-defined]
        return test

    return mark


def choose(cls: type) -> None:
    """Leave out of a test class what does not concern its channel, as its `lacks` says. Raises ValueError for a misspelt ability."""
    lacks = set(getattr(cls, "lacks", ()))
    if unknown := lacks - set(ABILITIES):
        raise ValueError(f"{cls.__name__}.lacks: no such ability: {', '.join(sorted(unknown))}; there are {', '.join(ABILITIES)}")
    for name in dir(cls):
        test = getattr(cls, name)
        if getattr(test, "needs", frozenset()) & lacks or getattr(test, "without", None) not in (None, *lacks):
            setattr(cls, name, None)
