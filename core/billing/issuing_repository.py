"""Issuing bills set-based: two statements for any number of bills, once each however often they are asked for.

Thousands of bills share a few headings and a few hundred different lines; each of these travels once, and a bill or line names it by number.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import text

from core.database import Session

_BILLS = text("""
    INSERT INTO core.bill (id, number, pay_code, plugin, source, party_id, org_id, title, period, due_on, visible_from,
                           amount_fen, discount_fen, status, allow_partial, allow_merge, instalments, issued_at)
    SELECT b.id, b.number, b.pay_code, h.plugin, h.source, b.party_id, b.org_id, h.title, h.period, h.due_on, h.visible_from,
           b.amount_fen, b.discount_fen, 'issued', h.allow_partial, h.allow_merge, CAST(h.instalments AS jsonb), :now
    FROM unnest(CAST(:id AS uuid[]), CAST(:number AS text[]), CAST(:pay_code AS text[]), CAST(:party_id AS uuid[]),
                CAST(:org_id AS uuid[]), CAST(:amount_fen AS bigint[]), CAST(:discount_fen AS bigint[]), CAST(:heading AS int[]))
         AS b(id, number, pay_code, party_id, org_id, amount_fen, discount_fen, heading)
    JOIN unnest(CAST(:plugin AS text[]), CAST(:source AS text[]), CAST(:title AS text[]), CAST(:period AS text[]),
                CAST(:due_on AS date[]), CAST(:visible_from AS timestamptz[]), CAST(:allow_partial AS boolean[]),
                CAST(:allow_merge AS boolean[]), CAST(:instalments AS text[])) WITH ORDINALITY
         AS h(plugin, source, title, period, due_on, visible_from, allow_partial, allow_merge, instalments, n) ON h.n = b.heading
    ON CONFLICT (tenant_id, source, party_id) WHERE status <> 'void' DO NOTHING
    RETURNING id
""")

_LINES = text("""
    INSERT INTO core.bill_line (bill_id, line_no, item_code, item_name, category, merchant_id, quantity, unit_price_fen,
                                amount_fen, discount_fen, net_fen, mandatory, chosen, rule)
    SELECT l.bill_id, l.line_no, k.item_code, k.item_name, k.category, k.merchant_id, k.quantity, k.unit_price_fen,
           k.amount_fen, k.discount_fen, k.amount_fen - k.discount_fen, k.mandatory, k.mandatory, CAST(k.rule AS jsonb)
    FROM unnest(CAST(:bill_id AS uuid[]), CAST(:line_no AS int[]), CAST(:kind AS int[])) AS l(bill_id, line_no, kind)
    JOIN unnest(CAST(:item_code AS text[]), CAST(:item_name AS text[]), CAST(:category AS text[]), CAST(:merchant_id AS uuid[]),
                CAST(:quantity AS numeric[]), CAST(:unit_price_fen AS bigint[]), CAST(:amount_fen AS bigint[]),
                CAST(:discount_fen AS bigint[]), CAST(:mandatory AS boolean[]), CAST(:rule AS text[])) WITH ORDINALITY
         AS k(item_code, item_name, category, merchant_id, quantity, unit_price_fen, amount_fen, discount_fen, mandatory, rule, n)
      ON k.n = l.kind
""")

Columns = dict[str, list[object]]


async def insert_bills(session: Session, columns: Columns, now: dt.datetime) -> list[UUID]:
    """Write bills that are not there yet; answers the ids of the new ones."""
    return [row.id for row in await session.all(_BILLS, {**columns, "now": now})]


async def insert_lines(session: Session, columns: Columns) -> None:
    """Write the lines of new bills."""
    await session.run(_LINES, columns)
