"""Matching rules, and what each pairs among the leftovers of a day: every statement.

The leftovers lie in `recon_left`, a row each: `has` and `lacks` name the sides (bits: 1 business, 2 platform, 4 channel). On the left stands
what the channel lacks, on the right what the channel has; both together must have every side once.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update

from core.database import Row, Session
from core.reconciliation.models import match_rule
from core.reconciliation.rules.schemas import FIELDS, Parameters

LEFT_COLUMNS = ("no", "channel", "kind", "has", "amount_fen", "at", *FIELDS)
_STAGE = """
    DROP TABLE IF EXISTS pg_temp.recon_left;
    CREATE TEMP TABLE recon_left (no integer PRIMARY KEY, channel text, kind text, has integer, amount_fen bigint, at timestamptz,
        number text, order_number text, channel_number text, bill_number text, serial text) ON COMMIT DROP;
"""
_SIDES = "l.has & 4 = 0 AND r.has & 4 = 4 AND l.has & r.has = 0 AND l.has | r.has = 7 AND l.channel = r.channel AND l.kind = r.kind"
_MEANT = "(CAST(:channels AS text[]) = '{}' OR l.channel = ANY(:channels))"

# Each takes the nearest in time of the other side, and only where both choose each other.
_COMPOSITE = """
    SELECT ARRAY[left_no] AS left_nos, ARRAY[right_no] AS right_nos, apart FROM (
        SELECT l.no AS left_no, r.no AS right_no, abs(extract(epoch FROM l.at - r.at))::bigint AS apart,
               row_number() OVER (PARTITION BY l.no ORDER BY abs(extract(epoch FROM l.at - r.at)), r.no) AS of_left,
               row_number() OVER (PARTITION BY r.no ORDER BY abs(extract(epoch FROM l.at - r.at)), l.no) AS of_right
        FROM recon_left l JOIN recon_left r ON {sides} AND l.amount_fen = r.amount_fen
        WHERE {meant} AND abs(extract(epoch FROM l.at - r.at)) <= :minutes * 60
          AND (:digits = 0 OR (length(l.{left}) >= :digits AND right(l.{left}, :digits) = right(r.{right}, :digits)))) near
    WHERE of_left = 1 AND of_right = 1 ORDER BY left_no
"""

# Several with one reference against the only one of the other side with it; their sums are equal.
_SUMMED = """
    WITH one AS (
        SELECT l.*, {one_ref} AS ref FROM recon_left l WHERE l.has & 4 = {one_has} AND {one_ref} IS NOT NULL AND {meant}
    ), many AS (
        SELECT l.channel, l.kind, l.has, {many_ref} AS ref, sum(l.amount_fen)::bigint AS amount_fen, array_agg(l.no ORDER BY l.no) AS nos
        FROM recon_left l WHERE l.has & 4 = {many_has} AND {many_ref} IS NOT NULL AND {meant}
        GROUP BY l.channel, l.kind, l.has, {many_ref} HAVING count(*) > 1
    )
    SELECT {order}, NULL::bigint AS apart FROM (
        SELECT o.no, m.nos, count(*) OVER (PARTITION BY o.channel, o.kind, o.ref) AS alike
        FROM one o JOIN many m ON m.channel = o.channel AND m.kind = o.kind AND m.ref = o.ref AND m.amount_fen = o.amount_fen
             AND o.has & m.has = 0 AND o.has | m.has = 7) found
    WHERE alike = 1 ORDER BY no
"""


async def lay_out(session: Session, rows: Sequence[tuple[object, ...]]) -> None:
    """Put the leftovers where rules look for them."""
    await session.simple(_STAGE)
    await session.copy_rows("recon_left", LEFT_COLUMNS, rows)


async def take_away(session: Session, nos: Sequence[int]) -> None:
    """A rule has paired these: the rules after it do not see them."""
    await session.execute(text("DELETE FROM recon_left WHERE no = ANY(CAST(:nos AS integer[]))"), {"nos": list(nos)})


async def pair(session: Session, kind: str, told: Parameters) -> Sequence[Row]:
    """What one rule pairs: numbers of leftovers on the left and on the right, and seconds between them."""
    given: dict[str, object] = {"channels": list(told.channels)}
    if kind == "composite":
        left, right = (field if field in FIELDS else "number" for field in (told.left_field, told.right_field))
        sql = _COMPOSITE.format(sides=_SIDES, meant=_MEANT, left=left, right=right)
        return await session.all(text(sql), given | {"minutes": told.minutes, "digits": told.digits})
    reference = f"nullif(left(l.number, {int(told.prefix)}), '')" if told.by == "number_prefix" else f"l.{told.by if told.by in FIELDS else 'bill_number'}"
    one_has, many_has, order = (0, 4, "ARRAY[no] AS left_nos, nos AS right_nos")
    if kind == "many_to_one":
        one_has, many_has, order = (4, 0, "nos AS left_nos, ARRAY[no] AS right_nos")
    sql = _SUMMED.format(one_ref=reference, many_ref=reference, one_has=one_has, many_has=many_has, order=order, meant=_MEANT)
    return await session.all(text(sql), given)


async def list_rules(session: Session, *, only_active: bool = False) -> Sequence[Row]:
    """Rules in the order finance gave them."""
    query = select(match_rule).order_by(match_rule.c.position, match_rule.c.id)
    return await session.all(query.where(match_rule.c.active) if only_active else query)


async def find_rule(session: Session, rule_id: UUID) -> Row | None:
    """One rule, held until the transaction ends."""
    return await session.one_or_none(select(match_rule).where(match_rule.c.id == rule_id).with_for_update())


async def add_rule(session: Session, row: dict[str, object]) -> None:
    """A new rule at the end."""
    last = await session.scalar(select(func.coalesce(func.max(match_rule.c.position), 0)))
    await session.execute(insert(match_rule), row | {"position": last + 1})


async def change_rule(session: Session, rule_id: UUID, **values: object) -> None:
    """Write new facts of a rule."""
    await session.execute(update(match_rule).where(match_rule.c.id == rule_id).values(version=match_rule.c.version + 1, **values))


async def remove_rule(session: Session, rule_id: UUID) -> None:
    """Forget a rule."""
    await session.execute(delete(match_rule).where(match_rule.c.id == rule_id))


async def set_order(session: Session, rule_ids: Sequence[UUID]) -> None:
    """Number the rules anew in this order."""
    place = text("""
        UPDATE core.match_rule r SET position = o.place FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS o (id, place) WHERE r.id = o.id
    """)
    await session.execute(place, {"ids": list(rule_ids)})
