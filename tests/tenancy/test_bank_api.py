"""What the bank's pages do for branches, plugins and settlement accounts, a program can do too."""

from uuid import uuid4

ACCOUNT = {"holder": "样例学校", "bank_name": "榕城银行", "number": "6229080000000000010"}


async def test_a_branch_is_renamed_by_who_keeps_the_tree(staff, house, at_branch):
    desk = await staff(house.bank_id, "tenancy.branch.read", "tenancy.branch.manage")
    path = f"/api/v1/branches/{house.south}"
    assert (await desk.patch(path, json={"name": "南城中心分行"})).json()["name"] == "南城中心分行"
    assert (await desk.patch(path, json={"name": "南城分行"})).json()["name"] == "南城分行"
    assert (await desk.patch(path, json={"name": " "})).status_code == 422
    assert (await desk.patch(f"/api/v1/branches/{uuid4()}", json={"name": "没有"})).status_code == 404
    assert (await (await at_branch(house.north)).patch(path, json={"name": "别人的"})).status_code == 403


async def test_both_switches_of_a_plugin_are_read_and_set(staff, house):
    desk = await staff(house.bank_id, "tenancy.plugin.default")
    path = "/api/v1/plugin-defaults/education/school_group"
    before = next(row for row in (await desk.get("/api/v1/plugin-defaults")).json()["items"] if (row["plugin"], row["kind"]) == ("education", "school_group"))
    try:
        hidden = (await desk.put(path, json={"on_by_default": True, "visible": False})).json()
        assert (hidden["on_by_default"], hidden["visible"]) == (False, False), "what nobody sees is not on"
        assert hidden in (await desk.get("/api/v1/plugin-defaults")).json()["items"]
    finally:
        await desk.put(path, json={name: before[name] for name in ("on_by_default", "visible")})
    assert (await desk.put("/api/v1/plugin-defaults/none/school_group", json={"on_by_default": True, "visible": True})).status_code in (404, 422)
    assert (await desk.put("/api/v1/plugin-defaults/education/hospital", json={"on_by_default": True, "visible": True})).status_code in (409, 422)
    reader = await staff(house.bank_id, "tenancy.branch.read")
    assert (await reader.get("/api/v1/plugin-defaults")).status_code == 403


def held(answer, merchant) -> list[str]:
    return [account["status"] for row in answer.json()["items"] if row["id"] == merchant["id"] for account in row["accounts"]]


async def test_a_client_enters_its_account_a_colleague_checks_and_the_bank_retires_it(staff, house, at_branch, opened):
    client_id = await opened(house.north)
    branch = await at_branch(house.north)
    facts = {"code": "FEE", "name": "收费户", "legal_name": "样例学校"}
    merchant = (await branch.post(f"/api/v1/clients/{client_id}/merchants", json=facts)).json()
    assert (await branch.patch(f"/api/v1/clients/{client_id}", json={"status": "active"})).status_code == 200
    maker = await staff(client_id, "tenancy.merchant.read", "tenancy.account.make", "tenancy.account.check")
    checker = await staff(client_id, "tenancy.merchant.read", "tenancy.account.check")
    path = f"/api/v1/merchants/{merchant['id']}/settlement-accounts"
    assert (await maker.post(path, json=ACCOUNT | {"holder": "别人"})).status_code == 422
    (account,) = (await maker.post(path, json=ACCOUNT)).json()["accounts"]
    assert (account["status"], account["number_masked"][-4:]) == ("pending", "0010")
    check = f"/api/v1/settlement-accounts/{account['id']}/check"
    assert (await maker.post(check, json={"approve": True})).json()["code"] == "SELF_APPROVAL"
    assert held(await checker.post(check, json={"approve": True}), merchant) == ["active"]
    retire = f"/api/v1/clients/{client_id}/settlement-accounts/{account['id']}/retire"
    assert (await (await at_branch(house.south)).post(retire, json={"reason": "不是我的客户"})).status_code == 404
    assert held(await branch.post(retire, json={"reason": "换户"}), merchant) == ["retired"]
    assert (await checker.post(path, json=ACCOUNT)).status_code == 403
