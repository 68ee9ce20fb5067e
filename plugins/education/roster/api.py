"""Students in the API. A roster comes in through /api/v1/imports with kind `education.roster`."""

from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.billing import filters, units
from core.billing import service as billing
from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from plugins.education.refunding import leaving
from plugins.education.roster import lists, phones, service
from plugins.education.roster.phones import PhoneChange
from plugins.education.roster.schemas import Leaving, PhoneProposed, StatusChange, StudentPage, StudentRead

TAGS = ["教育 education"]
READ = {"permission": lists.READ}
STUDENTS = "/api/v1/education/students"


@get(STUDENTS, opt=READ, tags=TAGS)
async def list_students(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    org_id: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> StudentPage:
    """Students within reach, by number; `q` is part of a name, pinyin initials or the beginning of a number."""
    tree = await units.load(session, actor.reach(lists.READ))
    asked = {"words": q, "unit_id": filters.uuid_of(org_id), "status": status, "cursor": cursor}
    return await lists.list_students(session, actor, tree, **asked, limit=paging.page_size(limit))


@get(STUDENTS + "/{student_id:uuid}", opt=READ, tags=TAGS)
async def get_student(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], student_id: FromPath[UUID]
) -> StudentRead:
    """One student; ids and phones masked."""
    return await lists.read_student(session, student_id, actor, await platform.vault.keys(session))


@post(STUDENTS + "/{student_id:uuid}/status", opt={"permission": lists.MANAGE}, status_code=200, tags=TAGS)
async def change_status(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    client: NamedDependency[ClientProfile],
    student_id: FromPath[UUID],
    data: JSONBody[StatusChange],
) -> StudentRead:
    """Move a student along the machine of states; a stale version is refused. Leaving drafts a refund of what was paid: see `leaving`."""
    told = await service.change_status(
        session, student_id, data.status, data.reason, actor, data.version, settings=client.settings, effective_on=data.effective_on
    )
    read = await lists.read_student(session, student_id, actor, await platform.vault.keys(session))
    unpaid = leaving.unpaid(await billing.bills_of(session, [student_id]))
    return msgspec.structs.replace(read, leaving=Leaving(refund=told.why, draft_ids=told.drafts, unpaid_bills=unpaid))


@post(STUDENTS + "/{student_id:uuid}/guardian-phone", opt={"permission": lists.MANAGE}, tags=TAGS)
async def propose_phone(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    student_id: FromPath[UUID],
    data: JSONBody[PhoneChange],
) -> PhoneProposed:
    """Ask for another phone of a guardian on the roster; a second person agrees under /api/v1/approvals."""
    return PhoneProposed(await phones.propose(session, await platform.vault.keys(session), student_id, data, actor))


ROUTES = [list_students, get_student, change_status, propose_phone]
