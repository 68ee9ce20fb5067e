"""Bills, and the people they are made out to, as the search box finds them: never more than their lists show."""

from urllib.parse import urlencode
from uuid import UUID

from core.billing import finding_repository as repository
from core.billing import lists, status, units
from core.billing.units import Units
from core.database import Row, Session
from core.identity.actor import Actor
from core.masking import mask_name
from core.money import format_yuan
from core.payers.finding import find_people
from core.search.sources import Asked, Found, Source
from core.web.i18n import N_

SHORTEST = 6


async def people(session: Session, asked: Asked, by: Actor, limit: int) -> list[Found]:
    """People whose bills the asker may list; without that right those whose state they may see, as the page of states shows them."""
    money = by.may(lists.READ)
    reach = by.reach(lists.READ if money else status.READ)
    rows = await find_people(session, asked, reach, limit, billed=not money)
    tree = await units.load(session, reach) if rows else None
    return [_person(row, tree, money) for row in rows]


def _person(row: Row, tree: Units, money: bool) -> Found:
    place = tree.path(row.org_id)
    if money:
        path, detail = f"/console/bills?party={row.id}", " · ".join(filter(None, (row.number, place)))
        return Found(title=mask_name(row.name), detail=detail, href=path, key=str(row.id))
    asked = urlencode({"standing": "all", "org": str(row.org_id or "")})
    return Found(title=row.name, detail=place, href=f"/console/unpaid?{asked}", key=str(row.id))


async def bills(session: Session, asked: Asked, by: Actor, limit: int) -> list[Found]:
    """Bills by the beginning of their number, or by their pay code."""
    if len(asked.number) < SHORTEST:
        return []
    return [_bill(row) for row in await repository.find_bills(session, asked.number, _reach(by), limit)]


def _reach(by: Actor) -> list[UUID] | None:
    return by.reach(lists.READ)


def _bill(row: Row) -> Found:
    return Found(
        title=row.number, detail=f"{mask_name(row.party_name)} · {row.title} · ¥{format_yuan(row.amount_fen)}", href=f"/console/bills/{row.id}",
        status=row.status, machine="bill",
    )  # fmt: skip


SOURCES = (
    Source(
        code="billing.people", title=N_("缴费人员"), permissions=(lists.READ, status.READ), find=people, position=20,
        hint=N_("人：姓名、拼音、拼音首字母、编号、手机号或后四位"),
    ),
    Source(
        code="billing.bills", title=N_("账单"), permissions=(lists.READ,), find=bills, position=30, list_path="/console/bills?q={q}",
        hint=N_("账单：账单号、缴费码"),
    ),
)  # fmt: skip
