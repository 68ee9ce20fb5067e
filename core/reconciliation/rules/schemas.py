"""What a matching rule says, and the pairs it would make."""

import msgspec

KINDS = ("tolerance", "date_lag", "composite", "one_to_many", "many_to_one")
FIELDS = ("number", "order_number", "channel_number", "bill_number", "serial")
REFERENCES = ("bill_number", "order_number", "serial", "number_prefix")


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a rule; each kind uses its own. `channels` empty: all.

    tolerance: amounts (`what` = amount) or fees (fee) that differ by at most `fen` or `ppm` millionths agree. date_lag: one-sided items wait
    `days` days. composite: equal amounts, times at most `minutes` apart, and (with `digits`) the same last characters of `left_field` and
    `right_field`. one_to_many, many_to_one: the sum of several lines with the same reference `by` (`prefix` first characters of our number)
    equals the one.
    """

    channels: tuple[str, ...] = ()
    what: str = "amount"
    fen: int = 0
    ppm: int = 0
    days: int = 1
    minutes: int = 10
    left_field: str = "number"
    right_field: str = "number"
    digits: int = 0
    by: str = "bill_number"
    prefix: int = 0


class RuleMade(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new rule."""

    title: str
    kind: str
    parameters: Parameters = Parameters()


class RuleRead(msgspec.Struct, frozen=True, kw_only=True):
    """A rule in its place in the order."""

    id: object
    position: int
    title: str
    kind: str
    parameters: Parameters
    active: bool
    made_by: str
    version: int


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule puts together: numbers without a channel row on the left, those with one on the right, and why, in words."""

    rule: str
    kind: str
    channel: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    amount_fen: int
    why: str
