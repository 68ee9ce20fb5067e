"""The tree as paths of names."""

from sqlalchemy import text

from core.database import Session

_PATHS = text("""
    WITH RECURSIVE named AS (
        SELECT id, ARRAY[name] AS names FROM core.org_unit WHERE parent_id IS NULL
        UNION ALL
        SELECT u.id, n.names || u.name FROM core.org_unit u JOIN named n ON n.id = u.parent_id)
    SELECT names FROM named
""")


async def known_paths(session: Session) -> set[tuple[str, ...]]:
    """Every unit's names from the root down."""
    return {tuple(row.names) for row in await session.all(_PATHS)}
