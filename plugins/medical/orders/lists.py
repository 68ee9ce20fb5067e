"""Orders as staff and vendors look for them: names masked, items as category totals."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import paging
from core.billing import filters, units
from core.database import Row, Session
from core.identity.actor import Actor
from core.masking import mask_name
from core.payments.lists import begin_of
from plugins.medical.orders import repository, service
from plugins.medical.orders.schemas import OrderPage, OrderRead
from plugins.medical.orders.states import KINDS, ORDER, SCENES
from plugins.medical.patients.keeping import MANAGE

CHOICES = {"status": ORDER.states, "kind": KINDS, "scene": SCENES}


def asked_of(values: Mapping[str, str]) -> dict[str, object]:
    """The filter that an address or an export names; BadFilter when a value cannot be one. `from` and `to` are days, both included."""
    asked: dict[str, object] = {}
    for name, known in CHOICES.items():
        word = filters.word_of(values, name)
        if word and word not in known:
            raise filters.BadFilter(value=word[:40])
        asked[name] = word
    start, until = filters.day_of(values.get("from")), filters.day_of(values.get("to"))
    return asked | {
        "typed": filters.word_of(values, "q")[:64], "start": begin_of(start),
        "until": begin_of(until + dt.timedelta(days=1) if until else None), "department_id": filters.uuid_of(values.get("department")),
    }  # fmt: skip


async def scoped(session: Session, asked: Mapping[str, object], reach: list[UUID] | None, vendor: Row | None) -> dict[str, object]:
    """The same as the repository wants it: the departments below the chosen unit within reach, and only a vendor's own."""
    tree = await units.load(session, reach)
    found = {name: value for name, value in asked.items() if name != "department_id"}
    return found | {"department_ids": tree.scope(asked["department_id"]), "vendor_id": vendor.id if vendor else None}


async def list_orders(
    session: Session, asked: Mapping[str, object], by: Actor, vendor: Row | None, cursor: str | None, limit: int = paging.PAGE
) -> OrderPage:
    """Orders, the newest first, with the sums of everything the filter means."""
    narrowed = await scoped(session, asked, by.reach(service.READ), vendor)
    rows = await repository.list_page(session, narrowed, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    sums = await repository.sums(session, narrowed)
    return OrderPage(
        items=[seen(row, by) for row in shown], next_cursor=more, count=sums.orders, total_fen=sums.total_fen, cash_fen=sums.cash_fen
    )  # fmt: skip


def seen(row: Row, by: Actor) -> OrderRead:
    """An order with the patient's name, in clear only for those who keep the files."""
    name = row.patient_name if by.kind == "user" and by.may(MANAGE) else mask_name(row.patient_name)
    return msgspec.structs.replace(service.read(row), patient=name)
