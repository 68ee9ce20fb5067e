"""The sides of a day next to each other: one full join that names what does not agree, then the rows behind those names.

Nothing is written for what agrees. Identifiers and instants stand in the text of these statements, not beside it: so they are constants to
the planner, which shares the work among processes. All of them come from the database itself.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import text

from core.database import Row, Session
from core.reconciliation.matching.day import KEEPS_FEES, Day

_FORGET = "DROP TABLE IF EXISTS pg_temp.recon_found"
_SETTINGS = """SET LOCAL work_mem = '256MB'; SET LOCAL hash_mem_multiplier = 2; SET LOCAL max_parallel_workers_per_gather = 2;
    SET LOCAL parallel_setup_cost = 100; SET LOCAL parallel_tuple_cost = 0.001"""

_FEE = "least(greatest(({fen} * {r}.rate_ppm + 500000) / 1000000, {r}.min_fen), {r}.cap_fen) + {r}.fixed_fen"
"""Rounded half up for each payment by itself (domain book §2.3); empty where no rate is agreed."""

_LINES = """
    SELECT channel, kind, number, amount_fen, fee_fen, net_fen, statement_id, row_no, NULL::uuid AS own_id, amount_fen AS business_fen,
           ''::text AS merchant_number, {compared} AS compared, 1 AS copies
    FROM core.statement_line WHERE statement_id IN ({ids}) AND counts AND kind IN ('pay', 'refund')
"""

_OWN = """
    SELECT y.channel, 'pay' AS kind, y.order_number AS number, y.amount_fen, {fee} AS fee_fen, NULL::bigint AS net_fen,
           NULL::uuid AS statement_id, NULL::integer AS row_no, y.id AS own_id,
           nullif(y.amount_fen - coalesce(s.left_fen, 0), 0) AS business_fen,
           y.mchid AS merchant_number, y.channel IN ({channels}) AND coalesce(w.compared, true) AS compared, 1 AS copies
    FROM core.payment y
    LEFT JOIN ({windows}) w ON w.channel = y.channel AND w.number = y.mchid
    LEFT JOIN (SELECT payment_id, sum(left_fen)::bigint AS left_fen FROM core.suspense_item
               WHERE status = 'open' AND payment_id IS NOT NULL GROUP BY payment_id) s ON s.payment_id = y.id
    WHERE y.booked_at >= {booked_from} AND y.paid_at >= {first} AND y.paid_at < {last}
      AND y.paid_at >= coalesce(w.from_at, {from_at}) AND y.paid_at < coalesce(w.until_at, {until_at})
    UNION ALL
    SELECT y.channel, 'refund', i.number, i.amount_fen, CASE WHEN y.channel IN ({keeps}) THEN 0 ELSE -({refund_fee}) END, NULL, NULL, NULL, i.id,
           i.amount_fen, y.mchid, y.channel IN ({channels}) AND coalesce(w.compared, true), 1
    FROM core.refund_item i
    JOIN core.payment y ON y.id = i.payment_id
    LEFT JOIN ({windows}) w ON w.channel = y.channel AND w.number = y.mchid
    LEFT JOIN ({rates}) r ON r.channel = y.channel AND r.number = y.mchid
          AND (y.paid_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN r.from_on AND r.until_on
    WHERE i.state IN ('success', 'processing') AND i.transfer IS NULL AND coalesce(i.sent_at, i.finished_at) >= coalesce(w.from_at, {from_at})
      AND coalesce(i.sent_at, i.finished_at) < coalesce(w.until_at, {until_at})
"""

# Where one number stands several times in one side: one row with their sum, remembered by how many there were.
_SUMMED = """
    SELECT channel, kind, number, sum(amount_fen)::bigint AS amount_fen, sum(fee_fen)::bigint AS fee_fen, sum(net_fen)::bigint AS net_fen,
           (array_agg(statement_id ORDER BY row_no))[1] AS statement_id, min(row_no) AS row_no, (array_agg(own_id ORDER BY own_id))[1] AS own_id,
           sum(business_fen)::bigint AS business_fen, bool_and(compared) AS compared, count(*)::integer AS copies
    FROM ({rows}) each_row GROUP BY channel, kind, number
"""

_TOTALS = """
    SELECT channel, kind, merchant_number, count(*) AS rows, sum(amount_fen)::bigint AS amount_fen, sum(fee_fen)::bigint AS fee_fen,
           sum(net_fen)::bigint AS net_fen, count(business_fen) AS business_rows, sum(business_fen)::bigint AS business_fen
    FROM ({rows}) side GROUP BY channel, kind, merchant_number
"""

# How many rows of each side stand in the join, and the numbers that do not agree, each as one text: so that several processes can do it.
_COMPARED = """
    SELECT {rows}, coalesce(array_agg(json_build_array(channel, kind, {kept})::text) FILTER (WHERE differs), '{{}}') AS kept
    FROM ({joined}) compared
"""
KEPT = {
    "number": "text", "p_own_id": "uuid",
    **{f"{side}_{name}": kind for side in "cpb" for name, kind in
       (("amount_fen", "bigint"), ("fee_fen", "bigint"), ("statement_id", "uuid"), ("row_no", "integer"), ("copies", "integer"))},
}  # fmt: skip
"""What is kept of a number that does not agree: which row of which file, or which payment of ours, each side has it in."""
_FOUND = "CREATE TEMP TABLE recon_found (channel text, kind text, {columns}) ON COMMIT DROP"


class Found(NamedTuple):
    """A number that does not agree, as the join saw it."""

    channel: str
    kind: str
    number: str
    p_own_id: UUID | None
    c_amount_fen: int | None
    c_fee_fen: int | None
    c_statement_id: UUID | None
    c_row_no: int | None
    c_copies: int | None
    p_amount_fen: int | None
    p_fee_fen: int | None
    p_statement_id: UUID | None
    p_row_no: int | None
    p_copies: int | None
    b_amount_fen: int | None
    b_fee_fen: int | None
    b_statement_id: UUID | None
    b_row_no: int | None
    b_copies: int | None


class Joined(NamedTuple):
    """A comparison: rows of each side (`c`, `p`, `b`) that stand in it, and what does not agree."""

    rows: dict[str, int]
    found: list[Found]


async def prepare(session: Session) -> None:
    """Give this transaction room to join in memory, and a second process."""
    await session.simple(f"{_FORGET}; {_SETTINGS}")


async def sum_side(session: Session, day: Day, side: str) -> Sequence[Row]:
    """Rows and money of a side, by channel, kind and (own payments) merchant number."""
    return await session.all(text(_TOTALS.format(rows=_rows(day, side))))


async def join_sides(session: Session, day: Day, *, summed: bool) -> Joined:
    """Compare all sides. `summed`: numbers that repeat in a side are added up first."""
    row = await session.one(text(_compared_sql(day, summed)))
    found = msgspec.json.decode(f"[{','.join(row.kept)}]", type=list[Found])
    return Joined({side: getattr(row, f"{side}_rows") for side in _shorts(day)}, found)


async def explain_join(session: Session, day: Day) -> list[str]:
    """PostgreSQL's own account of the comparison: the plan with the time of each part."""
    return [row[0] for row in await session.all(text("EXPLAIN (ANALYZE, COSTS OFF) " + _compared_sql(day, False)))]


async def lay_out(session: Session, found: Sequence[Found]) -> None:
    """Put what does not agree where the details are looked up (`recon_found`)."""
    columns = ", ".join(f"{name} {kind}" for name, kind in KEPT.items())
    await session.simple(f"{_FORGET}; {_FOUND.format(columns=columns)}")
    await session.copy_rows("recon_found", Found._fields, found)


async def forget(session: Session) -> None:
    """Put the work tables away, so that another day can be run in the same transaction."""
    await session.simple(_FORGET)


def _compared_sql(day: Day, summed: bool) -> str:
    rows = ", ".join(f"count({short}_copies) AS {short}_rows" for short in _shorts(day))
    return _COMPARED.format(rows=rows, kept=", ".join(KEPT), joined=_join(day, summed))


def _shorts(day: Day) -> str:
    return "cp" if day.mirrored else "cpb"


def _join(day: Day, summed: bool) -> str:
    """The full join of all sides; a mirrored business stands beside the platform's own row."""
    channel, platform = (_compared(day, side, summed) for side in ("channel", "platform"))
    joined = f"({channel}) c FULL JOIN ({platform}) p ON c.number = p.number AND c.kind = p.kind AND c.channel = p.channel"
    fields = _columns("amount_fen fee_fen statement_id row_no own_id copies")
    columns = [f"{short}.{name} AS {short}_{name}" for short in "cp" for name in fields]
    wanted = "c.number IS NULL OR p.number IS NULL OR c.amount_fen <> p.amount_fen OR c.fee_fen <> p.fee_fen OR c.copies <> p.copies"
    if day.mirrored:
        columns.append("p.business_fen AS b_amount_fen, NULL::uuid AS b_statement_id, NULL::integer AS b_row_no")
        columns.append("NULL::bigint AS b_fee_fen, CASE WHEN p.business_fen IS NOT NULL THEN p.copies END AS b_copies")
        keys, wanted = "c.{0}, p.{0}", wanted + " OR p.business_fen IS DISTINCT FROM p.amount_fen"
    else:
        business = _compared(day, "business", summed)
        joined += (
            f" FULL JOIN ({business}) b ON b.number = coalesce(c.number, p.number) AND b.kind = coalesce(c.kind, p.kind)"
            " AND b.channel = coalesce(c.channel, p.channel)"
        )
        columns += [f"b.{name} AS b_{name}" for name in fields if name != "own_id"]
        keys, wanted = "c.{0}, p.{0}, b.{0}", wanted + " OR b.number IS NULL OR b.amount_fen <> c.amount_fen OR b.copies <> c.copies"
    named = ", ".join(f"coalesce({keys.format(name)}) AS {name}" for name in ("channel", "kind", "number"))
    return f"SELECT {named}, {', '.join(columns)}, coalesce({wanted}, false) AS differs FROM {joined}"


def _compared(day: Day, side: str, summed: bool) -> str:
    rows = f"SELECT * FROM ({_rows(day, side)}) each_row WHERE compared"
    return _SUMMED.format(rows=rows) if summed else rows


def _rows(day: Day, side: str) -> str:
    """A side as rows of one shape."""
    channels = _quoted(day.channels)
    if side == "platform" and day.own:
        until = dt.datetime.combine(day.on, dt.time(), dt.UTC) + dt.timedelta(hours=16)
        from_at = until - dt.timedelta(days=1)
        first, last = min([from_at, *(w.from_at for w in day.windows)]), max([until, *(w.until_at for w in day.windows)])
        return _OWN.format(
            channels=channels, keeps=_quoted(KEEPS_FEES), from_at=_at(from_at), until_at=_at(until), first=_at(first),
            last=_at(last), booked_from=_at(first - dt.timedelta(hours=6)),
            windows=_windows(day), rates=_rates(day), fee=_FEE.format(fen="y.amount_fen", r="w"), refund_fee=_FEE.format(fen="i.amount_fen", r="r"),
        )  # fmt: skip
    compared = "true" if side == "channel" else f"channel IN ({channels})"
    return _LINES.format(ids=_uuids(day.statement_ids(side)), compared=compared)


def _windows(day: Day) -> str:
    """Each merchant number's day, whether its file is there, and the rate in force, as a table of literals: temporary tables would keep the
    planner from using a second process."""
    in_force = {(row.channel, row.mchid): row for row in day.rates if row.from_on <= day.on <= row.until_on}
    rows = []
    for each in day.windows:
        key = (each.channel, each.number)
        compared = "false" if key in day.absent_numbers else "true"
        rows.append(f"({_quoted(key)}, {_at(each.from_at)}, {_at(each.until_at)}, {compared}, {_costs(in_force.get(key))})")
    return _values(rows, "channel text, number text, from_at timestamptz, until_at timestamptz, compared boolean, " + _COSTS)


def _rates(day: Day) -> str:
    """Every rate with the days it holds: a refund gives back the fee of its payment's day."""
    rows = [f"({_quoted((row.channel, row.mchid))}, DATE '{row.from_on}', DATE '{row.until_on}', {_costs(row)})" for row in day.rates]
    return _values(rows, "channel text, number text, from_on date, until_on date, " + _COSTS)


def _at(moment: dt.datetime) -> str:
    """An instant as a constant: without the type in front PostgreSQL reads the text anew for every row."""
    return f"TIMESTAMPTZ '{moment.isoformat()}'"


def _values(rows: list[str], columns: str) -> str:
    named = [part.strip().split(" ") for part in columns.split(",")]
    cast = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in named)
    names = ", ".join(name for name, _ in named)
    nothing = ", ".join("NULL" for _ in named)
    return f"SELECT {cast} FROM (VALUES {', '.join(rows) or f'({nothing})'}) AS listed ({names})"


def _costs(rate: Row | None) -> str:
    figures = (rate.rate_ppm, rate.min_fen, rate.cap_fen, rate.fixed_fen) if rate else (None,) * 4
    return ", ".join("NULL" if figure is None else str(int(figure)) for figure in figures)


_COSTS = "rate_ppm bigint, min_fen bigint, cap_fen bigint, fixed_fen bigint"


def _quoted(words: Sequence[str]) -> str:
    return ", ".join("'" + word.replace("'", "''") + "'" for word in words) or "NULL"


def _uuids(ids: Sequence[UUID]) -> str:
    return ", ".join(f"'{UUID(str(each))}'" for each in ids) or "NULL"


def _columns(names: str) -> list[str]:
    return names.split()

