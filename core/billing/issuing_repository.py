"""Issuing bills set-based: two statements for any number of bills, once each however often they are asked for."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Session

_BILLS = text("""
    INSERT INTO core.bill (id, number, pay_code, plugin, source, party_id, org_id, title, period, due_on, visible_from,
                           amount_fen, discount_fen, status, allow_partial, allow_merge, instalments, issued_at)
    SELECT id, number, pay_code, plugin, source, party_id, org_id, title, period, due_on, visible_from,
           amount_fen, discount_fen, status, allow_partial, allow_merge, CAST(instalments AS jsonb), :now
    FROM unnest(CAST(:id AS uuid[]), CAST(:number AS text[]), CAST(:pay_code AS text[]), CAST(:plugin AS text[]),
                CAST(:source AS text[]), CAST(:party_id AS uuid[]), CAST(:org_id AS uuid[]), CAST(:title AS text[]),
                CAST(:period AS text[]), CAST(:due_on AS date[]), CAST(:visible_from AS timestamptz[]),
                CAST(:amount_fen AS bigint[]), CAST(:discount_fen AS bigint[]), CAST(:status AS text[]),
                CAST(:allow_partial AS boolean[]), CAST(:allow_merge AS boolean[]), CAST(:instalments AS text[]))
         AS b(id, number, pay_code, plugin, source, party_id, org_id, title, period, due_on, visible_from,
              amount_fen, discount_fen, status, allow_partial, allow_merge, instalments)
    ON CONFLICT (tenant_id, source, party_id) WHERE status <> 'void' DO NOTHING
    RETURNING id
""")

_LINES = text("""
    INSERT INTO core.bill_line (bill_id, line_no, item_code, item_name, category, merchant_id, quantity, unit_price_fen,
                                amount_fen, discount_fen, net_fen, mandatory, chosen, rule)
    SELECT bill_id, line_no, item_code, item_name, category, merchant_id, quantity, unit_price_fen,
           amount_fen, discount_fen, amount_fen - discount_fen, mandatory, mandatory, rule
    FROM unnest(CAST(:bill_id AS uuid[]), CAST(:line_no AS int[]), CAST(:item_code AS text[]), CAST(:item_name AS text[]),
                CAST(:category AS text[]), CAST(:merchant_id AS uuid[]), CAST(:quantity AS numeric[]),
                CAST(:unit_price_fen AS bigint[]), CAST(:amount_fen AS bigint[]), CAST(:discount_fen AS bigint[]),
                CAST(:mandatory AS boolean[]), CAST(:rule AS jsonb[]))
         AS l(bill_id, line_no, item_code, item_name, category, merchant_id, quantity, unit_price_fen,
              amount_fen, discount_fen, mandatory, rule)
""")

Columns = dict[str, list[object]]


async def insert_bills(session: Session, columns: Columns, now: object) -> list[UUID]:
    """Write bills that are not there yet; answers the ids of the new ones."""
    return [row.id for row in await session.all(_BILLS, {**columns, "now": now})]


async def insert_lines(session: Session, columns: Columns) -> None:
    """Write the lines of new bills."""
    await session.execute(_LINES, columns)


def as_columns(rows: Sequence[dict[str, object]], names: Sequence[str]) -> Columns:
    """Rows turned into one list per column, as `unnest` wants them."""
    return {name: [row[name] for row in rows] for name in names}
