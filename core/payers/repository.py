"""Parties, payers and their bindings: every statement."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_UPSERT = text("""
    INSERT INTO core.party AS p (id, plugin, number, name, name_pinyin, name_spelling, family_index, org_id, active)
    SELECT * FROM unnest(CAST(:id AS uuid[]), CAST(:plugin AS text[]), CAST(:number AS text[]), CAST(:name AS text[]),
                         CAST(:name_pinyin AS text[]), CAST(:name_spelling AS text[]),
                         CAST(:family_index AS bytea[]), CAST(:org_id AS uuid[]), CAST(:active AS boolean[]))
    ON CONFLICT (tenant_id, id) DO UPDATE
    SET number = excluded.number, name = excluded.name, name_pinyin = excluded.name_pinyin,
        name_spelling = excluded.name_spelling, family_index = excluded.family_index, org_id = excluded.org_id, active = excluded.active
    WHERE (p.number, p.name, p.name_pinyin, p.name_spelling, p.family_index, p.org_id, p.active)
          IS DISTINCT FROM (excluded.number, excluded.name, excluded.name_pinyin, excluded.name_spelling, excluded.family_index,
                            excluded.org_id, excluded.active)
""")

PLACE = """
    coalesce(CASE WHEN above.parent_id IS NULL THEN '' WHEN above.name LIKE '%级' THEN above.name ELSE above.name || ' ' END || o.name, '')
"""
"""Where somebody belongs, as a family says it: the unit with the one above it (`九年级7班`, `高一 3班`), the root left out."""
PLACED = "LEFT JOIN core.org_unit o ON o.id = p.org_id LEFT JOIN core.org_unit above ON above.id = o.parent_id"

_PARTIES = text(f"""
    SELECT p.id, p.plugin, p.number, p.name, p.family_index, p.org_id, p.active, {PLACE} AS org_name
    FROM core.party p {PLACED}
    WHERE p.id = ANY(CAST(:ids AS uuid[])) ORDER BY p.created_at, p.id
""")

_FORGET_PHONES = text("DELETE FROM core.party_phone WHERE party_id = ANY(CAST(:ids AS uuid[]))")
_ADD_PHONES = text("""
    INSERT INTO core.party_phone (party_id, phone_mark, tail_mark)
    SELECT * FROM unnest(CAST(:party_id AS uuid[]), CAST(:phone_mark AS bytea[]), CAST(:tail_mark AS bytea[])) ON CONFLICT DO NOTHING
""")
_UNSPELT = text("SELECT id, name FROM core.party WHERE name_spelling IS NULL LIMIT :limit FOR UPDATE SKIP LOCKED")
_SPELL = text("""
    UPDATE core.party p SET name_spelling = s.spelling
    FROM unnest(CAST(:id AS uuid[]), CAST(:spelling AS text[])) AS s (id, spelling) WHERE p.id = s.id
""")

PARTY_COLUMNS = ("id", "plugin", "number", "name", "name_pinyin", "family_index", "org_id", "active")


async def upsert_parties(session: Session, columns: dict[str, list[object]]) -> int:
    """Write people in one statement; answers how many rows are new or different."""
    return (await session.execute(_UPSERT, columns)).rowcount


async def list_parties(session: Session, party_ids: Sequence[UUID]) -> Sequence[Row]:
    """Some people with the names of where they belong."""
    return await session.all(_PARTIES, {"ids": list(party_ids)})


async def set_phones(session: Session, party_ids: Sequence[UUID], columns: dict[str, list[object]]) -> None:
    """By which phones some people are found from now on."""
    await session.execute(_FORGET_PHONES, {"ids": list(party_ids)})
    if columns["party_id"]:
        await session.execute(_ADD_PHONES, columns)


async def list_unspelt(session: Session, limit: int) -> Sequence[Row]:
    """People whose names have not been spelt in pinyin, held."""
    return await session.all(_UNSPELT, {"limit": limit})


async def set_spellings(session: Session, spellings: dict[UUID, str]) -> None:
    """The names of some people in pinyin."""
    await session.execute(_SPELL, {"id": list(spellings), "spelling": list(spellings.values())})
