"""`tenants/`: read strictly, shown before it is done, done once."""

import re
import shutil
from pathlib import Path

import httpx
import pyotp
import pytest
from sqlalchemy import text

from core.app import create_app, make_platform
from core.identity import accounts_repository
from core.sandbox.schema import install
from core.sandbox.serving import sandbox_serving
from core.tenancy import apply, channels_repository, declaration, merchant_doors, repository, terms_repository
from core.tenancy.declaration import DeclarationInvalid
from core.tenancy.numbers import NumberTaken

SHIPPED = Path(__file__).parents[2] / "tenants"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def folder(tmp_path):
    """The shipped declarations without their sample data, which the plugins' own tests load."""
    copy = tmp_path / "tenants"
    shutil.copytree(SHIPPED, copy, ignore=shutil.ignore_patterns("demo"))
    for declared in copy.glob("*/tenant.toml"):
        declared.write_text(declared.read_text().replace('[demo]\nfolder = "demo"\n', ""))
    return copy


@pytest.fixture
async def fresh(fresh_database, make_settings, plugins):
    """A platform on a database of its own: `await fresh(demo=True)`."""
    made = []

    async def make(**given: object):
        made.append(await make_platform(make_settings(fresh_database(), **{"demo": True, "sandbox_url": NOWHERE} | given), plugins))
        return made[-1]

    yield make
    for platform in made:
        await platform.close()


async def client_of(platform, code: str):
    return await platform.directory.by_code(code)


def line(change) -> tuple[str, str, str, str]:
    return change.where, change.action, change.subject, change.name


async def test_the_shipped_declarations_become_a_bank_with_five_clients_and_a_second_run_changes_nothing(fresh, folder):
    platform = await fresh()
    foreseen = await apply.plan(platform, folder)
    assert await platform.routes.find("bank", "bank") is None, "a plan changes nothing"
    done = await apply.apply(platform, folder)
    assert {line(c) for c in done if not c.pending} <= {line(c) for c in foreseen}
    assert [line(c) for c in await apply.apply(platform, folder) if not c.pending] == []
    async with platform.database.tenant(await platform.directory.bank_id()) as session:
        rows = await repository.list_clients(session, None)
    assert {row.kind for row in rows} == {"school_group", "hospital", "property", "university", "employer"}
    assert {row.status for row in rows} == {"active"}
    for row in rows:
        held = await merchant_doors.money(platform, row.id)
        assert held.merchants
        assert {merchant.status for merchant in held.merchants} == {"active"}
        for accounts in held.accounts.values():
            assert all(account.made_by != account.checked_by for account in accounts)
    school = await client_of(platform, "banyan-school")
    assert school.plugins == {"education"}
    assert (school.bank_name, school.branding["short_name"]) == ("榕城银行", "样例甲教育")


async def test_the_demo_operators_log_in_with_the_declared_password_and_code(fresh, folder):
    platform = await fresh()
    await apply.apply(platform, folder)
    person = next(p for p in declaration.read(folder).bank.staff if p.login == "branch.zhou")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(platform)), base_url="http://banyan.test") as web:
        first = await web.post("/login", data={"username": person.login, "password": person.demo_password})
        assert first.headers["location"] == "/login/code"
        csrf = re.search(r'name="_csrf_token" value="([^"]+)"', (await web.get("/login/code")).text).group(1)
        code = pyotp.TOTP(person.demo_totp_secret).now()
        assert (await web.post("/login/code", data={"code": code, "_csrf_token": csrf})).headers["location"] == "/bank"
        clients = (await web.get("/bank/clients")).text
    assert "样例甲教育集团" in clients
    assert "样例丙物业公司" not in clients, "that one belongs to the other branch"


async def test_outside_the_demo_the_declared_passwords_are_ignored_and_one_time_ones_are_shown_once(fresh, folder):
    platform = await fresh(demo=False)
    done = await apply.apply(platform, folder)
    shown = {c.name: c.once for c in done if c.subject == "user"}
    assert all(shown.values())
    async with platform.database.tenant(await platform.directory.bank_id()) as session:
        user = await accounts_repository.find_user_by_login(session, "branch.zhou")
    assert (user.must_change_password, user.has_totp) == (True, False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(platform)), base_url="http://banyan.test") as web:
        assert (await web.post("/login", data={"username": "branch.zhou", "password": "Banyan-demo-2026"})).status_code == 401
        given = await web.post("/login", data={"username": "school.admin", "password": shown["school.admin"]})
        assert given.headers["location"] == "/login/password"


async def test_people_made_outside_the_demo_can_log_in_as_printed_once_it_starts(fresh_database, make_settings, plugins, folder):
    addresses = fresh_database()
    before, demo = [await make_platform(make_settings(addresses, demo=on, sandbox_url=NOWHERE), plugins) for on in (False, True)]
    await apply.apply(before, folder)
    await apply.apply(demo, folder)
    assert [line(c) for c in await apply.apply(demo, folder) if not c.pending] == []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(demo)), base_url="http://banyan.test") as web:
        page = (await web.get("/login")).text
        assert 'name="_csrf_token" value=""' in page
        for login, arrives in (("branch.zhou", "/login/code"), ("school.admin", "/console")):
            entered = await web.post("/login", data={"username": login, "password": "Banyan-demo-2026"})
            assert entered.headers["location"] == arrives
    for platform in (before, demo):
        await platform.close()


CHANNELS = ("wechatpay", "alipay", "unionpay", "stripe")


async def test_a_sandbox_that_is_away_is_pending_and_one_that_answers_is_asked_once(fresh, folder, postgres):
    away = await fresh()
    first = [c for c in await apply.apply(away, folder) if c.subject == "channel" and c.where == "banyan-school"]
    assert [(c.name, bool(c.pending)) for c in first] == [*((channel, True) for channel in CHANNELS), ("counter", False)]
    school = await client_of(away, "banyan-school")
    await install(postgres.owner_url)
    async with sandbox_serving(postgres.app_url, time_scale=0.00001) as settings:
        there = await fresh(sandbox_url=settings.public_url)
        done = [c for c in await apply.apply(there, folder) if c.subject == "channel" and c.where == "banyan-school"]
        assert [(c.name, c.pending) for c in done] == [(channel, "") for channel in (*CHANNELS, "counter")]
        assert [c for c in await apply.apply(there, folder) if c.subject == "channel"] == []
        school = await client_of(there, "banyan-school")
        async with there.database.tenant(school.id) as session:
            rows = await channels_repository.list_accounts(session)
        expected = {("counter", "", "active"), *((name, settings.public_url, "active") for name in CHANNELS)}
        assert {(row.channel, row.base_url, row.status) for row in rows} == expected, "the counter needs nobody outside"


async def test_changes_of_name_and_branding_are_shown_and_made_and_hand_made_ones_stay(fresh, folder):
    platform = await fresh()
    await apply.apply(platform, folder)
    bank = folder / "_bank" / "bank.toml"
    bank.write_text(bank.read_text().replace("甲城云溪支行", "甲城云溪中心支行"))
    hospital = folder / "banyan-hospital" / "tenant.toml"
    hospital.write_text(hospital.read_text().replace("#1f5fa8", "#123456"))
    changes = [line(c) for c in await apply.plan(platform, folder) if not c.pending]
    assert changes == [("_bank", "change", "sub_branch", "甲城云溪中心支行"), ("banyan-hospital", "change", "client", "样例乙医院")]
    await apply.apply(platform, folder)
    platform.directory.forget((await client_of(platform, "banyan-hospital")).id)
    assert (await client_of(platform, "banyan-hospital")).branding["colour"] == "#123456"
    assert [c for c in await apply.plan(platform, folder) if not c.pending] == []


async def test_what_was_left_half_done_is_finished_by_the_next_run(fresh, folder):
    platform = await fresh()
    await apply.apply(platform, folder)
    school = await client_of(platform, "banyan-school")
    async with platform.database.tenant(school.id) as session:
        await session.simple(
            "DELETE FROM core.settlement_account; UPDATE core.merchant SET status = 'bank_review';"
            "DELETE FROM core.role_grant; DELETE FROM core.session; DELETE FROM core.rate; DELETE FROM core.merchant WHERE code = 'AGENCY'"
        )
    await apply.apply(platform, folder)
    assert [c for c in await apply.plan(platform, folder) if not c.pending] == []
    held = await merchant_doors.money(platform, school.id)
    assert [(m.code, m.status) for m in held.merchants] == [("AGENCY", "active"), ("SERVICE", "active"), ("TUITION", "active")]


@pytest.mark.parametrize(
    ("wrong", "right", "fault"),
    [
        ('kind = "hospital"', 'kind = "hospital"\ncolor = "red"', "color"),
        ('branch = "1002"', 'branch = "9999"', "9999"),
        ('branch = "1002"', "branch = 1002", "client.branch"),
        ('name = "样例乙医院"', "", "name"),
        ('checked_by = "branch.wu"', 'checked_by = "branch.zhou"', "同一人"),
        ('checked_by = "branch.wu"', 'checked_by = "nobody"', "nobody"),
        ('login = "hospital.admin"', 'login = "school.admin"', "school.admin"),
        ("[branding]", "[branding", "line"),
        ("[[staff]]", '[demo]\nfolder = "missing"\n\n[[staff]]', "missing"),
        ('number = "2088990000031101"', 'number = "2088990000031101"\ncut = "24:00"', "23:00"),
        ('title = "支付宝"', 'title = "支付宝"\n[[statement_merchants]]\nchannel = "alipay"\nnumber = "2088990000031101"', "写了两次"),
        ('code = "main"', 'code = "main"\nrates = [{ channel = "wechatpay", percent = "0.655", from_on = 2026-01-01 }]', "rates wechatpay"),
        ('code = "main"', 'code = "main"\nrates = [{ channel = "wechatpay", percent = "11", from_on = 2026-01-01 }]', "0–10%"),
        ("[[staff]]", '[[channels]]\nchannel = "cash"\nsandbox = true\n\n[[staff]]', "cash"),
        ('code = "banyan-hospital"', 'code = "banyan-school"', "banyan-school"),
    ],
)
async def test_a_wrong_declaration_is_refused_with_its_file_and_its_fault(folder, wrong, right, fault):
    file = folder / "banyan-hospital" / "tenant.toml"
    assert wrong in file.read_text()
    file.write_text(file.read_text().replace(wrong, right, 1))
    with pytest.raises(DeclarationInvalid) as refused:
        declaration.read(folder)
    assert fault in refused.value.message
    assert refused.value.status == 422


async def test_agreed_rates_and_numbers_to_reconcile_are_kept_and_a_later_rate_ends_the_one_before(fresh, folder):
    platform = await fresh()
    file = folder / "banyan-hospital" / "tenant.toml"
    declared = 'rates = [{ channel = "unionpay", percent = "0.5", cap_yuan = "20", fixed_yuan = "0.30", from_on = 2026-01-01 }]'
    file.write_text(file.read_text().replace('code = "main"', f'code = "main"\n{declared}', 1).replace('title = "银联在线"', 'cut = "22:30"', 1))
    await apply.apply(platform, folder)
    file.write_text(file.read_text().replace(declared, declared.replace("0.5", "0.45").replace("2026-01", "2026-07"), 1))
    assert [c.subject for c in await apply.apply(platform, folder) if c.where == "banyan-hospital" and not c.pending] == ["rate"]
    hospital = await client_of(platform, "banyan-hospital")
    async with platform.database.tenant(hospital.id) as session:
        rates = {row.from_on.isoformat(): row for row in await terms_repository.list_rates(session)}
        numbers = await session.all(text("SELECT number, cut_minutes FROM core.statement_merchant WHERE channel = 'unionpay'"))
    assert [(r.rate_ppm, r.cap_fen, r.fixed_fen, str(r.until_on)) for r in (rates["2026-01-01"], rates["2026-07-01"])] == [
        (5_000, 2_000, 30, "2026-06-30"),
        (4_500, 2_000, 30, "None"),
    ]
    assert [tuple(row) for row in numbers] == [("999391080620031", 22 * 60 + 30)]


async def test_a_number_that_another_client_reconciles_is_not_declared_a_second_time(fresh, folder):
    platform = await fresh()
    await apply.apply(platform, folder)
    file = folder / "banyan-property" / "tenant.toml"
    file.write_text(file.read_text() + '\n[[statement_merchants]]\nchannel = "wechatpay"\nnumber = "1999000311"\n')
    with pytest.raises(NumberTaken) as refused:
        await apply.apply(platform, folder)
    assert "1999000311" in refused.value.message and "hospital" not in refused.value.message
    neighbour = await client_of(platform, "banyan-property")
    async with platform.database.tenant(neighbour.id) as session:
        assert await terms_repository.list_numbers(session) == []


async def test_no_real_secret_and_no_real_institution_stands_in_the_shipped_declarations():
    text = "".join(path.read_text() for path in SHIPPED.rglob("*.toml"))
    assert set(re.findall(r'^(\w*password\w*) = ', text, re.M)) == {"demo_password"}
    assert set(re.findall(r'^(\w*secret\w*) = ', text, re.M)) == {"demo_totp_secret"}
    assert set(re.findall(r"\w+银行", text)) == {"榕城银行", "虚构的银行"} | set(re.findall(r"榕城银行\w*银行", text))
