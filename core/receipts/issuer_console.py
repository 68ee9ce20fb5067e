"""Where tickets are issued, set in the console: the platform's address and key, and which fee items are on which ticket."""

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.database import Session
from core.errors import InvalidRequest
from core.identity.actor import Actor
from core.platform import Platform
from core.receipts import issuer_repository, lists, setup
from core.receipts.errors import IssuerIncomplete, IssuerUnknown
from core.receipts.issuers import ISSUERS
from core.receipts.setup import IssuerWrite
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/receipt-issuers"
MANAGE = {"permission": lists.ISSUERS}
TEXTS = ("base_url", "app_id", "name", "secret", "code", "drawer", "title")


@get(PATH, opt=MANAGE, include_in_schema=False)
async def issuer_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Each kind of ticket and whether it is set."""
    known = {issuer.ticket: issuer for issuer in await setup.list_issuers(session)}
    return render(request, "receipts/issuers.html", kinds=[(code, known.get(code)) for code in ISSUERS])


@get(PATH + "/{ticket:str}", opt=MANAGE, include_in_schema=False)
async def issuer_form(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], ticket: FromPath[str]
) -> Response:
    """The form of one kind of ticket; the key is never shown again."""
    return await _form(request, session, ticket, None, "")


@post(PATH + "/{ticket:str}", opt=MANAGE, include_in_schema=False)
async def save(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    ticket: FromPath[str],
) -> Response:
    """Set it; payments from now on follow."""
    form = await request.form()
    typed = {name: str(value)[:200] for name, value in form.items()}
    items = [str(item)[:64] for item in form.getall("items", [])]
    given = IssuerWrite(
        **{name: typed.get(name, "").strip() for name in TEXTS},
        items=items,
        tax_rates={item: typed[f"rate_{item}"].strip() for item in items if typed.get(f"rate_{item}", "").strip()},
        active=typed.get("active") == "1",
    )
    sandbox_url = platform.settings.sandbox_url if platform.settings.demo else ""
    try:
        await setup.save(session, await platform.vault.keys(session), ticket, given, actor, sandbox_url)
    except (InvalidRequest, IssuerIncomplete) as error:
        return await _form(request, session, ticket, given, error.message)
    return redirect(request, PATH, success=_("开票平台已保存，之后的缴费按此开票"))


async def _form(request: Request, session: Session, ticket: str, typed: IssuerWrite | None, error: str) -> Response:
    if ticket not in ISSUERS:
        raise IssuerUnknown()
    known = await setup.find(session, ticket)
    return render(
        request, "receipts/issuer.html", status=422 if error else 200, ticket=ticket, known=known, shown=typed or known, error=error,
        items=await issuer_repository.list_fee_items(session),
    )  # fmt: skip


ROUTES = [issuer_list, issuer_form, save]
