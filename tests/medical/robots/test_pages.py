"""The robots' pages: what each role reads and does there, what nobody reads, and what is refused."""

import datetime as dt
import re

import pytest
from sqlalchemy import text

from core import clock, ids
from core.imports import sheets
from plugins.medical.robots import running
from plugins.medical.robots.endings import CaptchaRequired, LoginFailed, NoOrders
from tests.medical.conftest import KIND
from tests.medical.robots.chain import FINANCE, OPERATOR, READ, SITE, brought, day_of, ended, robot, store_day, tills_of, told
from tests.medical.robots.pharmacy import DAY

ROBOTS, ALLOWED = "/console/medical/robots", "/console/medical/robots/authorisations"
RUNS, DAYS = "/console/medical/robots/runs", "/console/medical/store-days"
FORM = {
    "name": "美团机器人", "platform": "meituan", "way": "site", "address": SITE["address"], "login": SITE["login"], "secret": SITE["password"], "hour": "5",
    "stores": "MT-1 S001\nMT-2 S002",
}  # fmt: skip


@pytest.fixture
async def operator(staff, chain):
    return await staff(chain.hospital, *OPERATOR, name="余运维")


@pytest.fixture
async def finance(staff, chain):
    return await staff(chain.hospital, *FINANCE, org_id=chain.hospital.units["CH"], name="姚药房")


async def made(operator, **changed: str) -> str:
    """A robot through its form; answers its address."""
    answer = await operator.post(f"{ROBOTS}/new", data=FORM | changed)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def signed(operator, finance, here: str) -> str:
    """An authorisation through the pages, for the days that the form offers; answers its address."""
    page = (await operator.get(here)).text
    days = {name: re.search(rf'name="{name}"[^>]*?value="([-0-9]+)"', page)[1] for name in ("valid_from", "valid_to")}
    drafted = (await operator.post(f"{here}/authorisations", data=days)).headers["location"]
    hashed = (await finance.get(drafted)).text.split('name="text_hash" value="')[1][:64]
    assert (await finance.post(f"{drafted}/sign", data={"text_hash": hashed})).status_code == 303
    return drafted


async def test_from_an_empty_list_to_a_robot_that_runs_by_itself(operator, finance):
    empty = (await operator.get(ROBOTS)).text
    assert "还没有机器人" in empty and f"{ROBOTS}/new" in empty
    here = await made(operator)
    page = (await operator.get(here)).text
    assert "没有生效中的授权" in page and "起草授权" in page and f'action="{here}/send"' not in page
    allowed = await signed(operator, finance, here)
    page = (await operator.get(here)).text
    assert "授权已生效，机器人还没有启用" in page
    assert (await operator.post(f"{here}/switch", data={"status": "on"})).status_code == 303
    page = (await operator.get(here)).text
    assert "取前一天的账单" in page and f'action="{here}/send"' in page and "还没有启用" not in page
    sent = await operator.post(f"{here}/send", data={"bill_on": str(DAY)})
    run = (await operator.get(sent.headers["location"])).text
    assert "轮到时自动开始" in run and "自动刷新" in run
    assert "生效中" in (await finance.get(ALLOWED)).text
    revoked = await finance.post(f"{allowed}/revoke", data={"reason": "合作终止"})
    assert revoked.status_code == 303 and "已撤销" in (await finance.get(allowed)).text


async def test_account_and_password_are_masked_and_never_shown_again(operator, finance):
    here = await made(operator)
    allowed = await signed(operator, finance, here)
    for path in (ROBOTS, here, f"{here}/edit", allowed, ALLOWED, "/console/audit"):
        for reader in (operator, finance):
            page = (await reader.get(path)).text
            assert SITE["password"] not in page and SITE["login"] not in page, path
    assert "sh****5" in (await operator.get(here)).text and "sh****5" in (await operator.get(f"{here}/edit")).text
    refused = await operator.post(f"{here}/edit", data=FORM | {"secret": "another-secret", "stores": "x"})
    assert refused.status_code == 422 and "another-secret" not in refused.text


async def test_what_was_left_empty_stays_and_what_changed_needs_another_signature(chain, operator, finance):
    here = await made(operator)
    await signed(operator, finance, here)
    assert (await operator.post(f"{here}/edit", data=FORM | {"login": "", "secret": "", "name": "新名"})).status_code == 303
    async with chain.tenant() as session:
        [row] = await session.all(text("SELECT name, login, login_sealed, secret_sealed FROM medical.robot"))
        keys = await chain.platform.vault.keys(session)
    assert (row.name, row.login, keys.open(row.login_sealed), keys.open(row.secret_sealed)) == ("新名", "sh****5", SITE["login"], SITE["password"])
    assert "原来的授权不再适用" not in (await operator.get(here)).text
    await operator.post(f"{here}/edit", data=FORM | {"login": "someone-else"})
    await operator.post(f"{here}/switch", data={"status": "on"})
    page = (await operator.get(here)).text
    assert "原来的授权不再适用" in page and f'action="{here}/authorisations"' in page and f'action="{here}/send"' not in page
    sent = await operator.post(f"{here}/send", data={"bill_on": str(DAY)})
    await chain.beat()
    assert "没有有效授权" in (await operator.get(sent.headers["location"])).text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "请填写名称"), ({"platform": "taobao"}, "请填写名称"), ({"hour": "24"}, "请填写名称"), ({"hour": "x"}, "请填写名称"),
        ({"login": ""}, "请填写"),
        ({"secret": ""}, "请填写密码"), ({"stores": ""}, "每行一个"), ({"stores": "MT-1"}, "每行一个"), ({"stores": "MT-1 S999"}, "没有编码为“S999”的门店"),
        ({"stores": "MT-1 {x}"}, "没有编码为“{x}”的门店"),
        ({"stores": "MT-1 S001\nMT-1 S002"}, "只能出现一次"), ({"address": "http://shop.example.test/"}, "https://"), ({"address": "https://[::"}, "地址"),
        ({"address": "https://u:p@shop.example.test/"}, "不带用户名"), ({"stores": "MT-1 NK"}, "没有编码为“NK”的门店"),
    ],
)  # fmt: skip
async def test_a_broken_form_comes_back_with_what_to_mend(chain, operator, changed, said):
    answer = await operator.post(f"{ROBOTS}/new", data=FORM | changed)
    assert answer.status_code == 422 and said in answer.text
    assert await chain.count("robot") == 0


async def test_two_robots_have_two_names(operator):
    await made(operator)
    again = await operator.post(f"{ROBOTS}/new", data=FORM)
    assert again.status_code == 422 and "已有名为" in again.text


async def test_days_that_cannot_be_authorised_or_sent_are_refused(chain, operator, finance):
    here, today = await made(operator), clock.today()
    for first, last in (("", ""), ("x", "y"), (today, DAY), (today, today + dt.timedelta(days=400)), (DAY - dt.timedelta(days=9), DAY)):
        await operator.post(f"{here}/authorisations", data={"valid_from": str(first), "valid_to": str(last)})
    assert await chain.count("robot_authorisation") == 0
    await operator.post(f"{here}/send", data={"bill_on": str(DAY)})
    assert await chain.count("robot_task") == 0, "a robot that is off is not sent"
    await operator.post(f"{here}/switch", data={"status": "on"})
    for day in ("", "x", str(today)):
        await operator.post(f"{here}/send", data={"bill_on": day})
    assert await chain.count("robot_task") == 0


async def test_what_the_pharmacy_does_not_sign_is_void(chain, operator, finance):
    here = await made(operator)
    days = {"valid_from": str(DAY), "valid_to": str(clock.today())}
    drafted = (await operator.post(f"{here}/authorisations", data=days)).headers["location"]
    page = (await finance.get(drafted)).text
    assert "不签署" in page and "撤销授权" not in page and "不签署" not in (await operator.get(drafted)).text
    answer = await finance.post(f"{drafted}/revoke", data={"reason": "门店不对"}, follow_redirects=True)
    assert "没有签署，这份草稿已作废" in answer.text and 'name="text_hash"' not in answer.text
    answer = await operator.post(f"{here}/switch", data={"status": "on"}, follow_redirects=True)
    assert "授权签署之前不会运行" in answer.text and "没有生效中的授权" in answer.text and f'action="{here}/send"' not in answer.text


async def test_two_people_sign_and_only_what_they_read(chain, staff, operator, finance):
    here = await made(operator)
    days = {"valid_from": str(DAY), "valid_to": str(clock.today())}
    both = await staff(chain.hospital, *OPERATOR, "medical.robot.authorise", name="一人两职")
    drafted = (await both.post(f"{here}/authorisations", data=days)).headers["location"]
    hashed = (await finance.get(drafted)).text.split('name="text_hash" value="')[1][:64]
    assert 'name="text_hash"' not in (await both.get(drafted)).text
    for who, sent in ((both, hashed), (finance, "0" * 64), (finance, "")):
        await who.post(f"{drafted}/sign", data={"text_hash": sent})
        assert "待签署" in (await finance.get(drafted)).text
    assert (await operator.post(f"{drafted}/sign", data={"text_hash": hashed})).status_code == 403
    one = await staff(chain.hospital, *FINANCE, org_id=chain.hospital.units["S001"], name="一家店")
    assert 'name="text_hash"' not in (await one.get(drafted)).text
    for verb, sent in (("sign", {"text_hash": hashed}), ("revoke", {"reason": "x"})):
        assert (await one.post(f"{drafted}/{verb}", data=sent)).status_code == 404
    assert "待签署的机器人授权" in (await finance.get("/console")).text
    assert (await finance.post(f"{drafted}/sign", data={"text_hash": hashed})).status_code == 303
    assert "生效中" in (await finance.get(drafted)).text
    await finance.post(f"{drafted}/revoke", data={"reason": " "})
    assert "生效中" in (await finance.get(drafted)).text


async def test_a_run_says_what_happened_why_and_what_to_do_now(chain, monkeypatch, operator, finance):
    robot_id = await robot(chain)
    captcha = CaptchaRequired("captcha")
    captcha.keep = [("page.png", b"\x89PNG picture")]
    run = f"{RUNS}/{await ended(chain, monkeypatch, robot_id, captcha)}"
    page = (await operator.get(run)).text
    for word in ("需要人工验证", "网站要求验证码", "处理好原因后点“重试”", "登录成功", "失败页面截图", "人工上传"):
        assert word in page, word
    read = (await finance.get(run)).text
    assert "等待机器人运维处理" in read and "人工上传</h2>" not in read
    assert "需人工处理的机器人运行" in (await operator.get("/console")).text
    assert "需要人工验证" in (await operator.get(f"{RUNS}?status=for_people")).text
    assert "没有符合条件的运行" in (await operator.get(f"{RUNS}?status=dead")).text
    assert (await operator.post(f"{run}/retry")).status_code == 303
    assert "轮到时自动开始" in (await operator.get(run)).text
    upload = {"file": ("bill.csv", b"<html>login</html>", "text/csv")}
    assert (await operator.post(f"{run}/upload", files=upload)).status_code == 303
    assert "下载到的是网页" in (await operator.get(run)).text and await chain.count("shop_order") == 0
    assert (await operator.post(f"{run}/upload")).status_code == 303


async def test_too_many_failures_are_dead_and_the_page_counts_them(chain, monkeypatch, operator):
    robot_id = await robot(chain)
    run = f"{RUNS}/{await ended(chain, monkeypatch, robot_id, LoginFailed('wrong_password'), 2)}"
    page = (await operator.get(run)).text
    assert "自动重试" in page and f"已试 2 次，共 {running.MOST_TRIES} 次" in page
    for _ in range(running.MOST_TRIES - 2):
        await chain.later()
    page = (await operator.get(run)).text
    assert "多次失败，待人工" in page and "账号或密码被拒绝" in page and "修改机器人的账号或地址" in page
    found = (await operator.get(RUNS)).text
    assert "账号或密码被拒绝" in found and "0.0%" in found


async def test_a_day_without_orders_is_confirmed_with_a_reason(chain, monkeypatch, operator, finance):
    run = f"{RUNS}/{await ended(chain, monkeypatch, await robot(chain), NoOrders('no_bills'))}"
    assert "确认当日无单" in (await operator.get(run)).text
    assert (await finance.post(f"{run}/no-orders", data={"reason": "看过了"})).status_code == 403
    await operator.post(f"{run}/no-orders", data={"reason": ""})
    assert "当日无数据" in (await operator.get(run)).text
    await operator.post(f"{run}/no-orders", data={"reason": "在平台后台看过，当日停业"})
    page = (await operator.get(run)).text
    assert "全部门店已核对" in page and "人工确认当日无单" in page
    assert "当日停业" in (await operator.get(f"/console/history/medical.robot_run/{run.rsplit('/', 1)[1]}")).text


async def test_the_files_of_a_run_are_kept_looked_at_and_written_down(chain, staff, operator):
    task_id = await brought(chain, await robot(chain))
    run = f"{RUNS}/{task_id}"
    page = (await operator.get(run)).text
    assert "原始账单" in page and "规范化账单" in page and "账单已入库，等门店订单" in page
    links = [part.split('"')[0] for part in page.split('href="') if part.startswith(f"{run}/files/")]
    assert len(links) == 2
    files = [await operator.get(link) for link in links]
    assert all(file.headers["content-disposition"].startswith("attachment") for file in files)
    assert any("平台门店ID".encode() in file.content for file in files), "the normalised one is UTF-8"
    assert (await operator.get(f"{run}/files/{ids.uuid7()}")).status_code == 404
    one = await staff(chain.hospital, *READ, org_id=chain.hospital.units["S001"], name="一家店")
    assert f"{run}/files/" not in (await one.get(run)).text
    assert (await one.get(links[0])).status_code == 404, "the file holds other stores' orders"
    async with chain.tenant() as session:
        assert await session.scalar(text("SELECT count(*) FROM core.audit_log WHERE action = 'medical.robot.look'")) == 2


async def test_store_days_are_read_filtered_summed_and_exported(chain, operator, finance, settle):
    assert "机器人取得账单，或导入门店订单后" in (await finance.get(DAYS)).text
    orders = day_of()
    await brought(chain, await robot(chain), orders)
    await told(chain, tills_of(orders[1:]))
    page = (await finance.get(DAYS)).text
    assert "松涛店" in page and "青禾店" in page and "一致" in page and f"{orders[0].settle_fen / 100:,.2f}" in page
    for query in ("?status=different", "?q=松涛", "?q=S001", f"?from={DAY}&to={DAY}&platform=meituan&status=different"):
        page = (await finance.get(DAYS + query)).text
        assert "松涛店" in page and "青禾店" not in page, query
    for query in ("?status=accepted", f"?from={clock.today()}", f"?to={DAY - dt.timedelta(days=1)}", "?platform=pdd"):
        assert "没有符合条件的门店日" in (await finance.get(DAYS + query)).text, query
    assert (await finance.get(f"{DAYS}?from=moon")).status_code == 422
    assert "不一致的门店日" in (await finance.get("/console")).text
    for code, words in (("medical.store_days", "松涛店"), ("medical.robot_runs", "美团")):
        job = await finance.post("/api/v1/exports", json={"code": code, "filters": {"from": str(DAY), "status": ""}})
        await settle(chain.hospital)
        done = (await finance.get(f"/api/v1/jobs/{job.json()['job_id']}")).json()
        rows = sheets.read((await finance.get(done["result_url"])).content, "x.xlsx").rows
        assert any(words in [str(cell) for cell in row] for row in rows), code


async def test_a_difference_is_accepted_by_two_people_through_the_pages(chain, staff, finance):
    orders = day_of()
    await brought(chain, await robot(chain), orders)
    await told(chain, tills_of(orders[1:]))
    here = f"{DAYS}/{await store_day(chain)}"
    page = (await finance.get(here)).text
    assert "两边不一致" in page and "门店没有这一单" in page and orders[0].order_no in page and "接受差异" in page
    await finance.post(f"{here}/accept", data={"reason": " "})
    assert "等待另一位同事复核" not in (await finance.get(here)).text
    assert (await finance.post(f"{here}/accept", data={"reason": "平台补推，次日更正"})).status_code == 303
    page = (await finance.get(here)).text
    assert "等待另一位同事复核" in page and f'action="{here}/accept"' not in page
    second = await staff(chain.hospital, *FINANCE, org_id=chain.hospital.units["CH"], name="柳复核")
    [waiting] = (await second.get("/api/v1/approvals")).json()["items"]
    agree = f"/api/v1/approvals/{waiting['id']}/approve"
    assert (await finance.post(agree, json={}, headers={"idempotency-key": "store-day-1"})).status_code == 409
    assert (await second.post(agree, json={}, headers={"idempotency-key": "store-day-2"})).status_code == 200
    page = (await finance.get(here)).text
    assert "已接受差异" in page and "平台补推，次日更正" in page and "柳复核" in page
    elsewhere = await staff(chain.hospital, *FINANCE, org_id=chain.hospital.units["S002"], name="另一家店")
    assert (await elsewhere.get(here)).status_code == 404
    assert (await elsewhere.post(f"{here}/accept", data={"reason": "x"})).status_code == 404


async def test_each_side_that_is_missing_is_named(chain, finance):
    orders = day_of()
    await told(chain, tills_of(orders))
    assert "等平台账单" in (await finance.get(f"{DAYS}/{await store_day(chain)}")).text
    before = DAY - dt.timedelta(days=1)
    await brought(chain, await robot(chain), day=before)
    page = (await finance.get(f"{DAYS}/{await store_day(chain, day=before)}")).text
    assert "等门店订单" in page and "/console/imports/new?kind=medical.till_orders" in page


async def addresses(chain, monkeypatch) -> dict[str, list[str]]:
    """Every address of the robots' pages with the right it wants."""
    robot_id = await robot(chain)
    async with chain.tenant() as session:
        allowed = await session.scalar(text("SELECT id FROM medical.robot_authorisation"))
    run, other = await brought(chain, robot_id), ids.uuid7()
    day = await store_day(chain)
    return {
        "medical.robot.read": [ROBOTS, f"{ROBOTS}/{robot_id}", ALLOWED, f"{ALLOWED}/{allowed}", RUNS, f"{RUNS}/{run}", DAYS, f"{DAYS}/{day}"],
        "medical.robot.operate": [
            f"{ROBOTS}/new", f"{ROBOTS}/{robot_id}/edit", f"POST {ROBOTS}/{robot_id}/switch", f"POST {ROBOTS}/{robot_id}/send",
            f"POST {ROBOTS}/{robot_id}/authorisations", f"POST {RUNS}/{run}/retry", f"POST {RUNS}/{run}/no-orders", f"POST {RUNS}/{run}/upload",
        ],
        "medical.robot.authorise": [f"POST {ALLOWED}/{allowed}/sign", f"POST {ALLOWED}/{allowed}/revoke"],
        "medical.store_day.make": [f"POST {DAYS}/{day}/accept"],
        "nobody": [f"{ROBOTS}/{other}", f"{ALLOWED}/{other}", f"{RUNS}/{other}", f"{DAYS}/{other}"],
    }  # fmt: skip


async def ask(who, address: str) -> int:
    verb, _space, path = address.rpartition(" ")
    return (await who.request(verb or "GET", path, data={} if verb else None)).status_code


async def test_without_the_right_403_and_for_another_tenant_404(chain, monkeypatch, staff, client):
    everything = await addresses(chain, monkeypatch)
    clerk = await staff(chain.hospital, "jobs.read", name="旁人")
    reader = await staff(chain.hospital, *READ, name="只读")
    stranger = await staff(await client(**KIND), *OPERATOR, *FINANCE, name="别家")
    for right, paths in everything.items():
        for path in paths:
            assert await ask(clerk, path) == 403, path
            if right in ("medical.robot.read", "nobody"):
                assert await ask(reader, path) == (404 if right == "nobody" else 200), path
            else:
                assert await ask(reader, path) == 403, path
            if path not in (ROBOTS, ALLOWED, RUNS, DAYS, f"{ROBOTS}/new"):
                assert await ask(stranger, path) == 404, path


async def test_where_the_plugin_is_off_there_is_nothing(chain, monkeypatch, staff, bank):
    everything = [path for paths in (await addresses(chain, monkeypatch)).values() for path in paths]
    everyone = await staff(chain.hospital, *OPERATOR, *FINANCE)
    async with chain.platform.database.tenant(bank.id) as session:
        await session.execute(text("UPDATE core.client_plugin SET enabled = false WHERE client_id = :id"), {"id": chain.id})
    chain.platform.directory.forget(chain.id)
    for path in everything:
        assert await ask(everyone, path) == 404, path
    assert "/console/medical" not in (await everyone.get("/console")).text
