"""The tree as paths of names."""

from sqlalchemy import text

from core.database import Session

Facts = tuple[str, str | None, int, dict[str, object]]
"""Kind, code, place among its siblings, attributes."""

_UNITS = text("""
    WITH RECURSIVE named AS (
        SELECT id, kind, code, position, attributes, ARRAY[name] AS names FROM core.org_unit WHERE parent_id IS NULL
        UNION ALL
        SELECT u.id, u.kind, u.code, u.position, u.attributes, n.names || u.name FROM core.org_unit u JOIN named n ON n.id = u.parent_id)
    SELECT names, kind, code, position, attributes FROM named
""")


async def known_units(session: Session) -> dict[tuple[str, ...], Facts]:
    """What is known of every unit, by its names from the root down."""
    return {tuple(row.names): (row.kind, row.code, row.position, row.attributes) for row in await session.all(_UNITS)}
