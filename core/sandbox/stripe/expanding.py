"""`expand[]=latest_charge.balance_transaction`: an id in an answer is replaced by the thing itself, at most four deep."""

from asyncpg import Connection

from core import clock
from core.sandbox.stripe import intents, money, replies
from core.sandbox.stripe.errors import bad_parameter

DEEPEST = 4


async def expand(connection: Connection, mchid: str, shown: dict[str, object], paths: list[str]) -> dict[str, object]:
    """The answer with everything expanded that was asked for. Raises WireError."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise bad_parameter("You cannot expand more than 4 levels of a property.", "expand")
        await _into(connection, mchid, shown, steps)
    return shown


async def _into(connection: Connection, mchid: str, shown: dict[str, object], steps: list[str]) -> None:
    step, further = steps[0], steps[1:]
    if step not in shown:
        raise bad_parameter(f"This property cannot be expanded ({step}).", "expand")
    if isinstance(shown[step], str):
        shown[step] = await show(connection, mchid, shown[step]) or shown[step]
    found = shown[step]
    for one in found if isinstance(found, list) else [found]:
        if further and isinstance(one, dict):
            await _into(connection, mchid, one, further)


async def show(connection: Connection, mchid: str, reference: str) -> dict[str, object] | None:
    """Anything the gateway knows, by its id."""
    match reference.split("_")[0]:
        case "pi":
            return replies.intent(await intents.find(connection, mchid, reference))
        case "ch":
            charge = await intents.find_charge(connection, mchid, reference)
            about = await intents.find(connection, mchid, charge.payment_intent)
            return replies.charge(charge, about, await intents.find_method(connection, mchid, charge.payment_method))
        case "pm":
            return replies.method(await intents.find_method(connection, mchid, reference))
        case "re":
            return replies.refund(await money.find_refund(connection, mchid, reference))
        case "txn":
            return replies.movement(await money.find_movement(connection, mchid, reference), clock.now())
    return None
