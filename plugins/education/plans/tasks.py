"""Publishing as a job: one transaction, so that a plan is published whole or not at all; resumed, it changes nothing twice."""

from uuid import UUID

from core.hookspecs import JobKind
from core.money import format_yuan
from plugins.education.plans import service


async def run(context: object, params: dict[str, str]) -> dict[str, object]:
    """Publish a plan for whoever pressed the button."""
    await context.progress(0, 1)
    async with context.session() as session:
        issued = await service.publish(session, UUID(params["plan_id"]), context.by)
    await context.progress(1, 1)
    return {
        "href": f"/console/education/plans/{params['plan_id']}",
        "label": "查看收费批次",
        "counts": [["新开账单", issued.count, "", "good"], ["此前已有", issued.existing, "", ""]],
        "amount": f"{format_yuan(issued.amount_fen)} 元",
    }


PUBLISH = JobKind(service.PUBLISH, "发布收费批次", run)
