"""Three switches: installed, on by default, visible. Off means no routes, no menu, and the data stays."""

import pytest


@pytest.fixture
async def branch(at_branch, house):
    return await at_branch(house.north)


async def test_a_plugin_that_is_off_has_no_routes_and_no_menu(branch, staff, opened, house, platform):
    client_id = await opened(house.north)
    await branch.patch(f"/api/v1/clients/{client_id}", json={"status": "active"})
    rights = {code.code for _, code in platform.plugins.collect_all("register_permissions")}
    person = await staff(client_id, *rights)
    paths = [item.path for code, item in platform.plugins.collect_all("register_menu") if code == "education"]
    assert paths
    home = (await person.get("/console")).text
    assert all(f'href="{path}"' in home for path in paths)
    for path in paths:
        assert (await person.get(path)).status_code == 200

    assert (await branch.put(f"/api/v1/clients/{client_id}/plugins/education", json={"enabled": False})).json() == {
        "code": "education",
        "enabled": False,
    }
    home = (await person.get("/console")).text
    assert not any(f'href="{path}"' in home for path in paths)
    for path in paths:
        assert (await person.get(path)).status_code == 404

    await branch.put(f"/api/v1/clients/{client_id}/plugins/education", json={"enabled": True})
    assert (await person.get(paths[0])).status_code == 200


async def test_a_plugin_goes_only_to_the_kinds_it_fits(branch, opened, house):
    hospital = await opened(house.north, kind="hospital")
    refused = await branch.put(f"/api/v1/clients/{hospital}/plugins/education", json={"enabled": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "PLUGIN_DOES_NOT_FIT")
    unknown = await branch.put(f"/api/v1/clients/{hospital}/plugins/nothing", json={"enabled": True})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "UNKNOWN_PLUGIN")
    assert "education" not in (await branch.get(f"/api/v1/clients/{hospital}")).json()["plugins"]


async def test_defaults_decide_what_new_clients_start_with_and_what_branches_see(branch, staff, opened, house):
    head = await staff(house.bank_id, "tenancy.plugin.default")
    form = {"plugin": "education", "kind": "school_group"}
    try:
        assert (await head.post("/bank/plugins", data=form)).status_code == 303
        later = await opened(house.north)
        assert (await branch.get(f"/api/v1/clients/{later}")).json()["plugins"] == []
        assert (await branch.get(f"/api/v1/clients/{later}/plugins")).json()["items"] == []
    finally:
        await head.post("/bank/plugins", data=form | {"visible": "1", "on_by_default": "1"})
    again = await opened(house.north)
    assert (await branch.get(f"/api/v1/clients/{again}")).json()["plugins"] == ["education"]
    assert (await branch.get(f"/api/v1/clients/{again}/plugins")).json()["items"] == [{"code": "education", "enabled": True}]


async def test_the_switch_says_what_it_means_before_it_is_thrown(branch, opened, house):
    client_id = await opened(house.north)
    page = (await branch.get(f"/bank/clients/{client_id}")).text
    assert "数据全部保留" in page
    await branch.post(f"/bank/clients/{client_id}/plugins/education/off")
    assert "客户的菜单里会出现" in (await branch.get(f"/bank/clients/{client_id}")).text
