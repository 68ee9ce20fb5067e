"""What a parent must know of a child, and to whom the code may go."""

import pytest

from core.hookspecs import BindingFacts
from plugins.education.people import binding
from plugins.education.roster import service as roster
from tests.education import schools
from tests.education.pure.rosters import student

PHONE, OTHER_PHONE = "15400743707", "16400743708"


@pytest.fixture
async def child(platform, bare_school):
    """One student whose id ends in X, with two guardians' phones."""
    row = student(
        1,
        姓名="欧阳明",
        证件类型="居民身份证",
        证件号码="11010519491231002X",
        家长1关系="母亲",
        家长1手机号=PHONE,
        家长2姓名="欧阳父",
        家长2手机号=OTHER_PHONE,
    )
    await schools.load(platform, bare_school, "roster", "a.xlsx", schools.roster_of(row))
    return (await schools.students(platform, bare_school))["0126100001"]


async def propose(platform, school, name="欧阳明", number="0126100001", id_tail="002X"):
    async with platform.database.tenant(school.tenant_id) as session:
        keys = await platform.vault.keys(session)
        found = await binding.propose(session, BindingFacts(name, number, id_tail), keys)
        return found, keys


async def test_three_right_facts_find_the_child_and_only_the_rosters_phones(platform, bare_school, child):
    found, keys = await propose(platform, bare_school)
    assert found.party_id == child.id
    assert [(masked, keys.open(sealed), relation) for masked, sealed, relation in found.phones] == [
        ("154****3707", PHONE, "母亲"), ("164****3708", OTHER_PHONE, "其他监护人"),
    ]  # fmt: skip


@pytest.mark.parametrize("facts", [{"name": " 欧阳明 "}, {"number": " 0126100001"}, {"id_tail": "002x"}])
async def test_spaces_and_a_small_x_do_not_matter(platform, bare_school, child, facts):
    found, _ = await propose(platform, bare_school, **facts)
    assert found.party_id == child.id


@pytest.mark.parametrize("facts", [{"name": "欧阳"}, {"name": ""}, {"number": "126100001"}, {"number": "%"}, {"id_tail": "0021"}, {"id_tail": ""}])
async def test_one_wrong_fact_finds_nobody(platform, bare_school, child, facts):
    found, _ = await propose(platform, bare_school, **facts)
    assert found is None


async def test_a_child_on_leave_can_be_bound_and_one_who_left_cannot(platform, bare_school, child):
    for status, there in (("休学", True), ("转学", False)):
        async with platform.database.tenant(bare_school.tenant_id) as session:
            await roster.change_status(session, child.id, status, "家长申请", bare_school.maker)
        found, _ = await propose(platform, bare_school)
        assert (found is not None) is there


async def test_another_schools_child_is_not_found(platform, bare_school, child, shared_school):
    found, _ = await propose(platform, shared_school)
    assert found is None


async def test_the_hook_asks_only_schools_that_have_the_plugin(platform, bare_school, child):
    async with platform.database.tenant(bare_school.tenant_id) as session:
        keys = await platform.vault.keys(session)
        facts = BindingFacts("欧阳明", "0126100001", "002X")
        asked = {"session": session, "keys": keys, "facts": facts}
        assert len(await platform.plugins.ask("propose_binding", {"education"}, **asked)) == 1
        assert await platform.plugins.ask("propose_binding", set(), **asked) == []
