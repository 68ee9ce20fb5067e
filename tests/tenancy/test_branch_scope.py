"""A branch sees its own clients and those of its sub-branches; of the others nothing exists."""

from uuid import uuid4


async def test_a_branch_sees_its_own_clients_and_those_of_its_sub_branches(at_branch, opened, house):
    own, below, other = await opened(house.north), await opened(house.north_sub), await opened(house.south)
    branch = await at_branch(house.north)
    listed = {row["id"] for row in (await branch.get("/api/v1/clients?limit=200")).json()["items"]}
    assert {str(own), str(below)} <= listed
    assert str(other) not in listed
    assert (await branch.get(f"/bank/clients/{below}")).status_code == 200


async def test_another_branchs_client_is_not_found_whatever_one_asks_of_it(at_branch, opened, house):
    other = await opened(house.south)
    branch = await at_branch(house.north)
    unknown = uuid4()
    for client_id in (other, unknown):
        base = f"/bank/clients/{client_id}"
        assert (await branch.get(base)).status_code == 404
        assert (await branch.get(f"{base}/hand-over")).status_code == 404
        assert (await branch.post(f"{base}/suspend", data={"reason": "越权尝试"})).status_code == 404
        assert (await branch.post(f"{base}/plugins/education/off")).status_code == 404
        assert (await branch.post(f"{base}/hand-over", data={"login": "someone.x", "name": "某人"})).status_code == 404
        assert (await branch.post(f"{base}/merchants", data={"code": "m1", "name": "商户", "legal_name": "某校"})).status_code == 404
        assert (await branch.get(f"/api/v1/clients/{client_id}")).status_code == 404
        assert (await branch.get(f"/api/v1/clients/{client_id}/merchants")).status_code == 404
        switched = await branch.put(f"/api/v1/clients/{client_id}/plugins/education", json={"enabled": True})
        assert switched.status_code == 404


async def test_a_client_cannot_be_opened_under_a_foreign_branch(at_branch, house):
    branch = await at_branch(house.north)
    body = {"code": "foreign-one", "name": "客户", "kind": "hospital", "branch_id": str(house.south)}
    assert (await branch.post("/api/v1/clients", json=body)).status_code == 404


async def test_an_account_manager_sees_but_does_not_change(at_branch, opened, house):
    client_id = await opened(house.north)
    manager = await at_branch(house.north, role="bank.account_manager")
    assert (await manager.get(f"/bank/clients/{client_id}")).status_code == 200
    refused = await manager.post(f"/bank/clients/{client_id}/suspend", data={"reason": "越权尝试"})
    assert refused.status_code == 403
    assert (await manager.put(f"/api/v1/clients/{client_id}/plugins/education", json={"enabled": False})).status_code == 403


async def test_a_clients_own_staff_find_nothing_of_the_bank(client, staff):
    school = await client()
    person = await staff(school, "tenancy.client.read", "tenancy.client.manage", "tenancy.branch.read")
    for path in ("/bank", "/bank/clients", "/bank/branches", "/bank/audit", "/bank/users"):
        assert (await person.get(path)).status_code == 404
    assert (await person.get("/api/v1/clients")).status_code == 404


async def test_the_banks_people_find_nothing_of_a_clients_console(at_branch, house):
    branch = await at_branch(house.north)
    for path in ("/console", "/console/users", "/console/org", "/console/keys", "/console/merchants", "/api/v1/org-units"):
        assert (await branch.get(path)).status_code == 404


async def test_a_branch_adds_no_branches(at_branch, house):
    branch = await at_branch(house.north)
    body = {"parent_id": str(house.north), "kind": "sub_branch", "code": "N19", "name": "新支行"}
    refused = await branch.post("/api/v1/branches", json=body)
    assert refused.status_code == 403


async def test_the_tree_takes_branches_only_where_they_belong(staff, house):
    head = await staff(house.bank_id, "tenancy.branch.manage", "tenancy.branch.read")
    wrong = {"parent_id": str(house.north_sub), "kind": "sub_branch", "code": "N111", "name": "再下一级"}
    assert (await head.post("/api/v1/branches", json=wrong)).json()["code"] == "BRANCH_MISPLACED"
    twice = {"parent_id": str(house.hq), "kind": "branch", "code": "N1", "name": "北城分行"}
    assert (await head.post("/api/v1/branches", json=twice)).json()["code"] == "CODE_TAKEN"
    page = await head.post("/bank/branches", data={"parent": str(house.south), "code": "S11", "name": "南城一支行"})
    assert page.status_code == 303
    assert "南城一支行" in (await head.get("/bank/branches")).text
