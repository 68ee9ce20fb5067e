"""Pushes as people and programs see them."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import paging
from core.billing.filters import BadFilter, word_of
from core.database import Session
from core.webhooks import repository
from core.webhooks.models import DELIVERY


class EndpointRead(msgspec.Struct, frozen=True, kw_only=True):
    """An address, without its secret."""

    id: UUID
    title: str
    url: str
    events: list[str]
    status: str
    made_by: str
    created_at: dt.datetime


class DeliveryRead(msgspec.Struct, frozen=True, kw_only=True):
    """A message to one address: how often it was tried, when next, what was answered last."""

    id: UUID
    endpoint_id: UUID
    title: str
    url: str
    event: str
    key: str
    about_id: UUID
    status: str
    tries: int
    next_at: dt.datetime | None
    answer: str
    delivered_at: dt.datetime | None
    created_at: dt.datetime


class DeliveryPage(msgspec.Struct, frozen=True):
    """Messages, the newest first."""

    items: list[DeliveryRead]
    next_cursor: str | None


def asked_of(values: Mapping[str, str]) -> dict[str, str]:
    """What a page's address asks for."""
    asked = {"status": word_of(values, "status"), "event": word_of(values, "event"), "typed": word_of(values, "q")}
    if asked["status"] and asked["status"] not in DELIVERY.states:
        raise BadFilter(value=asked["status"][:40])
    return asked


async def list_endpoints(session: Session) -> list[EndpointRead]:
    """Every address."""
    return [_of(EndpointRead, row) for row in await repository.list_endpoints(session)]


async def list_deliveries(session: Session, asked: Mapping[str, str], cursor: str | None, limit: int = paging.PAGE) -> DeliveryPage:
    """Messages."""
    rows = await repository.list_page(session, asked, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return DeliveryPage([_of(DeliveryRead, row) for row in shown], more)


def _of(shape: type, row: object) -> object:
    return shape(**{name: getattr(row, name) for name in shape.__struct_fields__})
