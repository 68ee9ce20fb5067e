"""Imported bills of a plan in the API; files come in through /api/v1/imports."""

from uuid import UUID

from litestar import delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.database import Session
from core.identity.actor import Actor
from plugins.education.plans import imported
from plugins.education.plans.schemas import Cleared, ImportedSums
from plugins.education.plans.service import MAKE, READ

TAGS = ["教育 education"]
IMPORTED = "/api/v1/education/plans/{plan_id:uuid}/imported-bills"


@get(IMPORTED, opt={"permission": READ}, tags=TAGS)
async def read_imported(session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> ImportedSums:
    """What the school calculated itself for this plan: with any line, the plan bills these and no standard counts."""
    return await imported.read_sums(session, plan_id, actor)


@delete(IMPORTED, opt={"permission": MAKE}, status_code=200, tags=TAGS)
async def clear_imported(session: NamedDependency[Session], actor: NamedDependency[Actor], plan_id: FromPath[UUID]) -> Cleared:
    """Take the imported bills out of a draft."""
    return Cleared(await imported.clear(session, plan_id, actor))


ROUTES = [read_imported, clear_imported]
