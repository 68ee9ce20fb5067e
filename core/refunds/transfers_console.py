"""Transfers by hand in the console: the account, the result, and money that the bank sent back."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.billing.filters import word_of
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.refunds import console, lists, repository, service, transfers
from core.refunds.errors import RefundNotFound
from core.refunds.schemas import RefundRead, TransferAsk
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect

PATH = "/console/refund-items/{item_id:uuid}"
READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}


@get(PATH, opt=READ, include_in_schema=False)
async def item_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], item_id: FromPath[UUID]) -> Response:
    """An item stands on its refund's page."""
    refund = await _refund_of(session, item_id, actor, service.READ)
    return redirect(request, f"{console.PATH}/{refund.id}")


@post(PATH + "/transfer", opt=MAKE, include_in_schema=False)
async def propose(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    item_id: FromPath[UUID],
) -> Response:
    """Propose the account; the channel is asked first whether its money moved after all."""
    typed = {name: str(value) for name, value in (await request.form()).items()}
    async with platform.database.tenant(client.id) as session:
        refund = await _refund_of(session, item_id, asker)
    ask = TransferAsk(**{name: word_of(typed, name) for name in TransferAsk.__struct_fields__})
    try:
        await transfers.ask_channel_first(platform, client, item_id)
        async with platform.database.tenant(client.id) as session:
            await transfers.propose(session, await platform.vault.keys(session), client.settings, item_id, ask, asker)
    except PlatformError as error:
        if error.code != "TRANSFER_NOT_POSSIBLE":
            raise
        return redirect(request, f"{console.PATH}/{refund.id}", danger=error.message)
    return redirect(request, f"{console.PATH}/{refund.id}", success=_("已提交，等待另一位同事复核"))


@post(PATH + "/finish", opt=MAKE, include_in_schema=False)
async def finish(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], item_id: FromPath[UUID]) -> Response:
    """The transfer arrived."""
    refund = await _refund_of(session, item_id, actor)
    typed = {name: str(value) for name, value in (await request.form()).items()}
    reference = word_of(typed, "bank_reference")
    if not reference or len(reference) > 64:
        fields = {f"reference_{item_id}": _("请填写 1–64 位的银行流水号")}
        return await console.show(request, session, actor, refund, typed=typed, errors=fields, status=422)
    await transfers.finish(session, item_id, reference, actor)
    return redirect(request, f"{console.PATH}/{refund.id}", success=_("已登记到账"))


@post(PATH + "/return", opt=MAKE, include_in_schema=False)
async def send_back(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], item_id: FromPath[UUID]
) -> Response:
    """The bank sent it back."""
    refund = await _refund_of(session, item_id, actor)
    reason = word_of({"reason": str((await request.form()).get("reason", ""))}, "reason")
    await transfers.returned(session, item_id, reason, actor)
    return redirect(request, f"{console.PATH}/{refund.id}", warning=_("已登记退汇，请重新填写收款账户"))


async def _refund_of(session: Session, item_id: UUID, by: Actor, permission: str = service.MAKE) -> RefundRead:
    item = await repository.find_item(session, item_id)
    if item is None:
        raise RefundNotFound()
    return await lists.find_refund(session, item.refund_id, by, permission)


ROUTES = [item_page, propose, finish, send_back]
