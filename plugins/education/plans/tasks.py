"""Publishing as a job: one transaction, so that a plan is published whole or not at all; resumed, it changes nothing twice."""

from uuid import UUID

from core.hookspecs import JobKind, PulseStep
from core.money import format_yuan
from core.platform import Platform
from core.web.i18n import N_
from plugins.education.plans import service


async def run(context: object, params: dict[str, str]) -> dict[str, object]:
    """Publish a plan for whoever pressed the button."""
    async with context.session() as session:
        issued = await service.publish(session, UUID(params["plan_id"]), context.by, context.progress)
    return {
        "href": f"/console/education/plans/{params['plan_id']}",
        "label": N_("查看收费批次"),
        "counts": [["新开账单", issued.count, "", "good"], ["此前已有", issued.existing, "", "quiet"]],
        "amount": f"{format_yuan(issued.amount_fen)} 元",
    }


async def close_due(platform: Platform, tenant_id: UUID) -> None:
    """Every night: plans a month past their due date are closed; what is unpaid stays owed."""
    async with platform.database.tenant(tenant_id) as session:
        await service.close_due(session)


PUBLISH = JobKind(service.PUBLISH, N_("发布收费批次"), run, N_("张账单"))
CLOSE_DUE = PulseStep("education.close_due", close_due)
