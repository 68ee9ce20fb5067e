"""The list of patients as it leaves for Excel: the same filters, names masked as they leave; ids, phones and cards are not in it."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from core.database import Session
from core.errors import InvalidRequest
from core.hookspecs import Export
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.medical.patients import lists, repository
from plugins.medical.patients.states import INSURANCES

AT_ONCE = 1000
COLUMNS = ((N_("患者编号"), "text"), (N_("姓名"), "name"), (N_("性别"), "text"), (N_("年龄"), "number"), (N_("医保类型"), "text"), (N_("建档日期"), "date"))


async def rows(session: Session, given: Mapping[str, str], reach: list[UUID] | None) -> AsyncIterator[tuple[object, ...]]:
    """One row a patient, by number; found by what stands in clear (a phone or card is looked for on the page)."""
    insurance, after = given.get("insurance", ""), ""
    if insurance and insurance not in INSURANCES:
        raise InvalidRequest()
    search = " ".join(given.get("q", "").replace("\0", "").split())[:64]
    while True:
        found = await repository.list_page(session, search=search, found_ids=[], insurance=insurance or None, after=after, limit=AT_ONCE)
        for row in found:
            insured = status_label(row.insurance, "medical.insurance")
            yield row.patient_no, row.name, row.gender or "", lists.age_of(row.birth_on), insured, row.created_at.date()
        if len(found) < AT_ONCE:
            return
        after = found[-1].patient_no


PATIENTS = Export("medical.patients", N_("患者名单"), lists.READ, COLUMNS, rows)
