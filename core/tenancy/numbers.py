"""A channel's merchant number belongs to one client of the bank: whoever declares it, or learns it from its first file, holds it.

The database says so: `core.route` has a number's keyed hash once, with the client that holds it; nobody reads out of it whose a number is,
only whether it is one's own. Behind a service provider the client's own number (sub_mchid) is held, the provider's, which many clients
collect under, is not. The counter's numbers and accounts at a bank are no merchant numbers.
"""

from core.database import Session, routes
from core.errors import Conflict
from core.identity.vault import Vault

KIND = "number"
NOT_OWNED = ("", "counter", "bank")


class NumberTaken(Conflict):
    code = "MERCHANT_NUMBER_TAKEN"
    message = "商户号 {number} 已登记在别的客户名下，一个商户号只属于一家客户。请核对号码；确属本单位的，请联系开户网点处理"


async def hold(session: Session, vault: Vault, channel: str, number: str) -> bool:
    """The number is this client's from now on; False when another client holds it, True again for one's own."""
    if channel in NOT_OWNED or not number:
        return True
    return await routes.hold(session, KIND, vault.route_hash(KIND, f"{channel}\0{number}"))


async def declare(session: Session, vault: Vault, channel: str, number: str) -> None:
    """The same for a number that somebody enters. Raises NumberTaken."""
    if not await hold(session, vault, channel, number):
        raise NumberTaken(number=number)


async def give_back(session: Session) -> None:
    """This client is closed for good: its numbers may be another's."""
    await routes.let_go(session, KIND)
