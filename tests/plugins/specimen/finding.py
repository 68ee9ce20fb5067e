"""Members as the search box finds them."""

from core.database import Session
from core.identity.actor import Actor
from core.masking import mask_name
from core.payers.finding import find_people
from core.search.sources import Asked, Found


async def members(session: Session, asked: Asked, by: Actor, limit: int) -> list[Found]:
    """Members within reach, masked as the list of members shows them."""
    rows = await find_people(session, asked, by.reach("club.member.read"), limit, plugin="club")
    return [Found(title=mask_name(row.name), detail=row.number, href=f"/console/club/members?q={row.number}", key=str(row.id)) for row in rows]
