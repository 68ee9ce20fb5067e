"""What each platform answers about a ticket, in its own words."""

from decimal import Decimal

from core.sandbox.fiscal.tickets import NAMES, Ticket, issued_on
from core.sandbox.fiscal.units import Unit


def told(unit: Unit, ticket: Ticket, public_url: str) -> dict[str, object]:
    """A ticket as its unit reads it; before it is ready there is only its number."""
    number, total = NAMES[unit.kind]
    known = {"state": "issued" if ticket.ready else "processing", number: ticket.number, total: ticket.amount}
    if not ticket.ready:
        return known
    url = f"{public_url}/fiscal/verify?number={ticket.ticket_no}&check_code={ticket.check_code}"
    known |= {"flushed": ticket.flushed_by is not None}
    if unit.kind == "einvoice":
        tax = sum_of_tax(ticket)
        return known | {
            "invoiceNumber": ticket.ticket_no, "sellerName": unit.name, "drawer": str(ticket.payload.get("drawer", "")),
            "issuedOn": issued_on(ticket), "taxAmount": tax, "url": url,
        }  # fmt: skip
    return known | {
        "billName": str(ticket.payload.get("billName") or "财政电子票据"), "billBatchCode": ticket.code, "billNo": ticket.ticket_no,
        "random": ticket.check_code, "unit": unit.name, "author": str(ticket.payload.get("author", "")), "ivcDate": issued_on(ticket),
        "unitSeal": f"{unit.name}财务专用章", "supervisionSeal": "榕城市财政票据监制章", "pictureUrl": url,
    }  # fmt: skip


def sum_of_tax(ticket: Ticket) -> str:
    """The tax of all lines."""
    return str(sum((Decimal(line["tax"]) for line in ticket.payload.get("items", [])), Decimal("0.00")))
