"""Messages about bills, written set-based: 8,000 bills are one statement. Phones stay sealed, names are masked."""

import datetime as dt

from sqlalchemy import text

from core.database import Session

_WRITE = """
    WITH pulse AS (INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :now) ON CONFLICT DO NOTHING)
    INSERT INTO core.message (id, key, template, means, party_id, to_sealed, to_masked, facts, status, due_at)
    SELECT gen_random_uuid(), CAST(:template AS text) || ':' || b.id || ':' || {occasion} || ':' || y.id, :template, 'sms', b.party_id,
           y.phone_sealed, y.phone_masked,
           jsonb_build_object('name', left(n.name, 1) || repeat('*', greatest(length(n.name) - 1, 1)), 'title', b.title,
                              'amount', trim(to_char((b.amount_fen - b.paid_fen) / 100.0, '999,999,999,990.00')),
                              'due_on', to_char(b.due_on, 'YYYY-MM-DD')),
           'waiting', greatest(CAST(:due_at AS timestamptz), b.visible_from)
    FROM core.bill b
    JOIN core.party n ON n.id = b.party_id
    JOIN core.binding g ON g.party_id = b.party_id AND g.status = 'bound'
    JOIN core.payer y ON y.id = g.payer_id
    WHERE {which} AND b.status IN ('issued', 'partially_paid', 'partially_refunded') AND b.amount_fen > b.paid_fen
    ON CONFLICT (tenant_id, key) DO NOTHING
"""
_OF_SOURCE = text(_WRITE.format(which="b.source = :source", occasion="'new'"))
_OF_DUE = text(_WRITE.format(which="b.due_on = :day AND b.visible_from <= :now", occasion="CAST(CAST(:day AS date) AS text)"))


async def write_of_source(session: Session, source: str, now: dt.datetime, due_at: dt.datetime) -> int:
    """Messages about the new bills of one source."""
    values = {"tenant_id": session.tenant_id, "template": "bill_issued", "source": source, "now": now, "due_at": due_at}
    return (await session.execute(_OF_SOURCE, values)).rowcount


async def write_of_due(session: Session, template: str, day: dt.date, now: dt.datetime, due_at: dt.datetime) -> int:
    """Messages about open bills that fall due on a day."""
    values = {"tenant_id": session.tenant_id, "template": template, "day": day, "now": now, "due_at": due_at}
    return (await session.execute(_OF_DUE, values)).rowcount
