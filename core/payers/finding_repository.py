"""People by name, pinyin, number or phone. Each way is a range or an equality of one index: row-level security lets no other through."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session
from core.search.sources import Asked, up_to

_BEGINS = "(p.{column} >= :{given} AND p.{column} < :{given}_end)"
_NAMES = " OR ".join(_BEGINS.format(column=column, given="name") for column in ("name", "name_from_2", "name_from_3"))
_LETTERS = " OR ".join(_BEGINS.format(column=column, given="letters") for column in ("name_pinyin", "name_spelling"))
_NUMBER = _BEGINS.format(column="number", given="number")
_PAYERS = """p.id = ANY(ARRAY(SELECT b.party_id FROM core.payer y JOIN core.binding b ON b.payer_id = y.id
                              WHERE y.{column} = :{given} AND b.status = 'bound'))"""
_PHONES = "p.id = ANY(ARRAY(SELECT n.party_id FROM core.party_phone n WHERE n.{column} = :{given}))"

_BILLED = "EXISTS (SELECT FROM core.bill b WHERE b.party_id = p.id AND b.status <> 'void' AND b.visible_from <= now())"


def _ways(asked: Asked) -> tuple[str, dict[str, object]]:
    """The ways in which a person may fit, and their parameters."""
    ways, given = [], {}
    for typed, name, sql in ((asked.name, "name", _NAMES), (asked.letters, "letters", _LETTERS), (asked.number, "number", _NUMBER)):
        if typed:
            ways.append(sql)
            given |= {name: typed, f"{name}_end": up_to(typed)}
    if asked.tail_mark:
        ways += [_PAYERS.format(column="phone_tail", given="tail"), _PHONES.format(column="tail_mark", given="tail_mark")]
        given |= {"tail": asked.tail, "tail_mark": asked.tail_mark}
    if asked.phone_mark:
        ways += [_PAYERS.format(column="phone_index", given="phone"), _PHONES.format(column="phone_mark", given="phone")]
        given |= {"phone": asked.phone_mark}
    return f"({' OR '.join(ways)})", given


async def find_people(session: Session, asked: Asked, org_ids: list[UUID] | None, limit: int, plugin: str, billed: bool) -> Sequence[Row]:
    """People who fit, by name; those who are there before those who left."""
    fits, given = _ways(asked)
    where = [fits]
    if org_ids is not None:
        where.append("p.org_id = ANY(CAST(:org_ids AS uuid[]))")
        given["org_ids"] = org_ids
    if plugin:
        where.append("p.plugin = :plugin")
        given["plugin"] = plugin
    if billed:
        where.append(_BILLED)
    statement = text(f"""
        SELECT p.id, p.plugin, p.name, p.number, p.org_id, p.active FROM core.party p
        WHERE {" AND ".join(where)} ORDER BY p.active DESC, p.name, p.number LIMIT :limit
    """)
    return await session.all(statement, given | {"limit": limit})
