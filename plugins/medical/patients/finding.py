"""Patients as the search box finds them: names clear only for those who keep the files, as the list shows them."""

from core.database import Session
from core.identity.actor import Actor
from core.payers.finding import find_people
from core.search.sources import Asked, Found, Source
from core.web.i18n import N_
from plugins.medical.patients.lists import READ, shown_name
from plugins.medical.patients.service import PLUGIN


async def patients(session: Session, asked: Asked, by: Actor, limit: int) -> list[Found]:
    """Patients by name, pinyin, number, or phone."""
    people = await find_people(session, asked, by.reach(READ), limit, plugin=PLUGIN)
    return [
        Found(title=shown_name(by, row.name), detail=row.number, href=f"/console/medical/patients/{row.id}", key=str(row.id)) for row in people
    ]  # fmt: skip


SOURCES = (
    Source(
        code="medical.patients", title=N_("患者"), permissions=(READ,), find=patients, position=10,
        list_path="/console/medical/patients?q={q}", hint=N_("患者：姓名、拼音、患者编号、手机号或后四位"),
    ),
)  # fmt: skip
