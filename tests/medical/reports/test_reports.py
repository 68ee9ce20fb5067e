"""Revenue by department and the cashiers' day: sums that add up, nobody named, nobody's department but one's own."""

from core import clock
from core.counter import shifts
from core.payments.service import settle
from plugins.medical.orders import service
from tests import trade
from tests.medical.hospitals import do
from tests.medical.orders.places import place

REVENUE, SHIFTS = "/api/v1/medical/revenue", "/api/v1/medical/shifts"
NOTES = {10_000: 1}


async def paid(platform, hospital, **given):
    made = await place(platform, hospital, **given)
    number = await trade.order(platform, hospital.trade, [(made.bill_id, made.cash_fen)])
    await settle(platform, hospital.id, hospital.trade.account, trade.success(number, made.cash_fen))
    async with platform.database.tenant(hospital.id) as session:
        await service.catch_up(session)
    return made


async def test_revenue_adds_up_and_names_nobody(platform, quiet_hospital, staff):
    await paid(platform, quiet_hospital)
    await paid(platform, quiet_hospital, his_bill_no="HB2", department_code="EK", insurance=None, kind="register")
    await place(platform, quiet_hospital, his_bill_no="HB3", insurance=None)  # nobody paid it
    reader = await staff(quiet_hospital, "medical.report.read", "exports.make")
    told = (await reader.get(REVENUE)).json()
    assert {row["label"].split(" / ")[-1]: (row["total_fen"], row["insured_fen"], row["net_cash_fen"]) for row in told["rows"]} == {
        "内科门诊": (48_640, 41_184, 7_456), "儿科": (48_640, 0, 48_640),
    }  # fmt: skip
    assert (told["sums"]["orders"], told["sums"]["total_fen"], told["sums"]["cash_fen"]) == (2, 97_280, 56_096)
    for by, keys in (("day", [str(clock.today())]), ("kind", ["outpatient", "register"]), ("scene", ["window"])):
        rows = (await reader.get(REVENUE, params={"by": by})).json()["rows"]
        assert sorted(row["key"] for row in rows) == sorted(keys)
        assert sum(row["total_fen"] for row in rows) == 97_280
    page = (await reader.get("/console/medical/revenue?kind=register")).text
    assert "儿科" in page and "486.40" in page and "张" not in page.split("<main")[1]


async def test_a_head_of_department_sees_the_own_one_only(platform, quiet_hospital, staff):
    await paid(platform, quiet_hospital)
    await paid(platform, quiet_hospital, his_bill_no="HB2", department_code="EK", insurance=None)
    head = await staff(quiet_hospital, "medical.report.read", org_id=quiet_hospital.units["EK"])
    told = (await head.get(REVENUE)).json()
    assert [row["label"].split(" / ")[-1] for row in told["rows"]] == ["儿科"]
    assert (await head.get(REVENUE, params={"department": str(quiet_hospital.units["NK"])})).status_code == 404
    assert (await head.get("/console/medical/orders")).status_code == 403


async def test_times_and_words_that_cannot_be_are_refused(quiet_hospital, staff):
    reader = await staff(quiet_hospital, "medical.report.read")
    long, backwards = {"from": "2020-01-01", "to": "2026-01-01"}, {"from": "2026-03-02", "to": "2026-03-01"}
    for query in ({"from": "2026-02-30"}, backwards, long, {"by": "patient"}, {"kind": "x"}):
        assert (await reader.get(REVENUE, params=query)).status_code in (400, 422), query
    assert "这段时间没有收入" in (await reader.get("/console/medical/revenue")).text
    assert (await (await staff(quiet_hospital, "jobs.read")).get(REVENUE)).status_code == 403


async def test_a_cashiers_day_is_cores_shift(platform, quiet_hospital, staff):
    async def opened(session, by):
        return await shifts.open_shift(session, by, "一号窗口", 10_000)

    async def counted(session, by):
        await shifts.begin_count(session, by)
        return await shifts.submit(session, by, {note: NOTES.get(note, 0) for note in shifts.NOTES_FEN}, "")

    await do(platform, quiet_hospital, opened)
    await do(platform, quiet_hospital, counted)
    reader = await staff(quiet_hospital, "medical.shift.read", "counter.shift.read")
    answer = (await reader.get(SHIFTS)).json()
    [day] = answer["items"] if isinstance(answer, dict) else answer
    assert (day["window"], day["status"], day["expected_fen"], day["counted_fen"], day["variance_fen"]) == ("一号窗口", "submitted", 10_000, 10_000, 0)
    assert day["taken"]["cash"] == [0, 0]
    page = (await reader.get("/console/medical/shifts")).text
    assert "一号窗口" in page and "100.00" in page
    assert (await (await staff(quiet_hospital, "medical.report.read")).get(SHIFTS)).status_code == 403
