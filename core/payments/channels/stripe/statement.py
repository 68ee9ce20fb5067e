"""The day's statement of a card account: every movement of its balance, as the gateway itemises it (Stripe sheet §7, §8).

The gateway's own report is asked for. Where an address has no reports (localstripe answers 404), the same columns are filled from the
list of balance transactions, so that whoever reads statements sees one layout. Amounts are decimal major units, as in the report.
"""

import asyncio
import csv
import datetime as dt
import io
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

import msgspec

from core.clock import SHANGHAI
from core.payments.channels.errors import ChannelRefused, ChannelUnknown, StatementBroken, StatementNotReady
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.stripe import wire
from core.payments.channels.stripe.transport import Transport

REPORT_TYPE = "balance_change_from_activity.itemized.3"
COLUMNS = (
    "balance_transaction_id", "created_utc", "created", "available_on", "currency", "gross", "fee", "net", "reporting_category",
    "source_id", "description", "customer_facing_amount", "customer_facing_currency", "automatic_payout_id",
    "automatic_payout_effective_at", "customer_id", "charge_id", "payment_intent_id", "charge_created",
    f"payment_metadata[{wire.ORDER_KEY}]", f"refund_metadata[{wire.REFUND_KEY}]",
)  # fmt: skip
ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split())
POLL_PAUSES_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.5)


class Result(msgspec.Struct, frozen=True):
    url: str


class Run(msgspec.Struct, frozen=True):
    """A report being made."""

    id: str
    status: str
    result: Result | None = None
    error: str | None = None


class Source(msgspec.Struct, frozen=True):
    """What a movement is about: a charge or a refund of one, with the intent behind it."""

    id: str
    created: int = 0
    charge: str | wire.Charge | None = None
    payment_intent: str | wire.Intent | None = None
    metadata: dict[str, str] | None = None


class Movement(msgspec.Struct, frozen=True):
    """A line of the balance: gross, fee and net in minor units, money out negative."""

    id: str
    amount: int
    fee: int
    net: int
    currency: str
    created: int
    available_on: int
    type: str
    source: str | Source | None = None
    description: str | None = None
    reporting_category: str | None = None


class Movements(msgspec.Struct, frozen=True):
    data: list[Movement]
    has_more: bool = False


_read_run = msgspec.json.Decoder(Run).decode
_read_movements = msgspec.json.Decoder(Movements).decode


def interval(day: dt.date) -> tuple[int, int]:
    """A business day, midnight to midnight in Beijing, as seconds: the first is in it, the last is not."""
    start = dt.datetime.combine(day, dt.time(), SHANGHAI)
    return int(start.timestamp()), int((start + dt.timedelta(days=1)).timestamp())


async def fetch(transport: Transport, account: ChannelAccount, day: dt.date) -> bytes | None:
    """The day's lines as CSV; None when nothing moved. Raises StatementNotReady, StatementBroken, ChannelUnknown, ChannelRefused."""
    if transport.now() < interval(day)[1]:
        raise StatementNotReady(day=day)
    try:
        content = await _report(transport, account, day)
    except (ChannelUnknown, ChannelRefused) as error:
        if error.facts.get("http_status") != 404:
            raise
        content = await _itemised(transport, account, day)
    rows = list(csv.reader(io.StringIO(_text(content), newline="")))
    if not rows or not set(COLUMNS[:10]) <= set(rows[0]):
        raise StatementBroken(reason="columns")
    return content if len(rows) > 1 else None


async def _report(transport: Transport, account: ChannelAccount, day: dt.date) -> bytes:
    """Order the report, wait a little for it, download it. Within an hour the same run is meant; a failed one is tried anew after."""
    start, end = interval(day)
    fields = [
        ("report_type", REPORT_TYPE),
        ("parameters[interval_start]", str(start)),
        ("parameters[interval_end]", str(end)),
        ("parameters[timezone]", "Asia/Shanghai"),
        *(("parameters[columns][]", column) for column in COLUMNS),
    ]
    try:
        reply = await transport.post(account, "/v1/reporting/report_runs", fields, f"statement-{day:%Y%m%d}-{int(transport.now() // 3600)}")
    except ChannelRefused as refusal:
        if "interval_end" in str(refusal.facts.get("param", "")):
            raise StatementNotReady(day=day) from refusal
        raise
    run = wire.decoded(_read_run, reply.raw)
    for pause in POLL_PAUSES_SECONDS:
        if run.status != "pending":
            break
        await asyncio.sleep(pause)
        run = wire.decoded(_read_run, await transport.get(account, f"/v1/reporting/report_runs/{quote(run.id, safe='')}"))
    if run.status == "failed":
        raise ChannelRefused(channel_code="report_failed", channel_message=run.error or "")
    if run.status != "succeeded" or run.result is None:
        raise StatementNotReady(day=day)
    return await transport.download(account, run.result.url)


async def _itemised(transport: Transport, account: ChannelAccount, day: dt.date) -> bytes:
    """The report's columns from the list of balance transactions, oldest first."""
    start, end = interval(day)
    moved = [movement async for movement in _newest_first(transport, account, start) if start <= movement.created < end]
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for movement in reversed(moved):
        line = _line(movement)
        lines.writerow([line.get(column, "") for column in COLUMNS])
    return text.getvalue().encode()


async def _newest_first(transport: Transport, account: ChannelAccount, start: int) -> AsyncIterator[Movement]:
    """Every movement since an instant. No filter by time is asked for: localstripe refuses one."""
    query = [("limit", "100"), ("expand[]", "data.source.payment_intent")]
    after: wire.Form = []
    while True:
        page = wire.decoded(_read_movements, await transport.get(account, "/v1/balance_transactions", query + after))
        for movement in page.data:
            yield movement
        if not page.has_more or not page.data or page.data[-1].created < start:
            return
        after = [("starting_after", page.data[-1].id)]


def _line(movement: Movement) -> Mapping[str, str]:
    source = movement.source if isinstance(movement.source, Source) else None
    is_refund = (movement.reporting_category or movement.type).startswith("refund")
    intent = source.payment_intent if source and isinstance(source.payment_intent, wire.Intent) else None
    charge_id = "" if source is None else wire.id_of(source.charge) if is_refund else source.id
    metadata = dict((source.metadata if source else None) or {})
    return {
        "balance_transaction_id": movement.id,
        "created_utc": _time(movement.created, dt.UTC),
        "created": _time(movement.created, SHANGHAI),
        "available_on": _time(movement.available_on, SHANGHAI),
        "currency": movement.currency,
        "gross": major(movement.amount, movement.currency),
        "fee": major(movement.fee, movement.currency),
        "net": major(movement.net, movement.currency),
        "reporting_category": movement.reporting_category or movement.type,
        "source_id": source.id if source else movement.source or "",
        "description": movement.description or "",
        "customer_facing_amount": major(movement.amount, movement.currency),
        "customer_facing_currency": movement.currency,
        "charge_id": charge_id,
        "payment_intent_id": wire.id_of(source.payment_intent) if source else "",
        "charge_created": _time(source.created, SHANGHAI) if source and not is_refund else "",
        f"payment_metadata[{wire.ORDER_KEY}]": wire.number_of(intent.metadata if intent else None) or wire.number_of(metadata),
        f"refund_metadata[{wire.REFUND_KEY}]": metadata.get(wire.REFUND_KEY, "") if is_refund else "",
    }


def _time(seconds: int, zone: dt.tzinfo) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, zone):%Y-%m-%d %H:%M:%S}"


def major(amount: int, currency: str) -> str:
    """Minor units as the report prints them: 1234 → `12.34`; currencies without a minor unit as they are."""
    if currency.lower() in ZERO_DECIMAL:
        return str(amount)
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise StatementBroken(reason="encoding") from error
