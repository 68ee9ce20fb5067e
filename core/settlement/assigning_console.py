"""A bank entry in the console: what it is or may be, the form that says so with a second person, and how that is taken back."""

from collections.abc import Mapping
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core import money
from core.billing.filters import uuid_of, word_of
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.reconciliation import rights
from core.settlement import arrivals_lists as lists
from core.settlement import assigning, assigning_lists
from core.settlement.arrivals_console import ENTRIES
from core.settlement.assigning import AssignmentAsk, Part
from core.settlement.assigning_errors import PartsInvalid
from core.settlement.bank_accounts import masked
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

READ, MAKE = {"permission": lists.READ}, {"permission": lists.MAKE}
PAGE = ENTRIES + "/{entry_id:uuid}"


@get(PAGE, opt=READ, include_in_schema=False)
async def entry_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], entry_id: FromPath[UUID]
) -> Response:
    """One entry; `arrival` in the address ticks the arrival it came from."""
    return await _shown(request, session, actor, platform, entry_id, {}, {})


@post(PAGE + "/assign", opt=MAKE, include_in_schema=False)
async def assign(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    entry_id: FromPath[UUID],
) -> Response:  # fmt: skip
    """Ask a second person; what is refused is said on the form, and then nothing is written."""
    form = await request.form()
    typed = {name: str(value) for name, value in form.items()}
    ticked = [each for value in form.getall("arrival", []) if (each := uuid_of(str(value))) is not None]
    try:
        async with platform.database.tenant(client.id) as session:
            entry = await assigning_lists.find_entry(session, platform.vault, entry_id, asker)
            sign = 1 if entry.entry.amount_fen > 0 else -1
            parts = [Part(each, sign * _yuan(typed.get(f"fen-{each}", ""))) for each in ticked]
            await assigning.propose(session, entry_id, AssignmentAsk(parts=parts, reason=word_of(typed, "reason")), asker)
        return redirect(request, f"{ENTRIES}/{entry_id}", success=_("已提交，等待另一位同事复核"))
    except PlatformError as error:
        if error.status >= 500 or error.status == 404:
            raise
        errors = {"parts": error.message}
    async with platform.database.tenant(client.id) as session:
        typed |= {f"tick-{each}": "1" for each in ticked}
        return await _shown(request, session, asker, platform, entry_id, typed, errors, status=422)


@post(PAGE + "/unassign", opt=MAKE, include_in_schema=False)
async def unassign(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], entry_id: FromPath[UUID]) -> Response:
    """Ask a second person to take the assignment back."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    await assigning.propose_undoing(session, entry_id, word_of(form, "reason"), actor)
    return redirect(request, f"{ENTRIES}/{entry_id}", success=_("已提交，等待另一位同事复核"))


def _yuan(typed: str) -> int:
    try:
        return money.yuan(typed)
    except PlatformError:
        raise PartsInvalid(fault=_("“%(typed)s”不是金额，请填写元，最多两位小数", typed=typed[:20])) from None


async def _shown(
    request: Request, session: Session, actor: Actor, platform: Platform, entry_id: UUID, typed: Mapping[str, str], errors: Mapping[str, str],
    status: int = 200,
) -> Response:  # fmt: skip
    found = await assigning_lists.find_entry(session, platform.vault, entry_id, actor)
    return render(
        request, "settlement/bank_entry.html", status=status, found=found, entry=found.entry, typed=typed, errors=errors, masked=masked,
        chosen=request.query_params.get("arrival", ""), may_make=actor.may(lists.MAKE), may_see_difference=actor.may(rights.READ),
    )  # fmt: skip


ROUTES = [entry_page, assign, unassign]
