"""Writing notices, set-based: one statement whether it is one bill or 8,000. Phones stay sealed, names are masked.

What is to be told is a SELECT with the columns `occasion, party_id, bill_id, only_payer_id, facts, from_at, run`: of bills (`core.cashier`),
or of rows that were handed over. `only_payer_id` tells one payer, whoever else is bound. From it follows who hears of it (payers bound to the
party, whose consent holds), by which means (the inbox always; beside it WeChat where the account is known, else SMS) and in which state each
notice begins.
"""

import contextlib
import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import TextClause, text

from core.database import Row, Session

_PULSE = """pulse AS (INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :now) ON CONFLICT DO NOTHING)"""

_WRITE = """
    WITH asked AS ({which}), {pulse},
    reached AS (
        SELECT a.*, g.payer_id FROM asked a JOIN core.binding g ON g.party_id = a.party_id AND g.status = 'bound' WHERE a.only_payer_id IS NULL
        UNION ALL SELECT a.*, a.only_payer_id FROM asked a WHERE a.only_payer_id IS NOT NULL),
    told AS (
        SELECT r.*, y.phone_sealed, y.phone_index, y.phone_masked, coalesce(y.openids ? CAST(:appid AS text), false) AS follows,
               o.payer_id IS NOT NULL AS out
        FROM reached r JOIN core.payer y ON y.id = r.payer_id LEFT JOIN core.notice_optout o ON o.payer_id = y.id AND o.kind = :kind
        WHERE NOT EXISTS (
            SELECT FROM core.consent c WHERE c.payer_id = y.id AND c.purpose = 'service' AND c.withdrawn_at IS NOT NULL AND NOT EXISTS (
                SELECT FROM core.consent s WHERE s.payer_id = c.payer_id AND s.purpose = 'service' AND s.withdrawn_at IS NULL))),
    written AS (
        INSERT INTO core.notice (id, key, event, means, run, payer_id, party_id, bill_id, to_sealed, to_index, to_masked, facts, status,
                                 due_at, delivered_at)
        SELECT uuidv7(), CAST(:event AS text) || ':' || occasion || ':' || payer_id || ':' || m.means, :event, m.means, run, payer_id,
               party_id, bill_id, CASE m.means WHEN 'sms' THEN phone_sealed END, CASE WHEN m.means <> 'inbox' THEN phone_index END,
               phone_masked, facts,
               CASE WHEN out AND (m.means <> 'inbox' OR NOT :necessary) THEN 'opted_out' WHEN m.means = 'inbox' THEN 'delivered'
                    WHEN CAST(:due_at AS timestamptz) > CAST(:now AS timestamptz) THEN 'quiet' ELSE 'queued' END,
               CASE m.means WHEN 'inbox' THEN greatest(CAST(:now AS timestamptz), from_at) ELSE greatest(CAST(:due_at AS timestamptz), from_at) END,
               CASE WHEN m.means = 'inbox' AND NOT (out AND NOT :necessary) THEN greatest(CAST(:now AS timestamptz), from_at) END
        FROM told
        CROSS JOIN LATERAL (
            SELECT 'inbox' AS means WHERE :inbox
            UNION ALL SELECT 'wechat' WHERE :wechat AND follows
            UNION ALL SELECT 'sms' WHERE :sms AND NOT (:wechat AND follows)) m
        ON CONFLICT (tenant_id, key) DO NOTHING
        RETURNING party_id, means, status)
    SELECT (SELECT count(*) FROM asked) AS asked, (SELECT count(DISTINCT party_id) FROM told) AS reachable,
           count(*) AS notices, count(DISTINCT party_id) FILTER (WHERE status <> 'opted_out') AS parties, count(*) FILTER (WHERE means <> 'inbox') AS leaving
    FROM written
"""

HANDED_OVER = """
    SELECT occasion, party_id, bill_id, CAST(NULL AS uuid) AS only_payer_id, facts, from_at, run
    FROM unnest(CAST(:occasions AS text[]), CAST(:party_ids AS uuid[]), CAST(:bill_ids AS uuid[]), CAST(:all_facts AS jsonb[]),
                CAST(:from_ats AS timestamptz[]), CAST(:runs AS text[])) AS h(occasion, party_id, bill_id, facts, from_at, run)
"""

_TO_PHONES = text(f"""
    WITH {_PULSE}
    INSERT INTO core.notice (id, key, event, means, run, party_id, to_sealed, to_index, to_masked, body_sealed, facts, status, due_at)
    SELECT id, key, event, 'sms', run, party_id, to_sealed, to_index, to_masked, body_sealed, facts,
           CASE WHEN due_at > CAST(:now AS timestamptz) THEN 'quiet' ELSE 'queued' END, due_at
    FROM unnest(CAST(:id AS uuid[]), CAST(:key AS text[]), CAST(:event AS text[]), CAST(:run AS text[]), CAST(:party_id AS uuid[]),
                CAST(:to_sealed AS bytea[]), CAST(:to_index AS bytea[]), CAST(:to_masked AS text[]), CAST(:body_sealed AS bytea[]),
                CAST(:facts AS jsonb[]), CAST(:due_at AS timestamptz[]))
         AS m(id, key, event, run, party_id, to_sealed, to_index, to_masked, body_sealed, facts, due_at)
    ON CONFLICT (tenant_id, key) DO NOTHING RETURNING key
""")

_TO_STAFF = text("""
    INSERT INTO core.notice (id, key, event, means, user_id, to_masked, facts, status, due_at, delivered_at)
    SELECT uuidv7(), CAST(:event AS text) || ':' || occasion || ':' || user_id, :event, 'inbox', user_id, '', facts, 'delivered', :now, :now
    FROM unnest(CAST(:occasions AS text[]), CAST(:user_ids AS uuid[]), CAST(:all_facts AS jsonb[])) AS h(occasion, user_id, facts)
    ON CONFLICT (tenant_id, key) DO NOTHING
""")

_statements: dict[str, TextClause] = {}


def statement(which: str) -> TextClause:
    """The statement for one kind of SELECT, made once."""
    if which not in _statements:
        _statements[which] = text(_WRITE.format(which=which, pulse=_PULSE))
    return _statements[which]


async def write(session: Session, which: str, values: Mapping[str, object], *, many: bool = False) -> Row:
    """Write notices of what a SELECT tells, perhaps of many; answers how many things were asked for, reachable parties, notices and parties
    told now.
    """
    async with session.in_bulk() if many else contextlib.nullcontext():
        return await session.one(statement(which), {**values, "tenant_id": session.tenant_id})


async def write_to_phones(session: Session, columns: dict[str, list[object]], now: dt.datetime) -> set[str]:
    """Write notices to phones whose keys are new; answers these keys."""
    return {row.key for row in await session.all(_TO_PHONES, {**columns, "tenant_id": session.tenant_id, "now": now})}


async def write_to_staff(session: Session, values: Mapping[str, Sequence[object] | object]) -> int:
    """Write notices to staff, once each."""
    return (await session.execute(_TO_STAFF, values)).rowcount
