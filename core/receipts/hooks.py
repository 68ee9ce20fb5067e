"""What receipts offers through the plugin hooks: one for every payment, and the page on which anybody can check one."""

from pathlib import Path

from core.database import Session
from core.hookspecs import PaymentSettled, PulseStep, hook
from core.receipts import h5, service
from core.receipts.tasks import issue_due
from core.web import statuses
from core.web.i18n import N_

statuses.register(
    "receipt",
    {
        "to_issue": (N_("开具中"), statuses.WAIT),
        "issued": (N_("已开具"), statuses.GOOD),
        "red_flushed": (N_("已红冲"), statuses.INFO),
        "voided": (N_("已作废"), statuses.QUIET),
    },
)


@hook
async def payment_settled(session: Session, event: PaymentSettled) -> None:
    """Money came in: its receipts are due."""
    await service.prepare(session, event.payment_id, event.bill_ids)


@hook
def register_pulse() -> list[PulseStep]:
    """Receipts get their numbers within seconds, in batches."""
    return [PulseStep("receipts", issue_due)]


@hook
def register_routes() -> list:
    """The public check of a receipt."""
    return h5.ROUTES


@hook
def register_templates() -> Path:
    """Its page."""
    return Path(__file__).parent / "templates"
