"""A payer's receipts: the list, and each as a document with its amount in words and a QR that proves it."""

from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.cashier import family, history
from core.database import Session
from core.payers.access import Payer
from core.payers.pages import home, page
from core.platform import Platform
from core.receipts import pdf
from core.receipts import service as receipts
from core.receipts.errors import ReceiptNotFound, ReceiptNotReady
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import render


@page("/receipts")
async def receipt_list(request: Request, session: NamedDependency[Session], payer: NamedDependency[Payer], cursor: FromQuery[str] = "") -> Response[str]:
    """Every receipt of the family, of one year or one person where the address says so."""
    known = await family.load(session, payer)
    year, person = history.asked(request.query_params)
    ids = list(history.bills_of(known, person))
    every = await receipts.receipts_of(session, ids) if ids else []
    shown, more = history.page_of([receipt for receipt in every if year in (0, history.receipt_year(receipt))], cursor)
    whose = {bill.id: member.name for member in known.members for bill in member.bills}
    context = {"receipts": shown, "whose": whose, "next_cursor": more, "family": known, "year": year, "person": person}
    return render(request, "cashier/receipts.html", home=home(request), years=history.years(map(history.receipt_year, every)), **context)


@page("/receipts/{name:str}")
async def receipt_page(
    request: Request,
    paying: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    name: FromPath[str],
) -> Response:
    """One receipt, or its PDF where the name ends so (drawn while no transaction is held); somebody else's does not exist."""
    receipt_id = _id(name.removesuffix(".pdf"))
    async with platform.database.tenant(client.id) as session:
        receipt = await receipts.find_receipt(session, receipt_id)
        member, _bill = (await family.load(session, paying)).find(receipt.bill_id)
    waits = receipt.number is None
    payer_name = receipt.content.payer if member.own else member.name
    check_url = "" if waits else f"{platform.settings.public_url}/verify/{client.code}/{receipt.number}?code={receipt.verify_code}"
    if name.endswith(".pdf"):
        if waits:
            raise ReceiptNotReady()
        return _shown(f"{receipt.number}.pdf", await pdf.render(receipt, payer_name, check_url))
    return render(
        request, "cashier/receipt.html", refresh_seconds=3 if waits else None, home=home(request), receipt=receipt, check_url=check_url,
        payer_name=payer_name, waits=waits, channel=_(receipt.content.channel),
    )  # fmt: skip


def _id(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError:
        raise ReceiptNotFound() from None


def _shown(name: str, made: bytes) -> Response[bytes]:
    """A PDF that phones open at once; it is nobody else's to keep."""
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(made, media_type=pdf.MEDIA_TYPE, headers=headers)


ROUTES = [receipt_list, receipt_page]
