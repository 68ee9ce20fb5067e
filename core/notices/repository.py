"""Sending notices: every statement. What is claimed belongs to its sender until the lease ends."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session
from core.database.tables import encode_json

_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('notices ' || CAST(:tenant_id AS text), 0))")

_CLAIM = text("""
    WITH claimed AS (
        UPDATE core.notice SET status = 'sending', attempts = attempts + 1, due_at = :lease, sent_at = :now
        WHERE id IN (SELECT id FROM core.notice WHERE status IN ('queued', 'quiet', 'sending') AND due_at <= :now
                     ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING id, event, means, payer_id, bill_id, to_sealed, to_index, body_sealed, facts, attempts, round, created_at, due_at)
    SELECT c.*, y.openids ->> CAST(:appid AS text) AS openid,
           EXISTS (SELECT FROM core.notice_optout o WHERE o.payer_id = c.payer_id AND o.kind = CAST(:kinds AS jsonb) ->> c.event) AS opted_out
    FROM claimed c LEFT JOIN core.payer y ON y.id = c.payer_id
    ORDER BY c.id
""")

_TODAY = text("""
    SELECT to_index, count(*) AS sent FROM core.notice
    WHERE to_index = ANY(CAST(:people AS bytea[])) AND sent_at >= :midnight AND status IN ('sending', 'sent', 'delivered')
      AND NOT (event = ANY(CAST(:uncounted AS text[]))) AND NOT (id = ANY(CAST(:ids AS uuid[])))
    GROUP BY to_index
""")

_SETTLE = text("""
    UPDATE core.notice n SET status = s.status, due_at = s.due_at, sent_at = s.sent_at, delivered_at = s.delivered_at, reason = s.reason,
           provider_id = coalesce(s.provider_id, n.provider_id), body_sealed = CASE WHEN s.keep THEN n.body_sealed ELSE s.body END
    FROM unnest(CAST(:id AS uuid[]), CAST(:status AS text[]), CAST(:due_at AS timestamptz[]), CAST(:sent_at AS timestamptz[]),
                CAST(:delivered_at AS timestamptz[]), CAST(:reason AS text[]), CAST(:provider_id AS text[]), CAST(:body AS bytea[]),
                CAST(:keep AS boolean[]))
         AS s(id, status, due_at, sent_at, delivered_at, reason, provider_id, body, keep)
    WHERE n.id = s.id AND n.status = 'sending'
""")

_FALL_BACK = text("""
    INSERT INTO core.notice (id, key, event, means, run, payer_id, party_id, bill_id, to_sealed, to_index, to_masked, facts, status, due_at)
    SELECT uuidv7(), left(n.key, -6) || 'sms', n.event, 'sms', n.run, n.payer_id, n.party_id, n.bill_id, y.phone_sealed,
           y.phone_index, y.phone_masked, n.facts, 'queued', :now
    FROM core.notice n JOIN core.payer y ON y.id = n.payer_id
    WHERE n.id = ANY(CAST(:ids AS uuid[])) AND n.means = 'wechat'
    ON CONFLICT (tenant_id, key) DO NOTHING
""")

_ASK = text("""
    UPDATE core.notice SET due_at = :now + LEAST(now() - sent_at, interval '6 hours') + interval '20 seconds'
    WHERE id IN (SELECT id FROM core.notice WHERE status = 'sent' AND due_at <= :now ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id, means, provider_id, sent_at
""")

_ARRIVED = text("""
    UPDATE core.notice n SET status = r.status, reason = r.reason, delivered_at = CASE r.status WHEN 'delivered' THEN CAST(:now AS timestamptz) END
    FROM unnest(CAST(:numbers AS text[]), CAST(:statuses AS text[]), CAST(:reasons AS text[])) AS r(number, status, reason)
    WHERE n.provider_id = r.number AND n.status IN ('sent', 'sending')
    RETURNING n.id, n.means, n.status
""")

_NO_WORD = text("UPDATE core.notice SET due_at = 'infinity' WHERE status = 'sent' AND sent_at < :before AND due_at < 'infinity'")

_KNOWN = text("SELECT true FROM core.notice WHERE provider_id = :provider_id LIMIT 1")

_NEXT = text("""
    SELECT LEAST((SELECT min(due_at) FROM core.notice WHERE status IN ('queued', 'quiet', 'sending')),
                 (SELECT min(due_at) FROM core.notice WHERE status = 'sent' AND due_at < 'infinity'))
""")

_PULSE = """pulse AS (INSERT INTO core.tenant_due (tenant_id, kind, due_at) VALUES (:tenant_id, 'pulse', :now) ON CONFLICT DO NOTHING)"""

_AGAIN = text(f"""
    WITH {_PULSE}
    UPDATE core.notice SET status = 'queued', due_at = :now, attempts = 0, round = round + 1, reason = NULL, provider_id = NULL, sent_at = NULL
    WHERE id = ANY(CAST(:ids AS uuid[])) AND status IN ('failed', 'capped') AND to_sealed IS NOT NULL OR
          id = ANY(CAST(:ids AS uuid[])) AND status IN ('failed', 'capped') AND means = 'wechat'
    RETURNING id
""")


async def claim(session: Session, now: dt.datetime, lease: dt.datetime, limit: int, appid: str, kinds: dict[str, str]) -> Sequence[Row]:
    """Take due notices for a while, one sender of a client at a time, so that the daily cap holds."""
    await session.execute(_HOLD, {"tenant_id": str(session.tenant_id)})
    return await session.all(_CLAIM, {"now": now, "lease": lease, "limit": limit, "appid": appid, "kinds": encode_json(kinds)})


async def count_today(
    session: Session, people: Sequence[bytes], midnight: dt.datetime, uncounted: Sequence[str], without: Sequence[UUID]
) -> dict[bytes, int]:
    """How many notices each person had since midnight, but for some."""
    asked = {"people": list(people), "midnight": midnight, "uncounted": list(uncounted), "ids": list(without)}
    return {bytes(row.to_index): row.sent for row in await session.all(_TODAY, asked)}


async def settle(session: Session, columns: dict[str, list[object]]) -> None:
    """Write down what became of claimed notices."""
    await session.execute(_SETTLE, columns)


async def fall_back(session: Session, notice_ids: Sequence[UUID], now: dt.datetime) -> int:
    """An SMS in the place of WeChat messages that were refused."""
    return (await session.execute(_FALL_BACK, {"ids": list(notice_ids), "now": now})).rowcount


async def ask(session: Session, now: dt.datetime, limit: int) -> Sequence[Row]:
    """Sent notices whose arrival should be asked about; later each time."""
    return await session.all(_ASK, {"now": now, "limit": limit})


async def arrived(session: Session, told: Sequence[tuple[str, str, str | None]], now: dt.datetime) -> Sequence[Row]:
    """The provider's word on some of its numbers: (number, delivered or failed, reason)."""
    columns = {"numbers": [one[0] for one in told], "statuses": [one[1] for one in told], "reasons": [one[2] for one in told], "now": now}
    return await session.all(_ARRIVED, columns)


async def stop_asking(session: Session, before: dt.datetime) -> None:
    """Nobody will ever say what became of these: they stay sent."""
    await session.execute(_NO_WORD, {"before": before})


async def next_due(session: Session) -> dt.datetime | None:
    """When something is next due."""
    return await session.scalar(_NEXT)


async def send_again(session: Session, notice_ids: Sequence[UUID], now: dt.datetime) -> int:
    """Dead notices are due again, under the next round's number; answers how many."""
    return len(await session.all(_AGAIN, {"ids": list(notice_ids), "now": now, "tenant_id": session.tenant_id}))


async def is_known(session: Session, provider_id: str) -> bool:
    """Whether a notice left under a provider's number."""
    return bool(await session.scalar(_KNOWN, {"provider_id": provider_id}))
