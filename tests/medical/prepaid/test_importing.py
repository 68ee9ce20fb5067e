"""A file of balances of former years: a verdict for each row, a card once, and nothing of what was paid."""

import pytest

from core.imports.schemas import ImportContext
from plugins.medical.prepaid import importing, service
from plugins.medical.prepaid.schemas import ClaimAsk
from tests.medical.prepaid.balances import FILE, HEAD, balance_of, load


def codes(check) -> list[tuple[int, str]]:
    return [(verdict.row, verdict.code) for verdict in check.rows if verdict.verdict == "reject"]


async def judged(platform, hospital, text: str):
    return await importing.check(ImportContext(platform=platform, client=hospital.client, by=hospital.maker), text.encode(), "余额.csv")


async def test_good_rows_are_listed_once_however_often_the_file_comes(platform, quiet_hospital):
    first = await load(platform, quiet_hospital, FILE)
    assert (first.totals.new, first.totals.rejected) == (3, 0)
    again = await load(platform, quiet_hospital, FILE)
    assert (again.totals.new, again.totals.changed, again.totals.unchanged) == (0, 0, 3)
    row = await balance_of(platform, quiet_hospital, "C0001")
    assert (row.amount_fen, row.status, row.patient_id) == (56_80, "listed", quiet_hospital.patients["P0001"])
    assert b"13800000001" not in bytes(row.phone_sealed)


async def test_a_patient_whom_nobody_knows_is_written_so_that_he_can_be_told(platform, quiet_hospital):
    await load(platform, quiet_hospital, FILE)
    row = await balance_of(platform, quiet_hospital, "C0009")
    assert row.patient_id is not None
    assert row.patient_no == "P9009"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("旧门诊系统,C0100,P0002,李美华,,2019-01-01,-5.00", "negative_amount"),
        ("旧门诊系统,C0100,P0002,李美华,,2019-01-01,0", "nothing_left"),
        ("旧门诊系统,C0100,P0002,李美华,,2019-01-01,1.005", "amount_too_precise"),
        ("旧门诊系统,C0100,P0002,李美华,123,2019-01-01,5.00", "bad_phone"),
        ("旧门诊系统,C0100,P0002,李某某,,2019-01-01,5.00", "name_differs"),
        ("旧门诊系统,,P0002,李美华,,2019-01-01,5.00", "missing_required"),
        ("旧门诊系统,C0100,P0002,=cmd(),,2019-01-01,5.00", "formula_injection_name"),
    ],
)
async def test_what_is_wrong_is_said_of_its_row(platform, quiet_hospital, line, code):
    assert codes(await judged(platform, quiet_hospital, f"{HEAD}\n{line}\n")) == [(2, code)]


async def test_a_card_twice_in_a_file_counts_once_full_width_or_not(platform, quiet_hospital):
    text = f"{HEAD}\n旧门诊系统,c0001,P0001,张小明,,,5.00\n旧门诊系统,Ｃ０００１,P0001,张小明,,,6.00\n"
    check = await judged(platform, quiet_hospital, text)
    assert codes(check) == [(3, "card_twice")]
    assert check.totals.new == 1


async def test_the_same_card_of_the_same_patient_in_another_system_is_for_the_hospital_to_decide(platform, quiet_hospital):
    await load(platform, quiet_hospital, FILE)
    check = await judged(platform, quiet_hospital, f"{HEAD}\n自助机系统,C0001,P0001,张小明,,,56.80\n自助机系统,C0001,P0002,李美华,,,9.00\n")
    assert codes(check) == [(2, "card_in_another_source")]


async def test_what_is_being_paid_cannot_be_changed_by_a_file(platform, quiet_hospital):
    await load(platform, quiet_hospital, FILE)
    row = await balance_of(platform, quiet_hospital, "C0001")
    async with platform.database.tenant(quiet_hospital.id) as session:
        keys = await platform.vault.keys(session)
        ask = ClaimAsk(holder="张小明", account="6222020200011223344", bank="榕树银行", identity="核对身份证原件")
        await service.claim(session, keys, row.id, ask, quiet_hospital.maker)
    check = await load(platform, quiet_hospital, FILE.replace("56.80", "99.00"))
    assert codes(check) == [(2, "already_under_way")]
    assert (await balance_of(platform, quiet_hospital, "C0001")).amount_fen == 56_80
