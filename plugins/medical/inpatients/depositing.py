"""A deposit is asked for: at the window or on the patient's phone; an order of its own, paid like any other bill."""

from collections.abc import Mapping

from core import ids
from core.database import Row, Session
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from plugins.medical.inpatients import entry
from plugins.medical.orders import service as orders
from plugins.medical.orders.schemas import Item, OrderAsk, OrderRead

TITLE = "住院预交金"


def new_key() -> str:
    """What makes the same press of a button the same order."""
    return ids.token()[:24]


async def place(
    session: Session, keys: TenantKeys, settings: Mapping[str, object], stay: Row, amount_fen: int, scene: str, key: str, by: Actor
) -> OrderRead:
    """An order over a deposit for a patient who is there; `key` makes the same press one order.

    BadDeposit outside the hospital's limits (zero and less always), NotInHospital for who has left.
    """
    entry.check_amount(settings, amount_fen)
    ask = OrderAsk(
        his_bill_no=f"YJ-{key[:40] or new_key()}", patient_no=stay.patient_no, visit_no=stay.visit_no, scene=scene, kind="deposit",
        title=TITLE, total_fen=amount_fen, items=(Item(TITLE, TITLE, 1, amount_fen, amount_fen),),
    )  # fmt: skip
    return await orders.place(session, keys, ask, by, None, settings)
