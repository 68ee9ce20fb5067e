"""Parties, payers and their bindings: every statement."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_UPSERT = text("""
    INSERT INTO core.party AS p (id, plugin, number, name, name_pinyin, family_index, org_id, active)
    SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:plugin AS text[]), CAST(:number AS text[]), CAST(:name AS text[]),
                         CAST(:name_pinyin AS text[]), CAST(:family_index AS bytea[]), CAST(:org_id AS uuid[]), CAST(:active AS boolean[]))
    ON CONFLICT (tenant_id, id) DO UPDATE
    SET number = excluded.number, name = excluded.name, name_pinyin = excluded.name_pinyin,
        family_index = excluded.family_index, org_id = excluded.org_id, active = excluded.active
    WHERE (p.number, p.name, p.name_pinyin, p.family_index, p.org_id, p.active)
          IS DISTINCT FROM (excluded.number, excluded.name, excluded.name_pinyin, excluded.family_index, excluded.org_id, excluded.active)
""")

_PARTIES = text("""
    SELECT p.id, p.plugin, p.number, p.name, p.family_index, p.org_id, p.active, coalesce(o.name, '') AS org_name
    FROM core.party p LEFT JOIN core.org_unit o ON o.id = p.org_id
    WHERE p.id = ANY(CAST(:ids AS uuid[])) ORDER BY p.created_at, p.id
""")

PARTY_COLUMNS = ("id", "plugin", "number", "name", "name_pinyin", "family_index", "org_id", "active")


async def upsert_parties(session: Session, columns: dict[str, list[object]]) -> int:
    """Write people in one statement; answers how many rows are new or different."""
    return (await session.execute(_UPSERT, columns)).rowcount


async def list_parties(session: Session, party_ids: Sequence[UUID]) -> Sequence[Row]:
    """Some people with the names of where they belong."""
    return await session.all(_PARTIES, {"ids": list(party_ids)})
