"""Every hook of core/hookspecs.py, proved with the specimen as a stranger would install it: one test a hook."""

import argparse
import hashlib
import hmac
import json

import httpx
from litestar import Litestar
from sqlalchemy import insert, text

from core import checks, clock, ids
from core.app import branches
from core.approvals import service as approvals
from core.billing import repository as bills
from core.database import migrate, security
from core.golive import service as golive
from core.hookspecs import BindingFacts, PaymentRefunded, RefundAsked, RepostAsked
from core.identity.actor import Actor
from core.identity.faces import CONSOLE
from core.identity.worklist import worklist
from core.imports import service as imports
from core.imports.schemas import ImportContext
from core.jobs import pulse
from core.outbox import service as outbox
from core.payments.models import channel_account
from core.receipts import service as receipts
from core.refunds import service as refunds
from core.sandbox.worlds import brought
from core.tenancy import service as tenancy
from tests import trade
from tests.conftest import log_in
from tests.plugins.specimen import models, repository, service
from tests.refunds.conftest import Office, people
from tests.refunds.scripted import Scripted

MEMBERS = """会员号,姓名,手机号,年费,入会日期
V001,王小明,13812345678,1200.00,2026-03-01
V002,李小红,13987654321,800.50,2026-04-15
V003,张三,1380000,800,2026-05-01
"""
SECRET = "voucher-office"


async def import_members(platform, club, rows: str = MEMBERS):
    by = Actor(kind="user", id="t", name="司库", tenant_id=club.id, rights={"club.member.import": None})
    context = ImportContext(platform=platform, client=club, by=by)
    return await imports.run_now(context, "club.members", "members.csv", rows.encode())


async def members_of(platform, club):
    async with platform.database.tenant(club.id) as session:
        return {row.number: row for row in await repository.list_members(session)}


async def bills_of(platform, club):
    async with platform.database.tenant(club.id) as session:
        everybody = [row.id for row in await repository.list_members(session)]
        return await bills.list_bills_of(session, everybody, only_open=False, now=clock.now())


async def told(platform, club, kind: str) -> list[tuple[str, int]]:
    async with platform.database.tenant(club.id) as session:
        return [(row.about, row.amount_fen) for row in await repository.list_told(session) if row.kind == kind]


async def stamp(platform, web, club, **said) -> httpx.Response:
    """The voucher office tells of a voucher."""
    async with platform.database.tenant(club.id) as session:
        keys = await platform.vault.keys(session)
        sealed = keys.seal(json.dumps({"secret": SECRET}).encode())
        account = {"id": ids.uuid7(), "channel": "voucher", "mchid": f"C{ids.digits(6)}", "appid": "club", "base_url": ""}
        await session.execute(insert(channel_account), account | {"credentials_sealed": sealed})
    body = json.dumps({"voucher": "V-1", "order": "P26112200000001", "amount_fen": 5_000, "at": "2026-11-22T08:00:00Z"} | said).encode()
    signature = hmac.digest(SECRET.encode(), body, hashlib.sha256).hex()
    return await web.post(f"/notify/voucher/{club.code}/{account['id']}", content=body, headers={"x-club-signature": signature})


def test_hook_register_plugin(platform):
    assert platform.plugins.info["club"].title == "俱乐部年费"


async def test_hook_register_metadata(platform, addresses):
    branch = next(branch for branch in branches(platform.plugins) if branch.schema == "club")
    assert branch.metadata is models.metadata
    assert await migrate.differences(addresses.owner, [branch]) == []
    async with migrate.owner_connection(addresses.owner) as connection:
        assert await security.unwalled(connection, ["club"], set()) == []


async def test_hook_register_routes(platform, club, staff):
    await import_members(platform, club)
    treasurer = await staff(club, "club.member.read")
    answer = await treasurer.get("/api/v1/club/members")
    assert [member["due_fen"] for member in answer.json()] == [120_000, 80_050]
    assert (await (await staff(club)).get("/api/v1/club/members")).status_code == 403


def test_hook_register_permissions(platform):
    offered = {permission.code: code for code, permission in platform.plugins.collect_all("register_permissions")}
    assert offered["club.member.read"] == "club"


async def test_hook_register_roles(platform, app, club):
    _, token = await log_in(platform, club.id, "club.treasurer")
    transport = httpx.ASGITransport(app, client=("192.0.2.9", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://banyan.test", cookies={"banyan_session": token}) as treasurer:
        assert (await treasurer.get("/console/club/members")).status_code == 200
        assert (await treasurer.get("/api/v1/users")).status_code == 403


async def test_hook_register_fee_categories(platform, club, staff):
    keeper = await staff(club, "billing.item.manage")
    item = {"plugin": "club", "code": "DUES", "name": "年费", "category": "学费", "period": "year"}
    refused = await keeper.post("/api/v1/fee-items", json=item)
    assert (refused.status_code, refused.json()["facts"]["field"]) == (422, "category")
    assert "会费、活动费" in refused.json()["detail"]


async def test_hook_register_refund_policies(club, staff):
    keeper = await staff(club, "billing.item.manage")
    item = {"plugin": "club", "code": "DUES", "name": "年费", "category": "会费", "period": "year"}
    refused = await keeper.post("/api/v1/fee-items", json=item | {"refundable_policy": "term_third"})
    assert (refused.status_code, refused.json()["facts"]["field"]) == (422, "refundable_policy")
    made = await keeper.post("/api/v1/fee-items", json=item | {"refundable_policy": "half"})
    assert made.status_code in (201, 409), made.text


async def test_hook_register_menu(club, staff):
    treasurer = await staff(club, "club.member.read")
    assert 'href="/console/club/members"' in (await treasurer.get("/console")).text
    assert 'href="/console/club/members"' not in (await (await staff(club)).get("/console")).text


async def test_hook_register_worklist(platform, club, staff):
    await import_members(platform, club, MEMBERS.replace("2026-03-01", "2020-03-01"))
    await pulse.nightly(platform, club.id)
    treasurer = await staff(club, "club.member.read")
    async with platform.database.tenant(club.id) as session:
        lines = await worklist(session, treasurer.actor, platform.plugins, CONSOLE, club.plugins)
    assert [(line["label"], line["count"]) for line in lines if line["href"] == "/console/club/members"] == [("待续费的会员", 1)]


async def test_hook_register_templates(platform, club, staff):
    await import_members(platform, club)
    page = await (await staff(club, "club.member.read")).get("/console/club/members")
    assert page.status_code == 200
    assert "V001" in page.text
    assert "1,200.00" in page.text
    assert "王小明" not in page.text, "names are masked"


async def test_hook_register_jobs(platform, club, staff, settle):
    await import_members(platform, club)
    treasurer = await staff(club, "club.member.bill")
    for _ in range(2):
        answer = await treasurer.post("/console/club/bill")
        assert answer.status_code == 303
        await settle(club)
    assert sorted(bill.amount_fen for bill in await bills_of(platform, club)) == [80_050, 120_000]


async def test_hook_register_importers(platform, club):
    said = await import_members(platform, club)
    assert (said.totals.new, said.totals.rejected) == (2, 1)
    assert [(verdict.row, verdict.column) for verdict in said.rows if verdict.verdict == "reject"] == [(4, "手机号*")]
    again = await import_members(platform, club, MEMBERS.replace("800.50", "900"))
    assert (again.totals.new, again.totals.changed, again.totals.unchanged) == (0, 1, 1)
    member = (await members_of(platform, club))["V002"]
    assert (member.due_fen, member.joined_on.isoformat()) == (90_000, "2026-04-15")


async def test_hook_register_exports(platform, club, staff, settle):
    await import_members(platform, club)
    treasurer = await staff(club, "club.member.read", "exports.make")
    started = await treasurer.post("/api/v1/exports", json={"code": "club.members"})
    assert started.status_code == 202, started.text
    await settle(club)
    job = (await treasurer.get(f"/api/v1/jobs/{started.json()['job_id']}")).json()
    assert (job["status"], job["result"]["rows"]) == ("done", 2)


async def test_hook_register_pulse(platform, club, settle):
    await import_members(platform, club)
    await settle(club)
    assert [row.card_no for row in (await members_of(platform, club)).values()] == [1, 2]


async def test_hook_register_nightly(platform, club):
    await import_members(platform, club, MEMBERS.replace("2026-03-01", "2020-03-01"))
    assert await pulse.nightly(platform, club.id)
    assert [row.lapsed for row in (await members_of(platform, club)).values()] == [True, False]


async def test_hook_register_checks(platform, club, settle):
    await import_members(platform, club)
    await settle(club)
    report = await checks.audit(platform, club.code)
    mine = [finding for finding in report.checks if "cards_have_no_gaps" in finding.check]
    assert [finding.ok for finding in mine] == [True]
    async with platform.database.tenant(club.id) as session:
        await session.execute(text("UPDATE club.member SET card_no = 9 WHERE card_no = 2"))
    report = await checks.audit(platform, club.code)
    assert [finding.ok for finding in report.checks if "cards_have_no_gaps" in finding.check] == [False]


async def test_hook_register_channels(platform, web, club):
    answer = await stamp(platform, web, club)
    assert (answer.status_code, answer.text) == (200, "ok")
    async with platform.database.tenant(club.id) as session:
        payment = await session.one(text("SELECT channel, amount_fen FROM core.payment"))
    assert tuple(payment) == ("voucher", 5_000)


async def test_hook_register_approvals(platform, club):
    await import_members(platform, club)
    member = (await members_of(platform, club))["V001"]
    maker = Actor(kind="user", id="m", name="经办", tenant_id=club.id)
    checker = Actor(kind="user", id="c", name="复核", tenant_id=club.id, rights={"club.due.check": None})
    kinds = approvals.kinds_of(platform.plugins, club.plugins)
    async with platform.database.tenant(club.id) as session:
        asked = await service.propose_due(session, member.id, 60_000, "退役运动员半价", maker)
        await approvals.approve(session, kinds, asked, checker)
    assert (await members_of(platform, club))["V001"].due_fen == 60_000


async def test_hook_register_commands(platform, club, capsys):
    await import_members(platform, club)
    [command] = [command for code, command in platform.plugins.collect_all("register_commands") if code == "club"]
    parser = argparse.ArgumentParser()
    command.configure(parser)
    assert await command.run(platform, parser.parse_args(["--client", club.code])) == 0
    assert capsys.readouterr().out == "2\n"


async def test_hook_register_benchmarks(platform):
    [benchmark] = [benchmark for code, benchmark in platform.plugins.collect_all("register_benchmarks") if code == "club"]
    [figure] = await benchmark.measure(None)
    assert (figure.figure, figure.note, figure.value > 0) == ("club_members", "500 rows", True)


async def test_hook_register_go_live(platform, club):
    async def people() -> tuple[str, str, str]:
        async with platform.database.tenant(club.id) as session:
            way = await golive.look(session, platform.plugins, club)
        step = next(step for step in way.steps if step.code == "people")
        return step.title, step.state, step.missing or step.evidence[0].text

    assert await people() == ("会员名册", "todo", "还没有会员")
    await import_members(platform, club)
    assert (await people())[:2] == ("会员名册", "done")


def test_hook_register_blueprints(platform):
    blueprint = tenancy.blueprints(platform.plugins)["club"]
    assert (blueprint.plugins, blueprint.merchants) == (("club",), (("DUES", "会费商户"),))


async def test_hook_load_demo(platform, club, tmp_path):
    (tmp_path / "members.csv").write_text(MEMBERS)
    for _ in range(2):
        await platform.plugins.ask("load_demo", club.plugins, platform=platform, client=club, folder=tmp_path)
    assert sorted(await members_of(platform, club)) == ["V001", "V002"]


async def test_hook_propose_binding(platform, club):
    await import_members(platform, club)
    async with platform.database.tenant(club.id) as session:
        keys = await platform.vault.keys(session)
        facts = BindingFacts(name="王小明", number="V001", id_tail="5678")
        [proposal] = await platform.plugins.ask("propose_binding", club.plugins, session=session, keys=keys, facts=facts)
        wrong = BindingFacts(name="王小明", number="V001", id_tail="0000")
        assert await platform.plugins.ask("propose_binding", club.plugins, session=session, keys=keys, facts=wrong) == []
    assert proposal.party_id == (await members_of(platform, club))["V001"].id
    assert [masked for masked, _, _ in proposal.phones] == ["138****5678"]


async def test_hook_propose_contacts(platform, club):
    await import_members(platform, club)
    people = await members_of(platform, club)
    async with platform.database.tenant(club.id) as session:
        keys = await platform.vault.keys(session)
        [found] = await platform.plugins.ask("propose_contacts", club.plugins, session=session, party_ids=[people["V001"].id])
        nobody = await platform.plugins.ask("propose_contacts", (), session=session, party_ids=[people["V001"].id])
    assert [(each.party_id, keys.open(each.phones[0][1])[-4:]) for each in found] == [(people["V001"].id, "5678")]
    assert nobody == []


async def test_hook_bills_issued(platform, club, settle):
    await import_members(platform, club)
    async with platform.database.tenant(club.id) as session:
        await service.bill_everybody(session, 2026)
    await settle(club)
    assert await told(platform, club, "bills_issued") == [("club:due:2026", 200_050)]


async def test_hook_propose_refund(platform, club):
    bill_id = ids.uuid7()
    async with platform.database.tenant(club.id) as session:
        asked = RefundAsked(bill_id=bill_id, plugin="club", effective_on=clock.today(), lines=((1, "DUES", 80_050),))
        [proposal] = await platform.plugins.ask("propose_refund", club.plugins, session=session, asked=asked)
        other = RefundAsked(bill_id=bill_id, plugin="school", effective_on=clock.today(), lines=((1, "DUES", 80_050),))
        assert await platform.plugins.ask("propose_refund", club.plugins, session=session, asked=other) == []
    assert proposal.lines == {1: (40_025, (("退费规则", "年费退一半"),))}


async def test_hook_payment_refunded(platform, club, settle):
    async with platform.database.tenant(club.id) as session:
        event = PaymentRefunded(refund_id=ids.uuid7(), payment_id=ids.uuid7(), amount_fen=1_200, bill_id=None)
        for _ in range(2):
            await outbox.add(session, event)
    await settle(club)
    assert await told(platform, club, "payment_refunded") == [(f"{event.refund_id}:{event.payment_id}", 1_200)]


async def test_hook_payment_settled(platform, web, club, settle):
    await stamp(platform, web, club, voucher="V-2", amount_fen=7_000)
    await settle(club)
    assert [fen for _, fen in await told(platform, club, "payment_settled")] == [7_000]


async def test_hook_register_search(platform, club, staff):
    await import_members(platform, club)
    asking = await staff(club, "club.member.read", "billing.bill.read")
    answer = await asking.get("/api/v1/search", params={"q": "V001"})
    groups = {group["code"]: [(item["title"], item["detail"]) for item in group["items"]] for group in answer.json()["groups"]}
    assert groups == {"club.members": [("王**", "V001")]}, "who is found twice stands in the plugin's group"


async def test_hook_propose_refund_wait(platform, club, monkeypatch):
    monkeypatch.setitem(platform.channels, "wechatpay", scripted := Scripted())
    made = await trade.found(platform, club.id)
    office = Office(platform, club, made, scripted, await trade.bills(platform, made), *people(club.id))
    await office.pay(office.bills[0], 95_000)
    async with platform.database.tenant(club.id) as session:
        await repository.keep(session, "card_out", str(office.bills[0]), 0)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=30_000)
    await office.beat()
    [item] = (await office.read(refund.id)).items
    assert (item.state, item.error, scripted.seen) == ("held", "会员卡还没有交回", {})
    async with platform.database.tenant(club.id) as session:
        await repository.keep(session, "card_back", str(office.bills[0]), 0)
        await refunds.go_on(session, [office.bills[0]])
    await office.beat()
    assert [each.state for each in (await office.read(refund.id)).items] == ["processing"]
    assert await office.faults() == {}


async def test_hook_repost_asked(platform, club, settle):
    asked = RepostAsked(
        remedy_id=ids.uuid7(), klass="LG2", kind="pay", channel="wechatpay", number="P1", order_number="P1", bill_number="B1", amount_fen=8_500
    )
    async with platform.database.tenant(club.id) as session:
        for _ in range(2):
            await outbox.add(session, asked)
    await settle(club)
    assert await told(platform, club, "repost_asked") == [("B1", 8_500)]


async def test_hook_register_sandbox(club_plugins):
    [world] = [world for world in brought(club_plugins) if world.code == "club_post"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Litestar(route_handlers=list(world.routers))), base_url="http://post") as outside:
        assert (await outside.get("/club-post/stamps/V001")).json() == {"number": "V001", "stamp": "榕"}


async def test_hook_propose_ticket_facts(platform, club, settle):
    made = await trade.found(platform, club.id)
    bills = await trade.bills(platform, made)
    office = Office(platform, club, made, Scripted(), bills, *people(club.id))
    await office.pay(bills[0], 95_000)
    await settle(club)
    async with platform.database.tenant(club.id) as session:
        [receipt] = await receipts.receipts_of(session, bills[:1])
    assert (receipt.status, receipt.content.extras) == ("issued", [("会员类别", "年度会员")])
