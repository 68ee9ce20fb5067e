"""Standards, discounts and applications in the API. A fee workbook comes in through /api/v1/imports, kind `education.standards`."""

from uuid import UUID

from litestar import get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.identity.actor import Actor
from plugins.education.standards import discounts, grants, lists, service
from plugins.education.standards.schemas import (
    DiscountDraft,
    DiscountPage,
    GrantDraft,
    GrantPage,
    GrantRead,
    Made,
    Proposed,
    Reason,
    StandardDraft,
    StandardPage,
    StandardPatch,
    StandardRead,
)

TAGS = ["教育 education"]
READ = {"permission": lists.READ}
MAKE = {"permission": service.MAKE}
BASE = "/api/v1/education/fee-standards"
STANDARD = BASE + "/{standard_id:uuid}"
DISCOUNTS = "/api/v1/education/discounts"
DISCOUNT = DISCOUNTS + "/{discount_id:uuid}"
GRANTS = "/api/v1/education/discount-grants"
GRANT = GRANTS + "/{grant_id:uuid}"


@get(BASE, opt=READ, tags=TAGS)
async def list_standards(
    session: NamedDependency[Session], actor: NamedDependency[Actor], item: FromQuery[str] = "", status: FromQuery[str] = ""
) -> StandardPage:
    """The standards that touch the asker's part of the school."""
    return StandardPage(await lists.list_standards(session, actor, item, status))


@post(BASE, opt=MAKE, tags=TAGS)
async def create_standard(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[StandardDraft]) -> Made:
    """Write one standard as a draft."""
    return Made(await service.create(session, data, actor))


@get(STANDARD, opt=READ, tags=TAGS)
async def get_standard(session: NamedDependency[Session], actor: NamedDependency[Actor], standard_id: FromPath[UUID]) -> StandardRead:
    """One standard."""
    return lists.read_standard(await service.find(session, standard_id, actor, lists.READ))


@patch(STANDARD, opt=MAKE, tags=TAGS)
async def change_standard(
    session: NamedDependency[Session], actor: NamedDependency[Actor], standard_id: FromPath[UUID], data: JSONBody[StandardPatch]
) -> StandardRead:
    """Another price, end or approval document: a draft again, to be submitted and approved anew."""
    await service.change(session, standard_id, data, actor)
    return lists.read_standard(await service.find(session, standard_id, actor, service.MAKE))


@post(BASE + "/submit", opt=MAKE, status_code=200, tags=TAGS)
async def submit_standards(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[Reason]) -> Proposed:
    """Hand every draft standard and discount to a second person (see /api/v1/approvals)."""
    return Proposed([await service.submit(session, data.reason, actor)])


@post(STANDARD + "/retire", opt=MAKE, status_code=204, tags=TAGS)
async def retire_standard(session: NamedDependency[Session], actor: NamedDependency[Actor], standard_id: FromPath[UUID], data: JSONBody[Reason]) -> None:
    """A standard prices no more."""
    await service.retire(session, standard_id, data.reason, actor)


@get(DISCOUNTS, opt=READ, tags=TAGS)
async def list_discounts(session: NamedDependency[Session]) -> DiscountPage:
    """Discounts in the order they are taken."""
    return DiscountPage(await lists.list_discounts(session))


@post(DISCOUNTS, opt=MAKE, tags=TAGS)
async def create_discount(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[DiscountDraft]) -> Made:
    """Write one discount as a draft, for the whole school."""
    return Made(await discounts.create(session, data, actor))


@put(DISCOUNT, opt=MAKE, tags=TAGS, status_code=204)
async def change_discount(
    session: NamedDependency[Session], actor: NamedDependency[Actor], discount_id: FromPath[UUID], data: JSONBody[DiscountDraft]
) -> None:
    """Another rule under the same code: a draft again, to be submitted and approved anew."""
    await discounts.change(session, discount_id, data, actor)


@post(DISCOUNT + "/retire", opt=MAKE, status_code=204, tags=TAGS)
async def retire_discount(
    session: NamedDependency[Session], actor: NamedDependency[Actor], discount_id: FromPath[UUID], data: JSONBody[Reason]
) -> None:
    """A discount is given no more."""
    await service.retire_discount(session, discount_id, data.reason, actor)


@get(GRANTS, opt={"permission": lists.STUDENTS}, tags=TAGS)
async def list_grants(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> GrantPage:
    """Applications within reach, the newest first."""
    return await lists.list_grants(session, actor, status, cursor, paging.page_size(limit))


@get(GRANT, opt={"permission": lists.STUDENTS}, tags=TAGS)
async def get_grant(session: NamedDependency[Session], actor: NamedDependency[Actor], grant_id: FromPath[UUID]) -> GrantRead:
    """One application."""
    return lists.read_grant(await grants.find(session, grant_id, actor), actor)


@post(GRANTS, opt={"permission": grants.APPLY}, tags=TAGS)
async def apply_for_discount(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[GrantDraft]) -> Made:
    """Apply for a discount for one student."""
    return Made(await grants.apply(session, data.student_id, data.discount_code, data.evidence, actor))


@post(GRANT + "/check", opt={"permission": grants.CHECK}, status_code=200, tags=TAGS)
async def check_grant(session: NamedDependency[Session], actor: NamedDependency[Actor], grant_id: FromPath[UUID]) -> GrantRead:
    """Somebody other than the applicant has seen the evidence."""
    await grants.check_evidence(session, grant_id, actor)
    return lists.read_grant(await grants.find(session, grant_id, actor), actor)


@post(GRANT + "/approve", opt={"permission": grants.APPROVE}, status_code=200, tags=TAGS)
async def approve_grant(session: NamedDependency[Session], actor: NamedDependency[Actor], grant_id: FromPath[UUID]) -> GrantRead:
    """A third person agrees."""
    await grants.approve(session, grant_id, actor)
    return lists.read_grant(await grants.find(session, grant_id, actor), actor)


@post(GRANT + "/reject", opt={"permission": lists.STUDENTS}, status_code=200, tags=TAGS)
async def reject_grant(session: NamedDependency[Session], actor: NamedDependency[Actor], grant_id: FromPath[UUID], data: JSONBody[Reason]) -> GrantRead:
    """Refuse, saying why."""
    await grants.reject(session, grant_id, data.reason, actor)
    return lists.read_grant(await grants.find(session, grant_id, actor), actor)


@post(GRANT + "/revoke", opt={"permission": grants.APPROVE}, status_code=200, tags=TAGS)
async def revoke_grant(session: NamedDependency[Session], actor: NamedDependency[Actor], grant_id: FromPath[UUID], data: JSONBody[Reason]) -> GrantRead:
    """Take a granted discount back."""
    await grants.revoke(session, grant_id, data.reason, actor)
    return lists.read_grant(await grants.find(session, grant_id, actor), actor)


@post(GRANT + "/carry", opt={"permission": grants.CARRY}, status_code=200, tags=TAGS)
async def carry_grant(session: NamedDependency[Session], actor: NamedDependency[Actor], grant_id: FromPath[UUID]) -> Proposed:
    """Propose the adjustments that bring the student's bills of running terms in step with the discount."""
    return Proposed(await grants.carry(session, grant_id, actor))


ROUTES = [
    list_standards, create_standard, get_standard, change_standard, submit_standards, retire_standard, list_discounts, create_discount,
    change_discount, retire_discount, list_grants, get_grant, apply_for_discount,
    check_grant, approve_grant, reject_grant, revoke_grant, carry_grant,
]  # fmt: skip
