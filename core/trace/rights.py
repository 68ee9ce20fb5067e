"""Who may look: whoever sees payments may follow them; what lies beyond (statements, books, settlement) needs the right to it, too."""

from core.identity.actor import Actor, system
from core.ledger import books

READ, BILLS, ORDERS, REFUNDS, RECEIPTS = (
    "payments.payment.read",
    "billing.bill.read",
    "payments.order.read",
    "refunds.refund.read",
    "receipts.receipt.read",
)
BOOKS, RECON, SETTLEMENT = books.READ, "recon.run.read", "settlement.batch.read"
BANK = "bank.recon.read"
WHOLE = (READ, BILLS, ORDERS, REFUNDS, RECEIPTS, BOOKS, RECON, SETTLEMENT)
NEEDED = {"journal": BOOKS, "difference": RECON, "line": RECON, "batch": SETTLEMENT, "payout": SETTLEMENT, "arrival": SETTLEMENT}
"""What a thing needs besides the right to see payments."""


def whole(by: Actor, permission: str) -> bool:
    """Whether a right is held over the whole client: files, books and settlement know no units."""
    return by.may(permission) and by.reach(permission) is None


def visible(by: Actor, kind: str) -> bool:
    """Whether a kind of thing may be found at all."""
    return kind not in NEEDED or whole(by, NEEDED[kind])


def everything(tenant_id: object, name: str) -> Actor:
    """Somebody at the machine itself, who sees the whole client."""
    made = system(tenant_id, name)
    return Actor(kind=made.kind, id=made.id, name=made.name, tenant_id=tenant_id, rights=dict.fromkeys(WHOLE))
