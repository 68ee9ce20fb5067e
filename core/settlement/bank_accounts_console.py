"""Clearing accounts in the console: which there are, how far the bank has told, and the form that connects one with a second person."""

from collections.abc import Mapping

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from core.approvals import lists as approvals
from core.billing.filters import word_of
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.settlement import arrivals_lists as lists
from core.settlement import bank_accounts, bank_accounts_repository, bank_connecting
from core.settlement.bank_accounts import Given, masked
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/clearing-accounts"
READ, MAKE = {"permission": lists.READ}, {"permission": lists.MAKE}
LINES = ("base_url", "customer", "key_id", "account_number", "account_name", "bank_name")


@get(PATH, opt=READ, include_in_schema=False)
async def account_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Every clearing account, without its keys."""
    lists.check_reach(actor)
    return await _shown(request, session, actor, {}, {})


@post(PATH, opt=MAKE, include_in_schema=False)
async def propose(request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]) -> Response:
    """Ask a second person to connect an account, or to take new keys for one."""
    lists.check_reach(asker, lists.MAKE)
    typed = {name: str(value) for name, value in (await request.form()).items()}
    pems = {name: typed.get(name, "").replace("\0", "").strip()[:8_000] for name in ("private_key", "bank_public_key")}
    given = Given(**{name: word_of(typed, name) for name in LINES}, **pems)
    try:
        async with platform.database.tenant(client.id) as session:
            keys = await platform.vault.keys(session)
            await bank_connecting.propose(session, keys, given, word_of(typed, "reason"), asker, platform.settings.sandbox_url)
        return redirect(request, PATH, success=_("已提交，等待另一位同事复核"))
    except PlatformError as error:
        if error.status >= 500:
            raise
        errors = {"base_url": error.message}
    async with platform.database.tenant(client.id) as session:
        return await _shown(request, session, asker, {name: typed.get(name, "") for name in (*LINES, "reason")}, errors, status=422)


async def _shown(request: Request, session: Session, actor: Actor, typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    rows = await bank_accounts.list_accounts(session)
    subjects = [session.tenant_id, *(row.id for row in rows)]
    waiting = [row for row in await approvals.waiting_about(session, subjects) if row.kind == bank_connecting.KIND]
    return render(
        request, "settlement/bank_accounts.html", status=status, accounts=rows, masked=masked, typed=typed, errors=errors, waiting=waiting,
        covered=await bank_accounts_repository.covered(session), may_make=actor.may(lists.MAKE),
    )  # fmt: skip


ROUTES = [account_list, propose]
