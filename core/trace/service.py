"""The penny trace: paste any number, see the whole life of that money in both directions."""

from collections.abc import Sequence

from core.database import Session
from core.identity.actor import Actor
from core.trace import finding, rights, steps, timeline
from core.trace.errors import NumberUnknown
from core.trace.finding import Hit
from core.trace.following import Chain, follow
from core.trace.schemas import Found, Trace, TraceAnswer

ORDER = ("payment", "order", "bill", "refund", "receipt", "batch", "payout", "arrival", "difference", "journal", "line")
"""What people mean first by a number."""
MOST_GROUPS = 10
_LISTS = (
    "bills", "placements", "orders", "payments", "notices", "counter", "lines", "bank_lines", "differences", "refunds", "receipts",
    "suspense", "journals", "settled", "batches", "payouts", "arrivals", "days",
)  # fmt: skip


async def trace(session: Session, number: str, by: Actor, choose: str = "", channels: Sequence[str] = finding.CHANNELS) -> TraceAnswer:
    """The life of the money behind a number; several things with that number are offered to choose from. NumberUnknown when there is none."""
    hits = [hit for hit in await finding.find(session, number, channels) if rights.visible(by, hit.kind)]
    groups = together(hits)
    if choose:
        groups = [group for group in groups if choose in {hit.key for hit in group}]
    if len(groups) > 1 and by.reach(rights.READ) is not None:
        groups = [group for group in groups[:MOST_GROUPS] if not (await follow(session, group, by)).empty]
    if not groups:
        raise NumberUnknown(number=finding.clean(number)[:40])
    if len(groups) > 1:
        return TraceAnswer(trace=None, choices=[_found(group[0]) for group in groups[: 2 * MOST_GROUPS]])
    chain = await follow(session, groups[0], by)
    if chain.empty:
        raise NumberUnknown(number=finding.clean(number)[:40])
    return TraceAnswer(trace=_told(number, groups[0][0], chain), choices=[])


def together(hits: Sequence[Hit]) -> list[list[Hit]]:
    """Hits that are one and the same money: an order, its payment and the lines and differences under its number are one."""
    ordered = sorted(hits, key=lambda hit: ORDER.index(hit.kind))
    paid_by_bank = any(hit.kind in ("batch", "payout", "arrival") for hit in ordered)
    groups: dict[str, list[Hit]] = {}
    for hit in ordered:
        if hit.kind == "line" and paid_by_bank:
            continue
        groups.setdefault(_money(hit), []).append(hit)
    return list(groups.values())


def _money(hit: Hit) -> str:
    """What tells one money from another: our own number of it, whatever said it."""
    if hit.kind in ("line", "difference"):
        kind, _, number = hit.follow.partition(":")
        return number if kind in ("pay", "refund") and number else hit.key
    return hit.follow if hit.kind in ("order", "payment", "refund") and hit.follow else hit.key


def _found(hit: Hit) -> Found:
    return Found(choose=hit.key, kind=hit.kind, name=hit.name, amount_fen=hit.amount_fen)


def _told(number: str, hit: Hit, chain: Chain) -> Trace:
    way = steps.steps_of(chain)
    complete, ends = steps.ends_of(way, sum(item.open for item in chain.differences))
    return Trace(
        number=finding.clean(number),
        kind=hit.kind,
        name=hit.name,
        amount_fen=hit.amount_fen,
        complete=complete,
        ends=ends,
        steps=way,
        elsewhere_fen=chain.hidden_fen,
        settled_count=chain.settled_count,
        events=timeline.events_of(chain),
        **{name: getattr(chain, name) for name in _LISTS},
    )
