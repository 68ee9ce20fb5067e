"""A demo school in which everything has happened once: paid, refunded, reconciled, settled, told of. So that no page of it is empty."""

import datetime as dt
from uuid import UUID

import msgspec
from sqlalchemy import MetaData, insert, text

from core import clock, ids
from core.identity.actor import Actor, system
from core.jobs.delivery import deliver_events
from core.payers.models import payer, payer_session
from core.payments import service as payments
from core.payments.channels.protocol import ChannelAccount
from core.payments.repository import add_order, find_order, set_prepared
from core.receipts import service as receipts
from core.reconciliation.differences.assignments import Conditions
from core.reconciliation.remedies import pushing
from core.reconciliation.runs import service as runs
from core.refunds import repository
from core.refunds import service as refunds
from core.refunds.schemas import RefundAsk
from core.statements import field_maps
from core.tenancy.directory import ClientProfile
from plugins.education.plans import service as plans
from plugins.education.plans.schemas import PlanDraft
from plugins.education.standards import service as standards
from tests import trade
from tests.pages.rows import PERSON, Rows, days_ago

PHONE = "13812345678"
SHOP = "订单号,类型,金额,时间,支付方式\nA1,收款,12.34,2026-03-01 08:00:00,微信\n".encode()
_OPEN = text("SELECT id, party_id, amount_fen FROM core.bill WHERE status = 'issued' AND amount_fen > 100000 ORDER BY number LIMIT :n")
_ACCOUNT = text("SELECT id, channel, mchid, appid, base_url FROM core.channel_account WHERE channel = 'wechatpay' LIMIT 1")
_STAYING = text("""
    SELECT a.patient_id FROM medical.admission a JOIN medical.med_order o ON o.patient_id = a.patient_id
    WHERE EXISTS (SELECT FROM medical.daily_list l WHERE l.admission_id = a.id) ORDER BY a.id LIMIT 1
""")
_FAILED = text("""
    UPDATE medical.med_order SET status = 'post_failed', post_failed_at = now(), post_error = 'HIS 系统繁忙', posted_at = NULL
    WHERE id = (SELECT id FROM medical.med_order WHERE status IN ('paid', 'posted') AND kind = 'outpatient' ORDER BY number LIMIT 1)
""")
_DESK = text("SELECT id, login, name FROM core.user WHERE login IN ('school.accountant', 'school.cashier', 'school.admin', 'school.roster')")


class Life(msgspec.Struct):
    """What the pages are asked for that no query would find: a payer's device."""

    payer_id: UUID
    payer_token: str
    stranger_token: str


class School:
    """The demo school while it is being lived in."""

    def __init__(self, platform, profile: ClientProfile, schemas: list[MetaData]) -> None:
        self.platform, self.profile, self.schemas = platform, profile, schemas

    def tenant(self):
        return self.platform.database.tenant(self.profile.id)

    def person(self, *rights: str, name: str = PERSON) -> Actor:
        return Actor(kind="user", id=str(ids.uuid7()), name=name, tenant_id=self.profile.id, rights=dict.fromkeys(rights))


async def live(platform, profile: ClientProfile, schemas: list[MetaData]) -> Life:
    """Everything once; answers the devices of a payer and of somebody unknown."""
    school = School(platform, profile, schemas)
    async with school.tenant() as session:
        bills = list(await session.all(_OPEN, {"n": 4}))
        account = await session.one(_ACCOUNT)
        desk = {row.login: row for row in await session.all(_DESK)}
    life = await _family(school, [row.party_id for row in bills])
    order = await _paid(school, account, life, bills)
    await _taken_back(school, bills[0].id)
    await _planned(school)
    await _mapped(school)
    await runs.run(platform, profile.id, days_ago(1), by=system(profile.id))
    async with school.tenant() as session:
        rows = Rows(session, await platform.vault.keys(session), schemas)
        for write in (_at_the_desk, _reconciled, _settled, _shared, _told, _kept):
            await write(rows, desk, order)
    await _asked_for_help(school, await platform.directory.bank_id())
    return life


async def be_treated(platform, profile: ClientProfile, schemas: list[MetaData]) -> Life:
    """The demo hospital has lived a month already. Somebody is bound to a patient who lies in it, HIS refused an order, an old balance is known."""
    hospital = School(platform, profile, schemas)
    async with hospital.tenant() as session:
        patient_id = await session.scalar(_STAYING)
        await session.execute(_FAILED)
    life = await _family(hospital, [patient_id])
    async with hospital.tenant() as session:
        rows = Rows(session, await platform.vault.keys(session), schemas)
        await rows.add("medical.legacy_balance", source="老一卡通", card_no="66010001", patient_id=patient_id, patient_no="HP00001", name="罗*",
                       amount_fen=12_300, status="listed")  # fmt: skip
    return life


async def _asked_for_help(school: School, bank_id: UUID) -> None:
    """A ticket, in the client's house and in the bank's queue."""
    ticket = {"id": ids.uuid7(), "client_id": school.profile.id, "number": "W26110001", "title": "收据打印不出来", "severity": "normal", "status": "open"}
    for tenant_id in (school.profile.id, bank_id):
        async with school.platform.database.tenant(tenant_id) as session:
            rows = Rows(session, await school.platform.vault.keys(session), school.schemas)
            await rows.add("support_ticket", page="/console/receipts", page_title="收据", **ticket)


async def _family(school: School, people: list[UUID]) -> Life:
    """A mother with two children on a phone that knows her, and a phone that knows nobody."""
    life = Life(ids.uuid7(), ids.token(), ids.token())
    async with school.tenant() as session:
        keys = await school.platform.vault.keys(session)
        known = {"id": life.payer_id, "phone_sealed": keys.seal(PHONE), "phone_index": keys.index("phone", PHONE), "phone_masked": "138****5678"}
        await session.execute(insert(payer), known)
        for token, who in ((life.payer_token, life.payer_id), (life.stranger_token, None)):
            row = {
                "id": ids.uuid7(), "token_hash": school.platform.vault.route_hash("payer", token), "payer_id": who, "csrf": ids.token(),
                "device": token.encode(), "expires_at": clock.now() + dt.timedelta(days=30),
            }  # fmt: skip
            await session.execute(insert(payer_session), row)
        rows = Rows(session, keys, school.schemas)
        for at, child in enumerate(people[:3]):
            status = "manual_review" if at == 2 else "bound"
            await rows.add("binding", payer_id=life.payer_id, party_id=child, relation="母亲", method="roster", is_primary=at < 2, status=status)
        await rows.add("consent", payer_id=life.payer_id, party_id=people[0], purpose="service", version="1", scope={})
        ticket = {"party_id": str(people[0]), "number": "", "phones": [["138****5678", "", "母亲"]]}
        await rows.add("one_time_code", purpose="bind_ticket", device=life.stranger_token.encode(), subject=ticket, expires_at=_tomorrow())
    return life


def _tomorrow() -> dt.datetime:
    return clock.now() + dt.timedelta(days=1)


async def _paid(school: School, account, life: Life, bills) -> str:
    """Three bills are paid at the channel, one order is still open; answers the number of the first."""
    collecting = ChannelAccount(channel=account.channel, mchid=account.mchid, appid=account.appid, base_url=account.base_url, credentials={})
    numbers = []
    for at, bill in enumerate(bills[:4]):
        now, number, fen = clock.now(), ids.number("P", clock.now().strftime("%y%m%d"), 14), min(bill.amount_fen, 120_000)
        row = {
            "id": ids.uuid7(), "number": number, "channel_account_id": account.id, "channel": account.channel, "mchid": account.mchid, "scene": "h5",
            "description": "学费", "amount_fen": fen, "payer_id": life.payer_id, "payer_session_id": None, "idempotency_key": number,
            "payer_ip": "192.0.2.1", "openid": None, "return_url": None, "expires_at": now + dt.timedelta(hours=2),
            "next_query_at": now + dt.timedelta(hours=2), "bills": [bill.id], "amounts": [fen],
        }  # fmt: skip
        async with school.tenant() as session:
            await add_order(session, row)
            held = await find_order(session, number)
            await set_prepared(session, held.id, {"kind": "redirect", "value": "http://127.0.0.1:9/pay"}, now + dt.timedelta(hours=2))
        if at < 3:
            state = trade.success(number, fen, mchid=account.mchid, appid=account.appid)
            await payments.settle(school.platform, school.profile.id, collecting, state)
        numbers.append(number)
    await deliver_events(school.platform, school.profile.id)
    async with school.tenant() as session:
        await receipts.issue_waiting(session, school.profile)
    return numbers[0]


async def _taken_back(school: School, bill_id: UUID) -> None:
    """A refund is asked for and agreed to."""
    maker = school.person("refunds.refund.make")
    async with school.tenant() as session:
        made = await refunds.request(session, {}, RefundAsk(bill_id=bill_id, amount_fen=5_000, reason="多缴餐费"), maker)
        await refunds.hold_approved(session, await repository.lock(session, made.id), "杨复核")
    async with school.tenant() as session:
        await refunds.request(session, {}, RefundAsk(bill_id=bill_id, amount_fen=3_000, reason="校车停用"), maker)


async def _planned(school: School) -> None:
    """A plan in draft, one more standard that waits."""
    maker = school.person("education.plan.make", "education.standard.make")
    async with school.tenant() as session:
        codes = tuple(item.code for item in (await standards.load(session, approved_only=True)).items)[:2]
        term = await session.scalar(text("SELECT code FROM education.term ORDER BY code LIMIT 1"))
        draft = PlanDraft(code="2026S", title="补收教材费", term=term, item_codes=codes, due_on=clock.today() + dt.timedelta(days=60))
        await plans.create(session, draft, maker)


async def _mapped(school: School) -> None:
    """A file of the school's own system was shown to us."""
    maker = school.person("statements.file.make")
    given = {"code": "shop", "title": "收费系统日报", "side": "business", "channel": "", "file_name": "day.csv"}
    async with school.tenant() as session:
        await field_maps.create(session, school.platform.vault, **given, content=SHOP, by=maker)


async def _at_the_desk(rows: Rows, desk, order: str) -> None:
    """A shift with entries, one handed in, a cheque, a transfer, a scan."""
    who = desk["school.cashier"]
    shift = await rows.add("cashier_shift", cashier_id=str(who.id), cashier=who.name, window="1 号窗口", status="open", float_fen=20_000)
    await rows.add("cashier_shift", cashier_id="u2", cashier=who.name, window="2 号窗口", status="submitted", float_fen=20_000, counted_fen=20_000, counted={})
    for kind in ("cash", "pos"):
        await rows.add("counter_entry", shift_id=shift, kind=kind, amount_fen=9_500, entered_by=who.name, order_number=order)
    await rows.add("cheque", shift_id=shift, bank="榕城银行", drawer="样例甲企业", amount_fen=100_000, items=[], status="received", taken_by=who.name)
    await rows.add("bank_transfer", reference="学费", amount_fen=30_000, payer_masked="王*", status="matched", why="sub_account")
    scanned = await rows.add("counter_scan", key=order, shift_id=shift, cashier_id=str(who.id), cashier=who.name, channel="wechatpay", amount_fen=120_000)
    await rows.add("support_consent", client_id=scanned, status="asked", purpose="核对一笔退款", days=3, asked_by="x", asked_by_name="钱支持")
    await rows.add("go_live_trial", position=1, bill_id=await rows.first("bill"), merchant_id=await rows.first("merchant"))
    await rows.add("suspense_item", reason="late_success", amount_fen=3_000, left_fen=3_000, facts={"order_number": order}, status="open")


async def _reconciled(rows: Rows, desk, order: str) -> None:
    """Yesterday's file and run, a difference with its history, a remedy, a batch of remedies, rules."""
    yesterday = days_ago(1)
    statement = await rows.add(
        "statement", source="wechatpay-trade", side="channel", channel="wechatpay", merchant_number="1900000001", bill_on=yesterday, status="loaded",
        verdict="accept", reason_code="ok", reason="", file_name="wechat.csv", sha256=b"x" * 32, size=1_024, origin="upload", rows_loaded=1,
    )  # fmt: skip
    await rows.add(
        "statement_line", statement_id=statement, row_no=1, line_no=2, channel="wechatpay", kind="pay", counts=True, number=order, amount_fen=120_000,
        fee_fen=720, status="SUCCESS", happened_at=clock.now(),
    )  # fmt: skip
    batch = await rows.add("recon_remedy_batch", code="RB26110001", kind="chase", reason="逐笔追查", status="created", count=1, amount_fen=120_000)
    for code, klass, status in (("D2611220001", "AM1", "open"), ("D2611220002", "SH1", "handling")):
        difference = await rows.add(
            "recon_difference", code=code, bill_on=yesterday, klass=klass, channel="wechatpay", merchant_number="1900000001", kind="pay",
            number=order + code[-1], amount_fen=120_000, platform_fen=120_000, differs="amount_fen", status=status, severity="high", owner_name=PERSON,
        )  # fmt: skip
        await rows.add("recon_event", difference_id=difference, what="found", by_name="")
        await rows.add("recon_remedy", difference_id=difference, batch_id=batch, kind="chase", amount_fen=120_000, reason="逐笔追查", status="proposed")
    await rows.add("match_rule", position=1, title="金额容差一分", kind="tolerance", parameters={"fen": 1}, active=False)
    fits = msgspec.to_builtins(Conditions(channels=("wechatpay",)))
    await rows.add("recon_assignment", position=1, title="微信差异归冯经办", conditions=fits, owner_name=PERSON)


async def _settled(rows: Rows, desk, order: str) -> None:
    """A batch with its payout, an arrival, an entry of the bank that nobody explained, a month."""
    yesterday, merchant = days_ago(1), await rows.first("merchant")
    batch = await rows.add(
        "settlement_batch", number="S26110001", merchant_id=merchant, merchant_code="TUITION", bill_on=yesterday, settle_on=clock.today(),
        status="pending_review", pay_count=1, gross_fen=120_000, fee_fen=720, net_fen=119_280, pay_fen=119_280,
    )  # fmt: skip
    await rows.add(
        "settlement_item", batch_id=batch, kind="pay", merchant_id=merchant, channel="wechatpay", merchant_number="1900000001", number=order,
        amount_fen=120_000, fee_fen=720, bill_on=yesterday,
    )  # fmt: skip
    await rows.add(
        "payout", batch_id=batch, number="PO26110001", amount_fen=119_280, account_name="样例甲教育集团有限公司", account_masked="9900****0018",
        clearing_number="62001", status="created",
    )  # fmt: skip
    await rows.add(
        "channel_arrival", channel="wechatpay", merchant_number="1900000001", bill_on=yesterday, due_on=clock.today(), gross_fen=120_000, fee_fen=720,
        net_fen=119_280, status="expected",
    )  # fmt: skip
    await rows.add(
        "bank_entry", account_number="62001", serial="BK26110001", booked_on=yesterday, amount_fen=5_000, kind="other", status="suspense",
        statement_id=await rows.first("statement"),
    )  # fmt: skip
    await rows.add("settlement_month", month=days_ago(40).replace(day=1), status="open")
    await rows.add("settlement_adjustment", merchant_id=merchant, amount_fen=-300, reason="补扣手续费")


async def _shared(rows: Rows, desk, order: str) -> None:
    """A receiver of shares; a merchant's case on its way to collecting; a code on the wall; an order of channels."""
    account = await rows.first("channel_account")
    await rows.add(
        "sharing_receiver", channel_account_id=account, mchid="1900000001", kind="MERCHANT_ID", account="1900000109", name_masked="样例*公司",
        relation="SERVICE_PROVIDER", status="active",
    )  # fmt: skip
    case = await rows.add("onboarding_case", status="draft", legal_name="样例甲教育集团有限公司", channels=["wechatpay"], settlement_days=1)
    await rows.add("onboarding_event", case_id=case, source="", target="draft", side="client", by_name=PERSON, remark="")
    await rows.add("static_code", code="7K2M9Q4T", title="门口收款码", day_cap_fen=500_000)
    await rows.add("payment_route", channel_account_id=account)


async def _told(rows: Rows, desk, order: str) -> None:
    """Notices of each kind, somebody's bell, pushes to a program with a failed try."""
    payer_id, bill = await rows.first("payer"), await rows.first("bill")
    facts = {"name": "*小明", "title": "学费", "amount": "1,200.00", "due_on": f"{clock.today()}", "path": "/console/bills"}
    for means, status in (("inbox", "delivered"), ("sms", "failed")):
        given = {"event": "bill_issued", "means": means, "run": "plan:1", "to_masked": "138****5678", "status": status}
        await rows.add("notice", payer_id=payer_id, bill_id=bill, facts=facts, **given)
    await rows.add("notice", event="approval_waiting", means="inbox", user_id=desk["school.admin"].id, to_masked="", facts=facts, status="delivered")
    endpoint = await rows.add("webhook_endpoint", title="校务系统", url="https://school.example/hook", events=[pushing.EVENT])
    delivery = await rows.add("webhook_delivery", endpoint_id=endpoint, event=pushing.EVENT, body="{}", status="failed", tries=5, answer="500")
    await rows.add("webhook_attempt", delivery_id=delivery, http_status=500, answer="500", milliseconds=12)


async def _kept(rows: Rows, desk, order: str) -> None:
    """A job, an import, a file, a batch of refunds, a grant, a template, a saved view, a key of a program."""
    who = desk["school.admin"]
    file = await rows.add("stored_file", name="名册.xlsx", media_type="application/octet-stream", size=12)
    job = await rows.add(
        "job", kind="exports.export", title="导出缴费明细", params={}, status="done", done=4, total=4, started_by=str(who.id), started_by_kind="user",
        started_by_name=who.name, file_id=file, result={"rows": 4},
    )  # fmt: skip
    await rows.add(
        "import_batch", kind="education.roster", filename="名册.xlsx", file_id=file, status="refused", error_code="NOT_A_TABLE", error="这不是表格",
        job_id=job, made_by=str(desk["school.roster"].id), made_by_name=desk["school.roster"].name,
    )  # fmt: skip
    await rows.add("refund_batch", number="RB26110001", title="停课退费", reason="停课两周", status="created", count=1, amount_fen=5_000, made_by_id="x")
    await rows.add("education.discount_grant", evidence="教工证", status="applied", applied_by=PERSON, applied_by_id="x")
    await rows.add("education.instalment_template", code="HALF", name="两期各半", percents=["50", "50"])
    await rows.add("api_key", name="校务系统", tail="ab12", roles=["client.api"])
