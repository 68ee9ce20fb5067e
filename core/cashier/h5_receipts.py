"""A payer's receipts: the list, and each as a document with its amount in words and a QR that proves it."""

from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.cashier import family
from core.database import Session
from core.payers.access import Payer
from core.payers.pages import home, page
from core.platform import Platform
from core.receipts import service as receipts
from core.tenancy.directory import ClientProfile
from core.web.templating import render


@page("/receipts")
async def receipt_list(request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer]) -> Response[str]:
    """Every receipt of the family."""
    known = await family.load(session, payer)
    ids = [bill.id for bill in known.bills]
    found = await receipts.receipts_of(session, ids) if ids else []
    whose = {bill.id: member.name for member in known.members for bill in member.bills}
    return render(request, "cashier/receipts.html", home=home(request), receipts=found, whose=whose)


@page("/receipts/{receipt_id:uuid}")
async def receipt_page(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    receipt_id: FromPath[UUID],
) -> Response[str]:
    """One receipt; somebody else's does not exist."""
    receipt = await receipts.find_receipt(session, receipt_id)
    member, _bill = (await family.load(session, payer)).find(receipt.bill_id)
    check_url = f"{platform.settings.public_url}/verify/{client.code}/{receipt.number}?code={receipt.verify_code}"
    payer_name = receipt.content.payer if member.own else member.name
    waits = receipt.number is None
    return render(
        request, "cashier/receipt.html", refresh_seconds=3 if waits else None, home=home(request), receipt=receipt, check_url=check_url,
        payer_name=payer_name, waits=waits,
    )  # fmt: skip


ROUTES = [receipt_list, receipt_page]
