"""People that plugins write: any number at once, and nothing changes when nothing differs."""

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core import ids
from core.database.tables import new_tenant_id
from core.errors import NotFound
from core.payers import service
from core.payers.schemas import PartyRow


def row(n: int, **given: object) -> PartyRow:
    fields = {
        "id": ids.uuid7(),
        "plugin": "test",
        "number": f"S{n:05d}",
        "name": f"学生{n}",
        "name_pinyin": f"xuesheng{n}",
        "family_index": b"f",
    }
    return PartyRow(**fields | given)


async def test_a_whole_school_is_written_in_one_go_and_again_without_effect(database, tenant):
    rows = [row(n) for n in range(8000)]
    async with database.tenant(tenant) as session:
        assert await service.upsert_parties(session, rows) == 8000
    changed = [msgspec.structs.replace(rows[0], name="学生改名"), msgspec.structs.replace(rows[1], active=False), *rows[2:]]
    async with database.tenant(tenant) as session:
        assert await service.upsert_parties(session, rows) == 0
        assert await service.upsert_parties(session, changed) == 2
        assert [p.name for p in await service.list_parties(session, [rows[0].id])] == ["学生改名"]


async def test_two_people_of_one_plugin_never_share_a_number(database, tenant):
    with pytest.raises(IntegrityError):
        async with database.tenant(tenant) as session:
            await service.upsert_parties(session, [row(1), row(1)])


async def test_a_person_of_another_client_does_not_exist(database, tenant):
    person = row(1)
    async with database.tenant(tenant) as session:
        await service.upsert_parties(session, [person])
    async with database.tenant(new_tenant_id()) as session:
        with pytest.raises(NotFound):
            await service.find_party(session, person.id)
        assert await session.scalar(text("SELECT count(*) FROM core.party")) == 0
