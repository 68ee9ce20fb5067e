"""What of tenancy has a history: clients in the bank's house, merchants in a client's."""

from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.identity.history import Found, Subject, id_of, register
from core.tenancy import merchants_repository, service
from core.tenancy.kinds import KINDS
from core.web.i18n import N_, gettext


async def client(session: Session, by: Actor, object_id: str) -> Found:
    """A client: opened, switched, suspended, handed over; merchants and accounts that the bank touched."""
    row = await service.find(session, by, id_of(object_id))
    names = {str(row.branch_id): row.branch_name} | {code: gettext(word) for code, word in KINDS.items()}
    return Found(keys=[("client", object_id)], title=row.name, path=f"clients/{row.id}", names=names)


async def merchant(session: Session, by: Actor, object_id: str) -> Found:
    """A merchant with its settlement accounts, whoever entered or checked them."""
    by.reach("tenancy.merchant.read")
    row = await merchants_repository.find_merchant(session, id_of(object_id))
    if row is None:
        raise NotFound()
    accounts = [each for each in await merchants_repository.list_accounts(session) if each.merchant_id == row.id]
    keys = [("merchant", object_id), *(("settlement_account", str(each.id)) for each in accounts)]
    return Found(keys=keys, title=row.name, path="merchants")


register(
    Subject(code="client", title=N_("客户"), permission="tenancy.client.read", find=client, side="bank"),
    Subject(code="merchant", title=N_("收款商户"), permission="tenancy.merchant.read", find=merchant),
)
