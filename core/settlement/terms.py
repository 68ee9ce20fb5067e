"""What a client agreed on for its settlement: how far a day must be reconciled, which money never comes through the clearing account."""

from collections.abc import Iterable, Mapping

import msgspec

from core.platform import Platform
from core.tenancy.directory import ClientProfile

GATES = ("suspense", "balanced", "closed")
"""`suspense`: the day is balanced, or what is open lies in suspense. `balanced`: nothing is open. `closed`: a person has closed the day."""
OWN_HANDS = ("counter",)
"""Channels whose money the client takes itself, at its window or on its own account: it is not ours to pay out."""
NEVER_RETURNED = frozenset({"stripe"})
"""Channels that keep their fee when a payment is refunded."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """`gate` is one of GATES, `skips` are channels that are not settled, `cuts` says when a channel's day ends, minutes after midnight."""

    gate: str = "suspense"
    skips: tuple[str, ...] = OWN_HANDS
    cuts: dict[str, int] = {}


def terms_of(settings: Mapping[str, object], sources: Iterable[object] = ()) -> Terms:
    """A client's terms out of its settings (`settlement_gate`, `settlement_skips`) and the statement sources' day ends."""
    gate, skips = settings.get("settlement_gate"), settings.get("settlement_skips")
    cuts = {source.channel: source.cut_minutes for source in sources if source.channel and source.matched and source.cut_minutes}
    return Terms(
        gate=gate if gate in GATES else "suspense",
        skips=tuple(str(channel) for channel in skips) if isinstance(skips, list) else OWN_HANDS,
        cuts=cuts,
    )


def terms_for(platform: Platform, client: ClientProfile) -> Terms:
    """The terms of a client of this platform."""
    offered = platform.plugins.collect_all("register_statement_sources")
    return terms_of(client.settings, [source for code, source in offered if code == "core" or code in client.plugins])
