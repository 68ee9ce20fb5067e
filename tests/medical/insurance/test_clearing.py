"""The insurer's clearing file against our settlements: a verdict for each row, a comparison that leaves nothing out."""

import datetime as dt

import msgspec
import pytest

from core.approvals import service as approvals
from core.imports.errors import FileRefused
from core.imports.schemas import ImportContext
from plugins.medical.insurance import importing, lists, repository, taking_back
from plugins.medical.insurance import service as insurance
from plugins.medical.insurance.errors import ClearingTakenBack
from tests.medical.orders.places import M1, rows

HEAD = "结算流水号,结算日期,清算类别,医疗费总额,统筹,个人账户,拨付金额,拒付金额,拒付原因\n"
PERIOD, DAY = "2026-03", dt.date(2026, 3, 2)
SETTLED = ("SA", "SB", "SC", "SD")
FILE = HEAD + (
    "SA,2026-03-02,11,486.40,291.84,120.00,411.84,,\n"
    "SB,2026-03-02,11,486.40,291.84,120.00,400.00,11.84,超限价\n"
    "SC,2026-03-02,11,486.40,291.84,120.00,411.83,,\n"
    "SX,2026-03-02,11,100.00,60.00,0,60.00,,\n"
)
API = "/api/v1/medical/insurance-clearings/2026-03"


async def settle_four(platform, hospital) -> None:
    async with platform.database.tenant(hospital.id) as session:
        for number in SETTLED:
            given = msgspec.structs.replace(M1, setl_id=number, settled_on=DAY)
            await insurance.keep(session, given, patient_id=hospital.patients["P0001"])


async def judged(platform, hospital, text: str):
    return await importing.check(ImportContext(platform=platform, client=hospital.client, by=hospital.maker), text.encode(), "清算.csv")


async def load(platform, hospital, text: str = FILE):
    check = await judged(platform, hospital, text)
    await importing.apply(ImportContext(platform=platform, client=hospital.client, by=hospital.maker), check)
    return check


async def compared(platform, hospital, verdict: str = ""):
    async with platform.database.tenant(hospital.id) as session:
        return await lists.compare(session, PERIOD, verdict, None)


async def test_every_settlement_gets_its_verdict(platform, quiet_hospital):
    await settle_four(platform, quiet_hospital)
    assert {one.verdict for one in (await compared(platform, quiet_hospital)).items} == {"ours_only"}
    check = await load(platform, quiet_hospital)
    assert (check.totals.new, check.totals.rejected) == (4, 0)
    found = await compared(platform, quiet_hospital)
    said = {one.setl_id: (one.verdict, one.difference_fen) for one in found.items}
    assert said == {"SA": ("matched", 0), "SB": ("refused", 1_184), "SC": ("differs", 1), "SD": ("ours_only", 41_184), "SX": ("insurer_only", -6_000)}
    assert found.totals == {"matched": (1, 0), "refused": (1, 1_184), "ours_only": (1, 41_184), "insurer_only": (1, -6_000), "differs": (1, 1)}
    assert [one.setl_id for one in (await compared(platform, quiet_hospital, "differs")).items] == ["SC"]
    states = {row.setl_id: row.status for row in await rows(platform, quiet_hospital, "SELECT setl_id, status FROM medical.insurance_settlement")}
    assert states == {"SA": "cleared", "SB": "cleared", "SC": "settled", "SD": "settled"}


async def test_the_same_file_again_changes_nothing_and_a_later_one_adds(platform, quiet_hospital):
    await settle_four(platform, quiet_hospital)
    await load(platform, quiet_hospital)
    again = await load(platform, quiet_hospital)
    assert (again.totals.new, again.totals.unchanged) == (0, 4)
    assert len(await rows(platform, quiet_hospital, "SELECT setl_id FROM medical.insurance_clearing_line")) == 4
    later = await load(platform, quiet_hospital, HEAD + "SC,2026-03-20,11,486.40,0,0,0.01,,\n")
    assert any(one.code == "paid_before" for one in later.rows)
    assert {one.setl_id: one.verdict for one in (await compared(platform, quiet_hospital)).items}["SC"] == "matched"


async def test_a_settlement_of_the_months_last_day_is_compared_in_our_month(platform, quiet_hospital):
    async with platform.database.tenant(quiet_hospital.id) as session:
        for number, day in (("SA", dt.date(2026, 2, 28)), ("SB", dt.date(2026, 3, 2))):
            await insurance.keep(session, msgspec.structs.replace(M1, setl_id=number, settled_on=day), patient_id=quiet_hospital.patients["P0001"])
    await load(platform, quiet_hospital, HEAD + "SA,2026-03-01,11,486.40,291.84,120.00,411.84,,\nSB,2026-03-02,11,500.00,291.84,120.00,411.84,,\n")
    months = {}
    async with platform.database.tenant(quiet_hospital.id) as session:
        for period in ("2026-02", "2026-03"):
            months[period] = [(one.setl_id, one.verdict) for one in (await lists.compare(session, period, "", None)).items]
    assert months == {"2026-02": [("SA", "matched")], "2026-03": [("SB", "differs")]}
    states = {row.setl_id: row.status for row in await rows(platform, quiet_hospital, "SELECT setl_id, status FROM medical.insurance_settlement")}
    assert states == {"SA": "cleared", "SB": "settled"}, "another total is not cleared"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("SA,2026-03-02,11,486.40,291.84,120.00,-1,,", "negative_amount"), ("SA,2026-03-02,11,486.40,291.84,120.00,411.843,,", "amount_too_precise"),
        ("SA,2026-03-02,11,486.40,291.84,120.00,486.41,,", "more_than_total"), ("SA,2026-03-02,11,486.40,291.84,120.00,1,1,", "reason_missing"),
        (",2026-03-02,11,486.40,291.84,120.00,1,,", "missing_required"), ("SA,2026-02-30,11,486.40,291.84,120.00,1,,", None),
        ("SA,2026-03-02,11,x,291.84,120.00,1,,", "bad_amount"), ("SB,2026-03-02,11,1,1,0,1,,\nSB,2026-03-02,11,1,1,0,1,,", "settlement_twice"),
    ],
)  # fmt: skip
async def test_a_row_that_cannot_be_is_rejected_with_its_column(platform, shared_hospital, line, code):
    check = await judged(platform, shared_hospital, HEAD + line + "\n")
    refused = [one for one in check.rows if one.verdict == "reject"]
    assert check.totals.rejected == 1 and refused[0].column
    assert code is None or refused[0].code == code


async def test_a_file_without_its_columns_is_refused(platform, shared_hospital):
    with pytest.raises(FileRefused):
        await judged(platform, shared_hospital, "甲,乙\n1,2\n")


async def test_only_what_was_settled_is_due(platform, quiet_hospital):
    await settle_four(platform, quiet_hospital)
    async with platform.database.tenant(quiet_hospital.id) as session:
        waiting = msgspec.structs.replace(M1, setl_id="SP")
        await insurance.keep(session, waiting, patient_id=quiet_hospital.patients["P0001"], status="pre_settled")
        found = await lists.list_settlements(session, lists.asked_of({}), None)
    assert (found.count, found.receivable_fen) == (5, 4 * 41_184)


async def test_pages_and_api_say_what_is_due_and_name_nobody(platform, quiet_hospital, staff):
    await settle_four(platform, quiet_hospital)
    await load(platform, quiet_hospital)
    office = await staff(quiet_hospital, "medical.insurance.read", "medical.insurance.manage", "imports.make", "exports.make")
    page = (await office.get("/console/medical/insurance?period=2026-03&status=settled")).text
    assert "SC" in page and "823.68" in page and "张" not in page.split("<main")[1]
    page = (await office.get("/console/medical/insurance/clearing?period=2026-03")).text
    assert all(word in page for word in ("SX", "只有医保有", "超限价", "清算.csv"))
    told = (await office.get(API, params={"verdict": "refused"})).json()
    assert [one["setl_id"] for one in told["items"]] == ["SB"]
    listed = (await office.get("/api/v1/medical/insurance-settlements", params={"q": "SA"})).json()
    assert (listed["count"], listed["receivable_fen"], listed["items"][0]["cash_fen"]) == (1, 41_184, 7_456)
    for path in (API[:-2] + "13", API + "?verdict=moon", "/api/v1/medical/insurance-settlements?status=moon", "/console/medical/insurance?period=x"):
        assert (await office.get(path)).status_code in (400, 422), path
    stranger = await staff(quiet_hospital, "medical.order.read")
    for path in (API, "/console/medical/insurance", "/console/medical/insurance/clearing", "/api/v1/medical/insurance-settlements"):
        assert (await stranger.get(path)).status_code == 403, path


async def take_back(platform, hospital, name: str = "清算.csv"):
    """Both people's part; answers the id of the file that counted until now."""
    kinds = approvals.kinds_of(platform.plugins, frozenset({"medical"}))
    async with platform.database.tenant(hospital.id) as session:
        [file] = [row for row in await repository.list_clearings(session, None, 10) if row.file_name == name and row.taken_back_at is None]
        asked = await taking_back.propose(session, file.id, "上传了别的医院的文件", hospital.maker)
    async with platform.database.tenant(hospital.id) as session:
        await approvals.approve(session, kinds, asked, hospital.checker)
    return file.id


async def states(platform, hospital) -> dict[str, str]:
    return {row.setl_id: row.status for row in await rows(platform, hospital, "SELECT setl_id, status FROM medical.insurance_settlement")}


async def test_a_wrong_file_is_taken_back_and_nothing_of_it_is_removed(platform, quiet_hospital):
    await settle_four(platform, quiet_hospital)
    await load(platform, quiet_hospital)
    assert (await states(platform, quiet_hospital))["SA"] == "cleared"
    file_id = await take_back(platform, quiet_hospital)
    assert {one.verdict for one in (await compared(platform, quiet_hospital)).items} == {"ours_only"}, "as if the file had never come"
    assert set((await states(platform, quiet_hospital)).values()) == {"settled"}
    assert len(await rows(platform, quiet_hospital, "SELECT setl_id FROM medical.insurance_clearing_line")) == 4, "what it said stays"
    async with platform.database.tenant(quiet_hospital.id) as session:
        [shown] = await repository.list_clearings(session, None, 10)
        assert (shown.id, shown.taken_back_by) == (file_id, quiet_hospital.checker.name)
        with pytest.raises(ClearingTakenBack):
            await taking_back.propose(session, file_id, "再撤一次", quiet_hospital.maker)


async def test_a_file_that_was_taken_back_in_error_is_brought_again_and_again(platform, quiet_hospital):
    await settle_four(platform, quiet_hospital)
    for _ in range(3):
        check = await load(platform, quiet_hospital)
        assert (check.totals.new, check.totals.unchanged) == (4, 0)
        assert not any(one.code == "paid_before" for one in check.rows), "what was taken back is no earlier payment"
        assert (await load(platform, quiet_hospital)).totals.unchanged == 4, "the same file twice is still one"
        said = {one.setl_id: one.verdict for one in (await compared(platform, quiet_hospital)).items}
        assert (said["SA"], said["SX"]) == ("matched", "insurer_only")
        await take_back(platform, quiet_hospital)
    assert set((await states(platform, quiet_hospital)).values()) == {"settled"}


async def test_what_another_file_accounts_for_stays_cleared(platform, quiet_hospital):
    await settle_four(platform, quiet_hospital)
    wrong = HEAD + "SA,2026-03-02,11,486.40,0,0,10.00,,\nSD,2026-03-02,11,486.40,0,0,411.84,,\n"
    await load(platform, quiet_hospital)
    check = await judged(platform, quiet_hospital, wrong)
    check = msgspec.structs.replace(check, payload=msgspec.structs.replace(check.payload, name="错.csv"))
    await importing.apply(ImportContext(platform=platform, client=quiet_hospital.client, by=quiet_hospital.maker), check)
    assert (await states(platform, quiet_hospital))["SD"] == "cleared"
    await take_back(platform, quiet_hospital, "错.csv")
    assert await states(platform, quiet_hospital) == {"SA": "cleared", "SB": "cleared", "SC": "settled", "SD": "settled"}
    said = {one.setl_id: one.verdict for one in (await compared(platform, quiet_hospital)).items}
    assert (said["SA"], said["SD"]) == ("matched", "ours_only")


async def test_taking_back_needs_two_people_and_the_page_tells_what_became_of_a_file(platform, quiet_hospital, staff):
    await settle_four(platform, quiet_hospital)
    await load(platform, quiet_hospital)
    [file] = await rows(platform, quiet_hospital, "SELECT id FROM medical.insurance_clearing")
    here, post = "/console/medical/insurance/clearing?period=2026-03", f"/console/medical/insurance/clearing-files/{file.id}/take-back"
    reader = await staff(quiet_hospital, "medical.insurance.read")
    assert "/take-back" not in (await reader.get(here)).text and (await reader.post(post, data={"reason": "x"})).status_code == 403
    office = await staff(quiet_hospital, "medical.insurance.read", "medical.insurance.manage", "medical.insurance.check", name="医保办甲")
    assert post in (await office.get(here)).text
    assert (await office.post(post, data={"reason": "导错月份"})).status_code == 303
    assert "撤回待复核" in (await office.get(here)).text and post not in (await office.get(here)).text
    assert (await office.post(post, data={"reason": "再提一次"})).status_code == 303
    [asked] = await rows(platform, quiet_hospital, "SELECT id FROM core.approval WHERE kind = 'medical.clearing_file' AND status = 'waiting'")
    assert (await office.post(f"/console/approvals/{asked.id}/approve")).status_code == 409, "nobody agrees with themselves"
    assert (await states(platform, quiet_hospital))["SA"] == "cleared"
    other = await staff(quiet_hospital, "medical.insurance.read", "medical.insurance.check", name="财务乙")
    told = (await other.get(f"/console/approvals/{asked.id}")).text
    assert "清算.csv" in told and "1,283.67" in told
    assert (await other.post(f"/console/approvals/{asked.id}/approve")).status_code == 303
    assert "已撤回" in (await office.get(here)).text and (await states(platform, quiet_hospital))["SA"] == "settled"
    history = (await reader.get(f"/console/history/medical.clearing_file/{file.id}")).text
    assert all(word in history for word in ("申请撤回清算文件", "撤回清算文件", "导错月份", "医保办甲", "财务乙"))
    assert (await reader.get(f"/console/history/medical.clearing_file/{quiet_hospital.id}")).status_code == 404


async def test_another_hospitals_file_is_not_there(platform, quiet_hospital, shared_hospital, staff):
    await load(platform, quiet_hospital)
    [file] = await rows(platform, quiet_hospital, "SELECT id FROM medical.insurance_clearing")
    stranger = await staff(shared_hospital, "medical.insurance.read", "medical.insurance.manage")
    assert (await stranger.post(f"/console/medical/insurance/clearing-files/{file.id}/take-back", data={"reason": "x"})).status_code == 404
    assert (await stranger.get(f"/console/history/medical.clearing_file/{file.id}")).status_code == 404
