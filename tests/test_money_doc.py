"""docs/money.md is true: every table is recalculated, every journal is posted by a running system and compared."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from sqlalchemy import insert, text, update

from core import ids
from core.approvals import service as approvals
from core.billing import corrections, credit, service
from core.billing.allocation import OpenLine, fill
from core.billing.schemas import LineChange
from core.counter import payouts, shifts
from core.counter import service as counter
from core.counter.errors import TenderedTooLittle
from core.counter.schemas import NOTES_FEN
from core.database.tables import new_tenant_id
from core.identity.actor import Actor
from core.ledger import repository as ledger_repository
from core.ledger import service as ledger
from core.money import BadAmount, capital, equal_instalments, format_yuan, half_up, instalments, percent_of, split, yuan
from core.onboarding import rates
from core.onboarding.schemas import Rate
from core.payments import repository
from core.payments.channels.wechatpay.sharing import ReturnState, ShareState, SplitState
from core.payments.models import channel_account
from core.payments.schemas import PayItem
from core.payments.service import settle
from core.payments.suspense import service as suspense
from core.profit_sharing import booking, sending
from core.profit_sharing import models as sharing_models
from core.profit_sharing import service as sharing
from core.profit_sharing.schemas import ReturnAsk, ShareAsk, SplitAsk
from core.refunds import faults as refund_faults
from core.refunds import policy, splitting, submitting
from core.refunds import service as refunds
from core.refunds.schemas import LineAsk, RefundAsk
from plugins.education.pricing.late_entry import amount_of, months_billed, share_of
from plugins.education.pricing.rules import FeeItem, FeeStandard, Measure, Term
from plugins.education.pricing.usage import MeterUse
from plugins.education.pricing.usage import shares as room_shares
from plugins.education.refunding.rules import RULES, Charged
from tests import trade
from tests.education.pure.fees import DORM, MEAL, TERM, TUITION, UNIFORM, bill_of, fixed, percent, student, waiver

TEXT = (Path(__file__).parents[1] / "docs" / "money.md").read_text()
TABLES = {
    name: [[cell.strip() for cell in line.strip("|").split("|")] for line in body.strip().splitlines()[2:]]
    for name, body in re.findall(r"<!-- check: (\w+) -->\n((?:\|.*\n)+)", TEXT)
}
JOURNALS = {
    name: sorted(tuple(line.split()) for line in body.strip().splitlines())
    for name, body in re.findall(r"```journal (.+)\n((?:.*\n)+?)```", TEXT)
}


def rows(name: str):
    return [pytest.param(*row, id=" ".join(row)) for row in TABLES[name]]


def amounts(text: str) -> list[int]:
    return [yuan(part) for part in re.split(r", ", text)]


def test_every_table_and_journal_of_the_page_is_checked():
    own = Path(__file__).read_text()
    assert {name for name in TABLES if f'"{name}"' not in own} == set()
    assert {name for name in JOURNALS if f'"{name}"' not in own} == set()
    assert TEXT.count("<!-- check:") == len(TABLES) == 22
    assert len(JOURNALS) == 15


@pytest.mark.parametrize(("typed", "fen"), rows("typed"))
def test_what_people_type(typed, fen):
    if fen == "refused":
        with pytest.raises(BadAmount):
            yuan(typed.strip("`"))
    else:
        assert yuan(typed.strip("`")) == int(fen)


@pytest.mark.parametrize(("fen", "figures", "capitals"), rows("shown"))
def test_how_it_is_shown(fen, figures, capitals):
    assert (format_yuan(int(fen)), capital(int(fen))) == (figures, capitals)


@pytest.mark.parametrize(("quantity", "price", "months", "each", "total"), rows("line"))
def test_a_line_is_rounded_once(quantity, price, months, each, total):
    line_fen = half_up(Decimal(quantity) * Decimal(price) * 100)
    assert (line_fen, line_fen * int(months)) == (yuan(each), yuan(total))


@pytest.mark.parametrize(("amount", "rate", "gives"), rows("percent"))
def test_percentages(amount, rate, gives):
    assert percent_of(yuan(amount), Decimal(rate)) == yuan(gives)


@pytest.mark.parametrize(("paid", "rate", "least", "most", "fee"), rows("fee"))
def test_what_a_payment_costs_its_merchant(paid, rate, least, most, fee):
    agreed = Rate(channel="wechatpay", rate_ppm=rates.ppm_of(rate), min_fen=yuan(least or "0"), cap_fen=yuan(most) if most else None)
    assert rates.fee_of(yuan(paid), agreed) == yuan(fee)


@pytest.mark.parametrize(("total", "weights", "parts"), rows("split"))
def test_sharing_a_total(total, weights, parts):
    assert split(yuan(total), [int(weight) for weight in weights.split(", ")]) == amounts(parts)


@pytest.mark.parametrize(("total", "cut", "parts"), rows("instalments"))
def test_instalments(total, cut, parts):
    if cut.endswith("equal"):
        assert equal_instalments(yuan(total), int(cut.split()[0])) == amounts(parts)
    else:
        assert instalments(yuan(total), [Decimal(part.rstrip(" %")) for part in cut.split(", ")]) == amounts(parts)


def discounts(text: str) -> list:
    """`5 %, 10 % compound, fixed 5,000.00, waive` as the school declares them."""
    found = []
    for place, part in enumerate(re.split(r", (?=\D|\d+ %)", text) if text else []):
        code = f"D{place}"
        if part == "waive":
            found.append(waiver(code))
        elif part.startswith("fixed "):
            found.append(fixed(code, yuan(part.removeprefix("fixed "))))
        else:
            found.append(percent(code, part.split(" ")[0], compound=part.endswith("compound")))
    return found


@pytest.mark.parametrize(("tuition", "declared", "net"), rows("discounts"))
def test_discounts(tuition, declared, net):
    assert bill_of(student(), discounts(declared), [(TUITION, yuan(tuition))]).total_fen == yuan(net)


def test_a_whole_bill():
    *lines, total = TABLES["bill"]
    items: list[FeeItem] = [TUITION, DORM, MEAL, UNIFORM]
    declared = [discount for line in lines for discount in discounts(line[2])]
    bill = bill_of(student(), declared, [(item, yuan(line[1])) for item, line in zip(items, lines, strict=True)])
    assert [line.net_fen for line in bill.lines] == [yuan(line[3]) for line in lines]
    assert bill.total_fen == yuan(total[3])


@pytest.mark.parametrize(("enters_on", "months", "amount"), rows("entry"))
def test_entering_during_the_term(enters_on, months, amount):
    who = student(student_type="插班", entry_on=dt.date.fromisoformat(enters_on))
    assert months_billed(who, TERM) == int(months)
    assert amount_of(1_800_000, int(months), TERM.months_counted) == yuan(amount)


@pytest.mark.parametrize(("enters_on", "term", "months", "amount"), rows("year"))
def test_entering_during_the_year(enters_on, term, months, amount):
    spring = Term("2026-2027-2", dt.date(2027, 2, 22), dt.date(2027, 7, 10), 5)
    who = student(student_type="插班", entry_on=dt.date.fromisoformat(enters_on))
    billed = share_of(msgspec.structs.replace(TUITION, period="year"), who, TERM if term == "first term" else spring)
    assert billed == (int(months), 10)
    assert amount_of(8_000_000, *billed) == yuan(amount)


@pytest.mark.parametrize(("paid", "tuition", "meals", "left"), rows("fill"))
def test_which_line_a_payment_pays(paid, tuition, meals, left):
    lines = [OpenLine("bill", 2, "m", "MEAL", False, 30_000), OpenLine("bill", 1, "t", "TUITION", True, 95_000)]
    shares, left_fen = fill(lines, yuan(paid))
    got = {share.merchant_code: share.amount_fen for share in shares}
    assert (got.get("TUITION", 0), got.get("MEAL", 0), left_fen) == (yuan(tuition), yuan(meals), yuan(left))


@pytest.mark.parametrize(("paid", "back", "newest", "share"), rows("refund_split"))
def test_which_payment_gives_money_back(paid, back, newest, share):
    ages = [ids.uuid7() for _ in amounts(paid)]
    places = [splitting.Place(payment_id=age, kind="credit", amount_fen=fen) for age, fen in zip(ages, amounts(paid), strict=True)]
    for by, expected in (("lifo", newest), ("prorata", share)):
        taken = dict(splitting.by_payment(splitting.split(places[::-1], yuan(back), by)))
        assert [splitting.total(taken.get(age, [])) for age in ages] == amounts(expected), by


@pytest.mark.parametrize(("paid", "rule", "charged", "ends_on", "back"), rows("refund_policy"))
def test_what_a_policy_gives_back(paid, rule, charged, ends_on, back):
    starts_on, _, last_on = charged.partition(" to ")
    period = {"starts_on": starts_on, "ends_on": last_on} if charged else None
    fen, told = policy.compute(SimpleNamespace(paid_fen=yuan(paid)), rule.strip("`"), period, dt.date.fromisoformat(ends_on))
    assert fen == yuan(back)
    assert told


@pytest.mark.parametrize(("paid", "rule", "ends_on", "back"), rows("leaving"))
def test_what_a_school_gives_back(paid, rule, ends_on, back):
    fen, told = RULES[rule.strip("`")](Charged(yuan(paid), (TERM,)), dt.date.fromisoformat(ends_on))
    assert (fen, bool(told)) == (yuan(back), True)


@pytest.mark.parametrize(("paid", "share", "borne"), rows("share_borne"))
def test_who_bears_a_share(paid, share, borne):
    bearers = [SimpleNamespace(code=str(n), id=n, amount_fen=fen) for n, fen in enumerate(amounts(paid))]
    found = {merchant: fen for _code, merchant, fen in booking.parts_of(bearers, yuan(share))}
    assert [found.get(n, 0) for n in range(2)] == amounts(borne)


@pytest.mark.parametrize(("borne", "back", "tuition", "meals"), rows("share_back"))
def test_who_gets_a_share_back(borne, back, tuition, meals):
    parts, before, got = [("T", 0, amounts(borne)[0]), ("M", 1, amounts(borne)[1])], 0, []
    for fen in amounts(back):
        got.append({merchant: part for _code, merchant, part in booking.parts_back(parts, before, fen)})
        before += fen
    assert [[each.get(n, 0) for each in got] for n in range(2)] == [amounts(tuition), amounts(meals)]
    assert before == sum(amounts(borne))


class Story:
    """Four children and two people of the school, on a running system; `journal` is the newest one as the page writes it."""

    def __init__(self, platform, school: trade.Trade) -> None:
        self.platform, self.school = platform, school
        self.names = dict(zip("ABCD", school.children, strict=True))
        self.bills: dict[str, object] = {}
        rights = {"billing.bill.check": None, refunds.CHECK: None}
        self.maker, self.checker = (Actor(kind="user", id=n, name=n, tenant_id=school.tenant_id, rights=rights) for n in ("甲", "乙"))

    def session(self):
        return self.platform.database.tenant(self.school.tenant_id)

    def shown(self, account: str) -> str:
        for name, child in self.names.items():
            account = account.replace(str(child), name)
        return account

    async def pay(self, number: str, amount_fen: int, txn: str = "") -> None:
        await settle(self.platform, self.school.tenant_id, self.school.account, trade.success(number, amount_fen, txn))

    async def order(self, name: str, amount_fen: int) -> str:
        return await trade.order(self.platform, self.school, [(self.bills[name], amount_fen)])

    async def agree(self, session, asked) -> None:
        await approvals.approve(session, approvals.kinds_of(self.platform.plugins, frozenset()), asked, self.checker)

    async def refund(self, ask: RefundAsk) -> str:
        """Asked for by one, agreed to by the other, booked; nothing is sent. Answers its number at the channel."""
        async with self.session() as session:
            made = await refunds.request(session, {}, ask, self.maker)
            asked = await session.scalar(text("SELECT id FROM core.approval WHERE subject_id = :id AND status = 'waiting'"), {"id": made.id})
            await self.agree(session, asked)
            [item] = (await refunds.find(session, made.id)).items
        async with self.session() as session:
            assert await submitting.submit(session, item.id, self.platform.channels[item.channel]) is not None
        return item.number

    async def read(self, session, name: str):
        return await service.find_bill(session, self.bills[name])

    async def begin(self, shift: list[str]) -> None:
        """The cashier opens a shift of the page."""
        async with self.session() as session:
            await shifts.open_shift(session, self.maker, "一号窗口", yuan(shift[0]))

    async def cash(self, name: str, owed: str, tendered: str, change: str) -> None:
        """Somebody pays at the window."""
        items = [PayItem(self.bills[name], yuan(owed))]
        async with self.session() as session:
            given = await counter.take_cash(session, self.platform.vault, self.maker, items, yuan(tendered), f"{name}{owed}")
        assert given.change_fen == yuan(change)

    async def hand_over(self, shift: list[str]) -> None:
        """The shift is counted, and taken over by the other person."""
        _, cash_in, cash_out, counted, difference = (yuan(cell) for cell in shift)
        left, notes = counted, {}
        for note in NOTES_FEN:
            notes[note], left = divmod(left, note)
        assert left == 0
        async with self.session() as session:
            await shifts.begin_count(session, self.maker)
            shift_id = await shifts.submit(session, self.maker, notes, "差错待查")
        async with self.session() as session:
            told = await shifts.find(session, shift_id, self.maker)
            assert (told.cash_in_fen, told.cash_out_fen, told.variance_fen) == (cash_in, cash_out, difference)
            await shifts.accept(session, shift_id, self.checker, "DESK", 0, "缴款单1")

    async def sound(self) -> None:
        """Every invariant holds."""
        assert await trade.faults(self.platform, self.school.tenant_id) == {}
        async with self.session() as session:
            assert {name: found for name, found in (await refund_faults.list_faults(session)).items() if found} == {}

    async def journal(self) -> list[tuple[str, ...]]:
        async with self.session() as session:
            newest = await session.scalar(text("SELECT id FROM core.ledger_journal ORDER BY posted_at DESC, id DESC LIMIT 1"))
            entries = await ledger_repository.list_entries(session, [newest])
        return sorted(("Dr" if e.amount_fen > 0 else "Cr", self.shown(e.code), format_yuan(abs(e.amount_fen))) for e in entries)


@pytest.mark.parametrize(("used", "price", "per", "lived", "each"), rows("room"))
def test_a_room_shares_what_it_used(used, price, per, lived, each):
    item = FeeItem("ELEC", "电费", "代收费", "usage", True, False, None, Measure("dorm", "度", int(per)))
    people = tuple((str(n), int(days)) for n, days in enumerate(lived.split(", ")))
    measured = MeterUse(ids.uuid7(), "ELEC", "东", "501", "E1", dt.date(2026, 9, 30), dt.date(2026, 10, 31), Decimal(0), Decimal(used), people)
    parts = room_shares(measured, item, FeeStandard("ELEC", {}, yuan(price), dt.date(2026, 9, 1), dt.date(2027, 8, 31)))
    assert [part.amount_fen for part in parts.values()] == [yuan(fen) for fen in each.split(", ")]


@pytest.mark.parametrize(("paid", "september", "october", "ends_on", "back"), rows("meals_back"))
def test_what_meals_give_back(paid, september, october, ends_on, back):
    eaten = {dt.date(2026, 9, 1): int(september), dt.date(2026, 10, 1): int(october)}
    term = Term("2026-2027-1", dt.date(2026, 9, 1), dt.date(2027, 1, 22), 5, 100)
    assert RULES["by_meal_days"](Charged(yuan(paid), (term,), None, eaten), dt.date.fromisoformat(ends_on))[0] == yuan(back)


async def test_the_journals_are_those_a_running_system_writes(platform):
    story = Story(platform, await trade.found(platform, new_tenant_id(), children=4))
    story.bills = dict(zip("ABCD", await trade.bills(platform, story.school), strict=True))

    async with story.session() as session:
        await service.choose_lines(session, story.bills["A"], {2}, story.maker, 1)
    await story.pay(await story.order("A", 125_000), 125_000)
    assert await story.journal() == JOURNALS["paid"]

    first, second = await story.order("B", 95_000), await story.order("B", 95_000)
    await story.pay(first, 95_000)
    await story.pay(second, 95_000)
    assert await story.journal() == JOURNALS["paid twice"]

    async with story.session() as session:
        [item] = await repository.list_suspense(session, "open", None, 50)
        asked = await suspense.propose(session, item.id, amount_fen=60_000, reason="家长来电", by=story.maker, bill_id=story.bills["C"])
        await story.agree(session, asked)
    assert await story.journal() == JOURNALS["suspense to a bill"]

    async with story.session() as session:
        asked = await suspense.propose(session, item.id, amount_fen=35_000, reason="留作余额", by=story.maker, party_id=story.names["C"])
        await story.agree(session, asked)
    assert await story.journal() == JOURNALS["suspense to credit"]

    async with story.session() as session:
        bill = await story.read(session, "B")
        asked = await corrections.propose_adjust(session, bill, [LineChange(line_no=1, net_fen=90_000)], "补办优惠", story.maker)
        await story.agree(session, asked)
    assert await story.journal() == JOURNALS["adjusted"]

    async with story.session() as session:
        assert await credit.use(session, [story.names["C"]], story.bills["C"], story.maker, "once") == 35_000
    assert await story.journal() == JOURNALS["credit used"]

    async with story.session() as session:
        source, target = await story.read(session, "B"), await story.read(session, "D")
        asked = await corrections.propose_move(session, source, target, 10_000, "缴错了孩子", story.maker)
        await story.agree(session, asked)
    assert await story.journal() == JOURNALS["moved"]

    await story.refund(RefundAsk(amount_fen=30_000, reason="不在校用餐", bill_id=story.bills["A"], lines=[LineAsk(2, 30_000)]))
    assert await story.journal() == JOURNALS["refunded"]

    await story.refund(RefundAsk(amount_fen=5_000, reason="不留余额", party_id=story.names["B"]))
    assert await story.journal() == JOURNALS["credit refunded"]

    async with story.session() as session:
        accounts, total = await ledger.trial_balance(session)
    standing = {story.shown(account.code): account.balance_fen for account in accounts}
    assert (standing, total) == ({account: yuan(balance) for account, balance in TABLES["standing"]}, 0)
    await story.sound()


async def test_the_journals_of_a_window_are_those_a_running_system_writes(platform):
    story = Story(platform, await trade.found(platform, new_tenant_id(), children=4))
    story.bills = dict(zip("ABCD", await trade.bills(platform, story.school), strict=True))
    async with story.session() as session:
        sealed = (await platform.vault.keys(session)).seal(b"{}")
        row = {"id": ids.uuid7(), "channel": "counter", "mchid": "DESK", "appid": "", "base_url": "", "credentials_sealed": sealed}
        await session.execute(insert(channel_account), row)

    refused, whole, part = TABLES["cash"]
    first, second = TABLES["drawer"]
    await story.begin(first)
    with pytest.raises(TenderedTooLittle):
        await story.cash("A", *refused)
    await story.cash("A", *whole)
    await story.cash("B", *part)
    assert await story.journal() == JOURNALS["cash"]
    await story.hand_over(first)
    assert await story.journal() == JOURNALS["drawer short"]

    await story.begin(second)
    await story.cash("B", second[1], second[1], "0.00")
    number = await story.refund(RefundAsk(amount_fen=yuan(second[2]), reason="多缴", bill_id=story.bills["A"]))
    async with story.session() as session:
        await payouts.pay_out(session, platform.vault, story.maker, number)
    assert await story.journal() == JOURNALS["paid out"]
    await story.hand_over(second)
    assert await story.journal() == JOURNALS["drawer over"]
    await story.sound()


async def test_the_journals_of_sharing_are_those_a_running_system_writes(platform):
    story = Story(platform, await trade.found(platform, new_tenant_id(), children=4))
    story.bills = dict(zip("ABCD", await trade.bills(platform, story.school), strict=True))
    rights = {sharing.MAKE: None, sharing.CHECK: None}
    story.maker, story.checker = (msgspec.structs.replace(person, rights=rights) for person in (story.maker, story.checker))
    receiver_id = ids.uuid7()
    async with story.session() as session:
        keys = await platform.vault.keys(session)
        frozen = {"credentials_sealed": keys.seal(b'{"profit_sharing": "true"}')}
        await session.execute(update(channel_account).values(frozen))
        row = {
            "id": receiver_id, "channel_account_id": story.school.account_id, "mchid": trade.MCHID, "kind": "MERCHANT_ID", "account": "1600000001",
            "name_sealed": keys.seal("食堂"), "name_masked": "*堂", "relation": "PARTNER", "status": "active", "made_by": "甲",
        }  # fmt: skip
        await session.execute(insert(sharing_models.receiver), row)
        await service.choose_lines(session, story.bills["A"], {2}, story.maker, 1)
    await story.pay(await story.order("A", yuan("1,250.00")), yuan("1,250.00"))
    async with story.session() as session:
        paid = await session.one(text("UPDATE core.payment SET paid_at = paid_at - interval '2 minutes' RETURNING id"))
        share = ShareAsk(receiver_id=receiver_id, percent=Decimal(10))
        ask = SplitAsk(payment_id=paid.id, shares=[share], reason="食堂分成")
        split_id = await sharing.propose(session, platform.vault, {}, ask, story.maker)
        await story.agree(session, await session.scalar(text("SELECT id FROM core.approval WHERE status = 'waiting'")))
    assert await story.journal() == JOURNALS["shared"]
    async with story.session() as session:
        told = ShareState(kind="MERCHANT_ID", account="1600000001", amount_fen=yuan("125.00"), state="succeeded")
        await sending.settle(session, split_id, SplitState(state="finished", number="S", shares=(told,)))
        ask = ReturnAsk(split_id=split_id, position=1, amount_fen=yuan("50.00"), reason="退款")
        return_id = await sharing.propose_return(session, ask, story.maker)
        await story.agree(session, await session.scalar(text("SELECT id FROM core.approval WHERE status = 'waiting'")))
        await sending.settle_return(session, return_id, ReturnState(state="succeeded", number="SR", split_number="S"))
    assert await story.journal() == JOURNALS["share taken back"]
    await story.sound()
