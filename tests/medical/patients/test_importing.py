"""Patients from a file: a verdict for each row at fault, duplicates of cards and numbers, and nothing lost by a blank."""

import pytest

from core.identity import history
from core.imports.schemas import ImportContext
from plugins.medical.patients import importing, service
from plugins.medical.patients.columns import COLUMNS
from tests.imports.workbooks import xlsx
from tests.medical import hospitals

TITLES = [column.title for column in COLUMNS]
GOOD = {"患者编号*": "N0001", "姓名*": "林晓", "证件号码": "350102199001011246", "手机号": "13900000009", "医保类型": "职工医保", "就诊卡号": "990001"}


def file(*rows: dict) -> bytes:
    return xlsx([TITLES, *([row.get(title, "") for title in TITLES] for row in rows)])


async def judge(platform, hospital, *rows, write=False):
    context = ImportContext(platform=platform, client=hospital.client, by=hospital.maker)
    judged = await importing.check(context, file(*rows), "patients.xlsx")
    if write:
        await importing.apply(context, judged)
    return judged


async def test_a_good_row_is_written_and_the_same_file_again_changes_nothing(platform, quiet_hospital):
    judged = await judge(platform, quiet_hospital, GOOD, write=True)
    assert (judged.totals.new, judged.totals.rejected, judged.rows) == (1, 0, [])
    again = await judge(platform, quiet_hospital, GOOD, write=True)
    assert (again.totals.new, again.totals.changed, again.totals.unchanged) == (0, 0, 1)
    async with platform.database.tenant(quiet_hospital.id) as session:
        row = await service.find_by_no(session, "N0001")
        known = service.draft_of(row, await platform.vault.keys(session))
    assert (known.name, known.phone, known.insurance, row.version) == ("林晓", "13900000009", "employee", 1)


async def test_a_blank_cell_leaves_what_is_known(platform, quiet_hospital):
    await judge(platform, quiet_hospital, GOOD, write=True)
    judged = await judge(platform, quiet_hospital, {"患者编号*": "N0001", "姓名*": "林晓晓"}, write=True)
    assert judged.totals.changed == 1
    async with platform.database.tenant(quiet_hospital.id) as session:
        known = service.draft_of(await service.find_by_no(session, "N0001"), await platform.vault.keys(session))
    assert (known.name, known.phone, known.id_no) == ("林晓晓", "13900000009", "350102199001011246")


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        ({"患者编号*": ""}, "患者编号*", "missing_required"),
        ({"患者编号*": "N 1"}, "患者编号*", "bad_patient_no"),
        ({"患者编号*": "病1"}, "患者编号*", "bad_patient_no"),
        ({"姓名*": "=HYPERLINK(1)"}, "姓名*", None),
        ({"证件号码": "350102199001011247"}, "证件号码", "id_bad_check_digit"),
        ({"证件号码": "35010219900101"}, "证件号码", "id_bad_length"),
        ({"证件号码": "350102199002301248"}, "证件号码", None),
        ({"证件类型": "学生证"}, "证件类型", "unknown_id_type"),
        ({"性别": "男"}, "性别", "gender_contradicts_id"),
        ({"出生日期": "1991-01-01"}, "出生日期", "birth_contradicts_id"),
        ({"证件号码": "", "出生日期": "2099-01-01"}, "出生日期", "birth_ahead"),
        ({"手机号": "12345678901"}, "手机号", "bad_phone"),
        ({"医保类型": "公费"}, "医保类型", "unknown_insurance"),
        ({"就诊卡号": "12"}, "就诊卡号", "bad_card"),
        ({"就诊卡号": "880000000001"}, "就诊卡号", "card_taken"),
    ],
)
async def test_a_bad_row_stays_out_and_says_why(platform, shared_hospital, change, column, code):
    judged = await judge(platform, shared_hospital, GOOD | change)
    (verdict,) = [v for v in judged.rows if v.verdict == "reject"]
    assert (verdict.row, verdict.column) == (2, column) and code in (None, verdict.code)
    assert judged.totals.rejected == 1 and judged.payload == []


async def test_what_two_rows_share_is_the_first_ones(platform, shared_hospital):
    judged = await judge(
        platform, shared_hospital, GOOD, GOOD | {"姓名*": "别人"}, {"患者编号*": "N0002", "姓名*": "周二", "就诊卡号": "990001"},
    )  # fmt: skip
    assert [(v.row, v.code) for v in judged.rows] == [(3, "duplicate_patient_no"), (4, "duplicate_card")]
    assert judged.totals.new == 1


async def test_one_id_under_two_numbers_is_kept_with_a_remark(platform, shared_hospital):
    judged = await judge(platform, shared_hospital, GOOD | {"证件号码": hospitals.PATIENTS[0].id_no, "就诊卡号": ""})
    assert [(v.verdict, v.code) for v in judged.rows] == [("accept", "same_id_two_numbers")] and "P0001" in judged.rows[0].message
    assert judged.totals.new == 1


def test_the_template_has_the_columns_and_no_rows():
    from core.imports import sheets

    rows = sheets.read(importing.template(), "t.xlsx").rows
    assert rows[0] == TITLES and len(rows) == 1


async def test_a_file_stands_in_the_history_of_whom_it_corrected(platform, quiet_hospital):
    await judge(platform, quiet_hospital, GOOD, write=True)
    await judge(platform, quiet_hospital, {"患者编号*": "N0001", "姓名*": "林晓晓", "社保卡号": "SB990001"}, write=True)
    await judge(platform, quiet_hospital, {"患者编号*": "N0001", "姓名*": "林晓晓"}, write=True)
    async with platform.database.tenant(quiet_hospital.id) as session:
        row = await service.find_by_no(session, "N0001")
        told = await history.page(session, quiet_hospital.maker, "client", "medical.patient", str(row.id), None, {})
    assert [(one.title, one.by) for one in told.entries] == [("更正患者资料", quiet_hospital.maker.name), ("患者建档", quiet_hospital.maker.name)]
    assert ("更正的内容", "", "姓名、就诊卡") in told.entries[0].changes
    assert "林晓晓" not in repr(told.entries), "what was corrected is named, not told"
