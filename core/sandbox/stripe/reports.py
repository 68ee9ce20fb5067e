"""Report runs: the itemised balance of an interval as CSV, in decimal major units as the gateway prints them (Stripe sheet §7)."""

import csv
import datetime as dt
import io
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.stripe import rows
from core.sandbox.stripe.accounts import Account
from core.sandbox.stripe.errors import bad_parameter, missing
from core.sandbox.stripe.forms import Form
from core.sandbox.stripe.names import new_id

REPORT = "stripe_report"
REPORT_TYPES = ("balance_change_from_activity.itemized.3",)
TAKES_SECONDS = 2.0
COLUMNS = (
    "balance_transaction_id", "created_utc", "created", "available_on", "currency", "gross", "fee", "net", "reporting_category",
    "source_id", "description", "customer_facing_amount", "customer_facing_currency", "automatic_payout_id",
    "automatic_payout_effective_at", "customer_id", "charge_id", "payment_intent_id", "charge_created",
)  # fmt: skip
_LINES = """
    SELECT m.*, c.created_at AS charged_at, i.id AS intent_id, i.metadata AS payment_notes, r.metadata AS refund_notes
    FROM sandbox.stripe_movement m
    JOIN sandbox.stripe_charge c ON c.id = m.charge
    JOIN sandbox.stripe_intent i ON i.id = c.payment_intent
    LEFT JOIN sandbox.stripe_refund r ON r.id = m.source
    WHERE m.mchid = $1 AND m.created_at >= to_timestamp($2) AND m.created_at < to_timestamp($3)
      AND ($4::text IS NULL OR m.currency = $4) AND ($5::text IS NULL OR m.reporting_category = $5)
    ORDER BY m.created_at, m.id
"""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was ordered; it is made when it is fetched."""

    id: str
    mchid: str
    parameters: str
    ready_at: dt.datetime
    created_at: dt.datetime


class Parameters(msgspec.Struct, frozen=True):
    """What a report is to show."""

    interval_start: int
    interval_end: int
    timezone: str
    currency: str | None
    reporting_category: str | None
    columns: list[str]


async def order(connection: Connection, account: Account, form: Form, scale: float) -> Report:
    """Take the order of a report. Raises WireError."""
    form.allow("report_type", "parameters")
    form.choice("report_type", REPORT_TYPES)
    form.needed("report_type")
    wanted = Parameters(
        interval_start=_instant(form, "parameters[interval_start]"),
        interval_end=_instant(form, "parameters[interval_end]"),
        timezone=form.text("parameters[timezone]") or "Etc/UTC",
        currency=form.text("parameters[currency]"),
        reporting_category=form.text("parameters[reporting_category]"),
        columns=form.many("parameters[columns]") or list(COLUMNS),
    )
    now = clock.now()
    if wanted.interval_start >= wanted.interval_end:
        raise bad_parameter("The interval must not end before it starts.", "parameters[interval_end]")
    if wanted.interval_end > now.timestamp():
        raise bad_parameter("Data is not available yet for the end of this interval.", "parameters[interval_end]")
    for column in wanted.columns:
        if column not in COLUMNS and not column.startswith(("payment_metadata[", "refund_metadata[")):
            raise bad_parameter(f"Invalid column: {column}", "parameters[columns]")
    try:
        ZoneInfo(wanted.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise bad_parameter(f"Invalid timezone: {wanted.timezone}", "parameters[timezone]") from error
    ready_at = now + dt.timedelta(seconds=TAKES_SECONDS * scale)
    made = Report(id=new_id("frr"), mchid=account.mchid, parameters=msgspec.json.encode(wanted).decode(), ready_at=ready_at, created_at=now)
    return await rows.add(connection, REPORT, made)


async def find(connection: Connection, mchid: str, reference: str) -> Report:
    """One report of an account. Raises WireError."""
    found = await rows.find(connection, REPORT, Report, mchid, reference)
    if found is None:
        raise missing("report_run", reference)
    return found


def shown(made: Report, public_url: str) -> dict[str, object]:
    """A report run."""
    ready = made.ready_at <= clock.now()
    file_id = f"file_{made.id.removeprefix('frr_')}"
    result = {"id": file_id, "object": "file", "type": "csv", "url": f"{public_url}/v1/files/{file_id}/contents"}
    return {
        "id": made.id,
        "object": "reporting.report_run",
        "created": int(made.created_at.timestamp()),
        "error": None,
        "livemode": False,
        "parameters": msgspec.json.decode(made.parameters),
        "report_type": REPORT_TYPES[0],
        "result": result if ready else None,
        "status": "succeeded" if ready else "pending",
        "succeeded_at": int(made.ready_at.timestamp()) if ready else None,
    }


async def csv_of(connection: Connection, made: Report) -> bytes:
    """The report itself."""
    wanted = msgspec.json.decode(made.parameters, type=Parameters)
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(wanted.columns)
    of = (made.mchid, wanted.interval_start, wanted.interval_end, wanted.currency, wanted.reporting_category)
    for row in await connection.fetch(_LINES, *of):
        line = _line(row, ZoneInfo(wanted.timezone))
        lines.writerow([line.get(column, "") for column in wanted.columns])
    return text.getvalue().encode()


def _line(row: dict, zone: ZoneInfo) -> dict[str, object]:
    payment = {f"payment_metadata[{name}]": value for name, value in msgspec.json.decode(row["payment_notes"]).items()}
    refund = {f"refund_metadata[{name}]": value for name, value in msgspec.json.decode(row["refund_notes"] or "{}").items()}
    return {
        "balance_transaction_id": row["id"],
        "created_utc": _time(row["created_at"], dt.UTC),
        "created": _time(row["created_at"], zone),
        "available_on": _time(row["created_at"] + dt.timedelta(days=4), zone),
        "currency": row["currency"],
        "gross": _major(row["amount"]),
        "fee": _major(row["fee"]),
        "net": _major(row["amount"] - row["fee"]),
        "reporting_category": row["reporting_category"],
        "source_id": row["source"],
        "description": row["description"],
        "customer_facing_amount": _major(row["amount"]),
        "customer_facing_currency": row["currency"],
        "charge_id": row["charge"],
        "payment_intent_id": row["intent_id"],
        "charge_created": _time(row["charged_at"], zone),
        **payment,
        **refund,
    }


def _time(at: dt.datetime, zone: dt.tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _major(amount: int) -> str:
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def _instant(form: Form, name: str) -> int:
    form.needed(name)
    return form.whole(name) or 0
