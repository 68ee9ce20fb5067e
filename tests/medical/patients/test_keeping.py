"""Patients and visits as HIS and vendors tell them: the same again changes nothing, what is not told is not lost."""

import asyncio
import datetime as dt

import pytest

from core.identity import history
from plugins.medical.organisation.errors import DepartmentUnknown
from plugins.medical.patients import keeping, repository, service, visits
from plugins.medical.patients.errors import CardTaken, PatientDiffers, PatientNotFound, VisitDiffers, VisitNotFound
from plugins.medical.patients.schemas import PatientDraft, VisitDraft
from plugins.medical.vendors import service as vendors
from tests.medical import hospitals


async def upsert(platform, hospital, *drafts):
    async with platform.database.tenant(hospital.id) as session:
        return await service.upsert(session, await platform.vault.keys(session), drafts)


async def test_the_same_again_changes_nothing(platform, quiet_hospital):
    before = await hospitals.patient(platform, quiet_hospital, "P0001")
    assert await upsert(platform, quiet_hospital, *hospitals.PATIENTS) == quiet_hospital.patients
    assert await hospitals.patient(platform, quiet_hospital, "P0001") == before


async def test_what_is_not_told_stays_and_what_is_told_changes(platform, quiet_hospital):
    await upsert(platform, quiet_hospital, PatientDraft(patient_no="P0001", name="张小明", insurance="resident", cards=(("居民健康卡", "J1"),)))
    row = await hospitals.patient(platform, quiet_hospital, "P0001")
    async with platform.database.tenant(quiet_hospital.id) as session:
        known = service.draft_of(row, await platform.vault.keys(session))
        cards = await repository.list_cards(session, row.id)
    assert (known.insurance, known.phone, known.id_no, row.version) == ("resident", "13800000001", "350102199001011238", 2)
    assert {card.kind for card in cards} == {"就诊卡", "社保卡", "居民健康卡"}


async def test_nothing_personal_is_stored_in_the_clear(platform, quiet_hospital):
    row = await hospitals.patient(platform, quiet_hospital, "P0001")
    stored = repr(tuple(row))
    assert not any(secret in stored for secret in ("13800000001", "350102199001011238", "35010000000001"))


async def test_a_card_of_somebody_else_is_refused_whole(platform, quiet_hospital):
    with pytest.raises(CardTaken, match="0001"):
        await upsert(platform, quiet_hospital, PatientDraft(patient_no="P0009", name="赵新", cards=(("就诊卡", "880000000001"),)))
    assert await hospitals.patient(platform, quiet_hospital, "P0009") is None


async def test_a_vendor_that_was_slow_does_not_overwrite_whom_the_hospital_opened(platform, quiet_hospital, monkeypatch):
    async with platform.database.tenant(quiet_hospital.id) as session:
        kiosk = await vendors.find(session, quiet_hospital.vendors["kiosk"])
    looked, find = asyncio.Event(), repository.find_by_no

    async def look_and_wait(session, patient_no):
        row = await find(session, patient_no)
        if row is None and not looked.is_set():
            looked.set()
            await opened.wait()
        return row

    opened = asyncio.Event()
    monkeypatch.setattr(repository, "find_by_no", look_and_wait)

    async def keep(phone: str, vendor):
        async with platform.database.tenant(quiet_hospital.id) as session:
            draft = PatientDraft(patient_no="P0009", name="赵新", phone=phone)
            return await keeping.keep(session, await platform.vault.keys(session), draft, quiet_hospital.maker, vendor)

    slow = asyncio.create_task(keep("13911112222", kiosk))
    await looked.wait()
    assert (await keep("13800009999", None)).outcome == "created"
    opened.set()
    with pytest.raises(PatientDiffers):
        await slow
    async with platform.database.tenant(quiet_hospital.id) as session:
        row, keys = await find(session, "P0009"), await platform.vault.keys(session)
    assert service.draft_of(row, keys).phone == "13800009999"


async def test_a_visit_is_opened_once(platform, quiet_hospital):
    first = await hospitals.visit(platform, quiet_hospital, "V1")
    assert await hospitals.visit(platform, quiet_hospital, "V1", doctor="别的医生") == first
    with pytest.raises(VisitDiffers, match="患者、科室"):
        await hospitals.visit(platform, quiet_hospital, "V1", patient_no="P0002", department_code="WK")
    with pytest.raises(DepartmentUnknown):
        await hospitals.visit(platform, quiet_hospital, "V2", department_code="XX")
    with pytest.raises(PatientNotFound):
        await hospitals.visit(platform, quiet_hospital, "V3", patient_no="P9999")


async def test_another_hospitals_patient_and_visit_are_not_found(platform, client, quiet_hospital):
    await hospitals.visit(platform, quiet_hospital, "V1")
    other = await client(kind="hospital", plugins=("medical",))
    async with platform.database.tenant(other.id) as session:
        with pytest.raises(PatientNotFound):
            await service.find_by_no(session, "P0001")
        with pytest.raises(VisitNotFound):
            await visits.find(session, "V1")
        draft = VisitDraft(visit_no="V1", patient_no="P0001", kind="outpatient", began_on=dt.date(2026, 3, 2))
        with pytest.raises(PatientNotFound):
            await visits.open_visit(session, draft)


async def test_a_files_history_names_what_was_corrected_and_no_content(platform, quiet_hospital):
    draft = PatientDraft(patient_no="P0002", name="李美华", phone="13900000009", cards=(("电子健康卡", "JK20002"),))
    async with platform.database.tenant(quiet_hospital.id) as session:
        await keeping.keep(session, await platform.vault.keys(session), draft, quiet_hospital.maker, None)
        told = await history.page(session, quiet_hospital.maker, "client", "medical.patient", str(quiet_hospital.patients["P0002"]), None, {})
    assert (told.entries[0].title, told.entries[0].by) == ("更正患者资料", quiet_hospital.maker.name)
    assert sorted(told.entries[0].changes) == [("患者编号", "", "P0002"), ("更正的内容", "", "手机号、就诊卡")]
    assert "13900000009" not in repr(told)
