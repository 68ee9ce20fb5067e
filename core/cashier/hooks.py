"""What the cashier offers through the plugin hooks: every page on which payers see and pay what they owe, and the messages about it."""

from pathlib import Path

from core.cashier import h5_bills, h5_notices, h5_orders, h5_pay, h5_receipts, h5_static, notices
from core.cashier.tasks import remind
from core.database import Session
from core.hookspecs import BillsIssued, PaymentRefunded, PulseStep, hook


@hook
def register_routes() -> list:
    """Bills, paying, results, receipts."""
    return [*h5_bills.ROUTES, *h5_pay.ROUTES, *h5_orders.ROUTES, *h5_receipts.ROUTES, *h5_static.ROUTES, *h5_notices.ROUTES]


@hook
def register_templates() -> Path:
    """Their pages."""
    return Path(__file__).parent / "templates"


@hook
async def bills_issued(session: Session, event: BillsIssued) -> None:
    """Bound payers learn of new bills."""
    await notices.tell_of_new_bills(session, event.source)


@hook
async def payment_refunded(session: Session, event: PaymentRefunded) -> None:
    """Payers learn that money went back."""
    await notices.tell_of_refund(session, event)


@hook
def register_nightly() -> list[PulseStep]:
    """Bills that fall due soon or are overdue are written about in the morning."""
    return [PulseStep("cashier.remind", remind)]
