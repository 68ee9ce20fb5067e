"""Stays in the API, for the hospital's own system: admitted, day by day, discharged, settled."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from plugins.medical.inpatients import daily, entry, lists, service
from plugins.medical.inpatients.schemas import (
    AdmissionAsk,
    AdmissionPage,
    AdmissionRead,
    DailyListAsk,
    DailyListRead,
    DischargeAsk,
    SettlementAsk,
)

TAGS = ["医疗 medical"]
READ, MAKE = {"permission": lists.READ}, {"permission": lists.MAKE}
ADMISSIONS = "/api/v1/medical/admissions"
ONE = ADMISSIONS + "/{visit_no:str}"


@get(ADMISSIONS, opt=READ, tags=TAGS)
async def list_admissions(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    status: FromQuery[str] = "",
    due: FromQuery[str] = "",
    q: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> AdmissionPage:
    """Stays within reach, the latest first; `due` is today, overdue or week, `status` a state, `present` or `leaving`."""
    given = {"status": status, "due": due, "q": q}
    return await lists.list_page(session, given, actor.reach(lists.READ), cursor, paging.page_size(limit))


@post(ADMISSIONS, opt=MAKE, status_code=200, tags=TAGS)
async def admit(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[AdmissionAsk]) -> AdmissionRead:
    """Admit a patient; the same visit again moves the patient to another ward or bed."""
    await entry.admit(session, data, actor)
    return await _read(session, data.visit_no, actor, lists.MAKE)


@get(ONE, opt=READ, tags=TAGS)
async def get_admission(session: NamedDependency[Session], actor: NamedDependency[Actor], visit_no: FromPath[str]) -> AdmissionRead:
    """One stay with its payments, what goes back and what it waits for."""
    return await _read(session, visit_no, actor)


@get(ONE + "/daily-lists", opt=READ, tags=TAGS)
async def list_daily(session: NamedDependency[Session], actor: NamedDependency[Actor], visit_no: FromPath[str]) -> list[DailyListRead]:
    """The days of a stay by category totals; items are for the patient alone."""
    return await daily.lists(session, (await lists.find_by_visit(session, visit_no, actor)).id)


@post(ONE + "/daily-lists", opt=MAKE, status_code=200, tags=TAGS)
async def put_daily(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    client: NamedDependency[ClientProfile],
    visit_no: FromPath[str],
    data: JSONBody[DailyListAsk],
) -> DailyListRead:
    """What a day cost. The same list again changes nothing; another one needs the `version` that it corrects."""
    await lists.find_by_visit(session, visit_no, actor, lists.MAKE)
    return await daily.put(session, await platform.vault.keys(session), client.settings, visit_no, data, actor)


@post(ONE + "/discharge-requests", opt=MAKE, status_code=200, tags=TAGS)
async def ask_discharge(
    session: NamedDependency[Session], actor: NamedDependency[Actor], visit_no: FromPath[str], data: JSONBody[DischargeAsk]
) -> AdmissionRead:
    """The patient may leave: three working days from now everything is settled."""
    row = await lists.find_by_visit(session, visit_no, actor, lists.MAKE)
    await service.ask_discharge(session, row.id, data, actor)
    return await _read(session, visit_no, actor, lists.MAKE)


@post(ONE + "/discharge-settlements", opt=MAKE, status_code=200, tags=TAGS)
async def settle(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    client: NamedDependency[ClientProfile],
    visit_no: FromPath[str],
    data: JSONBody[SettlementAsk],
) -> AdmissionRead:
    """What the stay cost and who bears it; the answer says what is short or what goes back to which payment."""
    row = await lists.find_by_visit(session, visit_no, actor, lists.MAKE)
    await service.settle(session, await platform.vault.keys(session), client.settings, row.id, data, actor)
    return await _read(session, visit_no, actor, lists.MAKE)


async def _read(session: Session, visit_no: str, by: Actor, right: str = lists.READ) -> AdmissionRead:
    return await lists.read(session, await lists.find_by_visit(session, visit_no, by, right))


ROUTES = [list_admissions, admit, get_admission, list_daily, put_daily, ask_discharge, settle]
