"""What a family must know of a patient, and to whom the code may go."""

import pytest

from core.hookspecs import BindingFacts
from plugins.medical.people import binding


async def propose(platform, hospital, name="张小明", number="P0001", id_tail="1238"):
    async with platform.database.tenant(hospital.id) as session:
        keys = await platform.vault.keys(session)
        return await binding.propose(session, BindingFacts(name, number, id_tail), keys), keys


async def test_three_right_facts_find_the_patient_and_only_the_phone_on_file(platform, shared_hospital):
    found, keys = await propose(platform, shared_hospital)
    assert found.party_id == shared_hospital.patients["P0001"]
    assert [(masked, keys.open(sealed)) for masked, sealed, _ in found.phones] == [("138****0001", "13800000001")]


@pytest.mark.parametrize("facts", [{"name": "张小"}, {"name": ""}, {"number": "P0002"}, {"number": "%"}, {"id_tail": "1239"}, {"id_tail": ""}])
async def test_one_wrong_fact_finds_nobody(platform, shared_hospital, facts):
    assert (await propose(platform, shared_hospital, **facts))[0] is None


async def test_who_has_no_id_on_file_is_bound_at_the_hospital(platform, shared_hospital):
    assert (await propose(platform, shared_hospital, "王小红", "P0004", ""))[0] is None


async def test_notices_go_to_the_phones_on_file(platform, shared_hospital):
    wanted = [shared_hospital.patients[number] for number in ("P0001", "P0005")]
    async with platform.database.tenant(shared_hospital.id) as session:
        found = await binding.contacts(session, wanted)
    assert [proposal.party_id for proposal in found] == wanted[:1]
