"""Two guardians of one child: each knows of the other, by a masked phone; a stranger is not seen."""

import pytest

from tests import families


@pytest.fixture
async def trusting(platform, client, roster):
    return await families.found(platform, roster, await client(plugins=(), settings={"second_guardian": "roster"}))


async def test_the_other_guardian_is_seen_masked(trusting, browser, sms):
    mother, father, child = browser(), browser(), trusting.children[0]
    await families.bind(mother, sms, trusting, child, phone=0)
    await families.bind(father, sms, trusting, child, phone=1)
    hers, his = (number for number, _relation in child.phones)
    page = (await mother.get(f"{trusting.home}/bindings")).text
    assert "另一位监护人" in page
    assert f"{his[:3]}****{his[-4:]}" in page
    assert his not in page
    page = (await father.get(f"{trusting.home}/bindings")).text
    assert f"{hers[:3]}****{hers[-4:]}" in page


async def test_who_is_bound_to_other_children_is_not_seen(trusting, browser, sms):
    mother, neighbour = browser(), browser()
    await families.bind(mother, sms, trusting, trusting.children[0])
    await families.bind(neighbour, sms, trusting, trusting.children[1])
    assert "另一位监护人" not in (await mother.get(f"{trusting.home}/bindings")).text


async def test_who_lost_the_phone_is_told_the_way(trusting, browser):
    assert "变更登记的手机号" in (await browser().get(f"{trusting.home}/login")).text
