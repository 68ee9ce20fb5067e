"""Names in pinyin, by which people are found: 欧阳思远 → ouyangsiyuan."""

from uuid import UUID

from core.payers import repository
from core.platform import Platform

AT_ONCE = 2000


def spelling(name: str) -> str:
    """A name in pinyin, small letters without blanks."""
    from pypinyin import lazy_pinyin  # its tables of phrases take a fifth of a process's start

    return "".join(lazy_pinyin(name)).replace(" ", "").lower()


async def spell(platform: Platform, tenant_id: UUID) -> None:
    """Every night: the names that came before pinyin was kept, some at a time."""
    left = AT_ONCE
    while left == AT_ONCE:
        async with platform.database.tenant(tenant_id) as session:
            rows = await repository.list_unspelt(session, AT_ONCE)
            left = len(rows)
            await repository.set_spellings(session, {row.id: spelling(row.name) for row in rows})
