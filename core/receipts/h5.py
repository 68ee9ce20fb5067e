"""Is this receipt genuine? The page behind the QR on every receipt, for anybody who holds it."""

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.platform import Platform
from core.receipts import service
from core.receipts.errors import ReceiptNotFound
from core.tenancy.branding import branding
from core.web.templating import render


@get("/verify/{client_code:str}/{number:str}", opt={"permission": "public", "side": "both"}, include_in_schema=False)
async def verify_page(
    request: Request,
    platform: NamedDependency[Platform],
    client_code: FromPath[str],
    number: FromPath[str],
    code: FromQuery[str] = "",
) -> Response[str]:
    """Shows what the receipt said when it was made, names masked; the wrong number and the wrong code look the same."""
    client = await platform.directory.by_code(client_code)
    request.state.client = branding(client)
    async with platform.database.tenant(client.id) as session:
        try:
            receipt, others = await service.verify(session, number[:32], code[:64])
        except ReceiptNotFound as error:
            return render(request, "receipts/verify.html", status=404, receipt=None, red=None, number=number[:32], message=error.message)
    red = next((other for other in others if other.kind == "red" and other.follows_id == receipt.id), None)
    return render(request, "receipts/verify.html", receipt=receipt, red=red, number=receipt.number, message="")


ROUTES = [verify_page]
