"""A family asks to which account it may transfer: the window looks its sub-account up, and opens one where there was none."""

from litestar import Request, Response, post
from litestar.di import NamedDependency

from core.counter import shifts, sub_accounts_repository, transfers
from core.database import Session
from core.identity.actor import Actor
from core.masking import mask_name
from core.web.i18n import gettext as _
from core.web.templating import redirect

PATH = "/console/counter/sub-accounts"


@post(PATH, opt={"permission": "any"}, include_in_schema=False)
async def show_sub_account(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Say the number, in groups of four as it is read out; the same one each time."""
    shifts.need_whole(actor)
    typed = str((await request.form()).get("person", "")).strip().replace("\0", "")[:64]
    found = await sub_accounts_repository.list_people(session, typed)
    if len(found) != 1:
        return redirect(request, "/console/counter/transfers", danger=_("没有找到编号“%(number)s”的人，请核对后重填", number=typed))
    number = (await transfers.give_sub_accounts(session, [found[0].id]))[found[0].id]
    grouped = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    told = _("%(name)s 的转账子账号：%(account)s，转账时不需要附言", name=mask_name(found[0].name), account=grouped)
    return redirect(request, "/console/counter/transfers", success=told)


ROUTES = [show_sub_account]
