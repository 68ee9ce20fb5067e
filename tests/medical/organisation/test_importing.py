"""The hospital's tree from a file: each row has its verdict, what is there is neither moved nor renamed, the same file twice changes nothing."""

import json

import pytest

from core.identity import org
from core.imports.schemas import ImportContext
from plugins.medical.organisation import importing, service
from plugins.medical.organisation.files import OrgFileInvalid
from plugins.medical.organisation.importing import SAMPLE
from tests.imports.workbooks import xlsx

HEAD = ["类型*", "名称*", "编码*", "上级编码"]


@pytest.fixture
async def bare(platform, client):
    return await client(kind="hospital", plugins=("medical",))


@pytest.fixture
def judge(platform, bare):
    async def run(content: bytes, filename: str = "org.xlsx", write: bool = True):
        from core.identity.actor import system

        context = ImportContext(platform=platform, client=bare, by=system(bare.id))
        judged = await importing.check(context, content, filename)
        if write:
            await importing.apply(context, judged)
        return judged

    return run


def table(*rows) -> bytes:
    return xlsx([HEAD, *(list(row) for row in rows)])


async def test_the_template_is_a_file_that_can_be_imported(judge, platform, bare):
    judged = await judge(importing.template())
    assert (judged.totals.new, judged.totals.rejected) == (len(SAMPLE), 0)
    async with platform.database.tenant(bare.id) as session:
        units = {unit.code: unit for unit in await org.list_units(session)}
        assert await service.department(session, "NK") == units["NK"].id
    assert units["NK"].parent_id == units["C1"].id and units["S001"].kind == "store"
    again = await judge(importing.template())
    assert (again.totals.new, again.totals.unchanged) == (0, len(SAMPLE))


async def test_json_says_the_same(judge):
    tree = {"units": [{"kind": "hospital", "name": "样例医院", "code": "H1", "children": [
        {"kind": "campus", "name": "本部", "code": "C1", "children": [{"kind": "department", "name": "内科", "code": "NK"}]}]}]}  # fmt: skip
    judged = await judge(json.dumps(tree).encode(), "org.json")
    assert judged.totals.new == 3 and judged.rows == []


async def test_new_units_join_those_that_are_there(judge, platform, bare):
    await judge(importing.template())
    judged = await judge(table(("科室", "外科", "WK", "C1"), ("窗口", "二号窗口", "W02", "C1")))
    assert (judged.totals.new, judged.totals.rejected) == (2, 0)
    async with platform.database.tenant(bare.id) as session:
        units = await org.list_units(session)
    assert len(units) == len(SAMPLE) + 2


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (("病房", "一病区", "B1", "C1"), "unknown_kind", "类型*"),
        (("科室", "", "B1", "C1"), "missing_required", "名称*"),
        (("科室", "=1+1", "B1", "C1"), "bad_name", "名称*"),
        (("科室", "内<b>", "B1", "C1"), "bad_name", "名称*"),
        (("科室", "骨科", "骨", "C1"), "bad_code", "编码*"),
        (("科室", "骨科", "GK", "XX"), "unknown_parent", "上级编码"),
        (("科室", "骨科", "GK", "CH"), "wrong_parent", "上级编码"),
        (("院区", "西院区", "C9", ""), "wrong_parent", "上级编码"),
        (("门店", "二号店", "S002", "C1"), "wrong_parent", "上级编码"),
        (("窗口", "内科门诊", "NK", "C1"), "other_kind", "类型*"),
        (("科室", "内科", "NK", "C1"), "other_name", "名称*"),
        (("科室", "内科门诊", "NK", "H1"), "other_parent", "上级编码"),
        (("科室", "内科门诊", "NK2", "C1"), "duplicate_name", "名称*"),
    ],
)
async def test_a_row_that_stays_out_says_why_and_where(judge, row, code, column):
    await judge(importing.template())
    judged = await judge(table(row), write=False)
    assert [(v.row, v.column, v.verdict, v.code) for v in judged.rows] == [(2, column, "reject", code)]
    assert judged.totals.rejected == 1 and judged.payload == []


async def test_a_code_twice_is_kept_once_and_children_of_a_rejected_unit_stay_out(judge):
    judged = await judge(
        table(("医院", "甲", "H", ""), ("院区", "乙", "C", "H"), ("院区", "丙", "C", "H"), ("院区", "丁", "D", "Q"), ("科室", "戊", "E", "D"))
    )
    assert [(v.row, v.code) for v in judged.rows] == [(4, "duplicate_code"), (5, "unknown_parent"), (6, "unknown_parent")]
    assert (judged.totals.new, judged.totals.rejected) == (2, 3)


@pytest.mark.parametrize("content", [b"{", b'{"units": [{"kind": "hospital"}]}', b'{"units": [], "more": 1}', b"[" * 100_000])
async def test_a_json_that_is_no_tree_is_refused(judge, content):
    with pytest.raises(OrgFileInvalid):
        await judge(content, "org.json", write=False)
