"""What people and attackers upload instead of a table: a clear answer, and nothing is written."""

import io
import zipfile

import pytest

BIG = 22 * 1024 * 1024


@pytest.fixture
async def clerk(client, staff):
    profile = await client(plugins=())
    return profile, await staff(profile, "test.people.import")


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (220 * 1024 * 1024))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("people.xlsx", b"%PDF-1.7 not a table", "NOT_A_SPREADSHEET"),
        ("people.xlsx", b"PK\x03\x04 cut off", "FILE_DAMAGED"),
        ("people.xlsx", bomb(), "FILE_BOMB"),
        ("people.csv", "名字,备注\n张三,".encode(), "HEADER"),
        ("people.csv", b"\x00\x00\x00\x00", "FILE_EMPTY"),
    ],
    ids=["pdf", "cut", "bomb", "headers", "zeros"],
)
async def test_a_file_that_is_no_table_is_refused_with_its_reason(clerk, settle, form, as_json, name, content, code):
    profile, http = clerk
    made = await http.post("/api/v1/imports", **form(content, name))
    assert made.status_code == 202, made.text
    await settle(profile)
    read = (await http.get(f"/api/v1/imports/{made.json()['id']}")).json()
    assert read["status"] == "refused"
    assert read["error_code"].startswith(code)
    assert read["error"] in (await http.get(f"/console/imports/{made.json()['id']}")).text


async def test_a_file_of_another_kind_or_an_empty_one_is_refused_at_once(clerk, form):
    _, http = clerk
    other = await http.post("/console/imports", **form(b"x", "people.exe"))
    assert other.status_code == 422
    assert "格式的文件" in other.text
    assert (await http.post("/console/imports", **form(b"", "people.xlsx"))).status_code == 422
    assert (await http.post("/console/imports", data={"kind": "test.people"})).status_code == 422
    assert (await http.post("/api/v1/imports", **form(b"", "people.xlsx"))).json()["code"] == "FILE_EMPTY"


async def test_a_huge_file_is_refused_before_it_is_read(clerk, form):
    _, http = clerk
    answer = await http.post("/console/imports", **form(b"x" * BIG))
    assert answer.status_code == 413
    assert "20 MB" in answer.text
    assert (await http.post("/api/v1/imports", **form(b"x" * BIG))).status_code == 413


async def test_a_stranger_and_a_forged_form_are_turned_away(clerk, web, form, table):
    _, http = clerk
    assert (await web.post("/api/v1/imports", **form(table()))).status_code == 401
    forged = await http.post("/console/imports", headers={"x-csrf-token": "wrong"}, **form(table()))
    assert forged.status_code == 403


async def test_names_with_markup_or_folders_do_no_harm(clerk, settle, form, table):
    profile, http = clerk
    evil = '../../etc/<script>alert("x")<script>.xlsx'
    answer = await http.post("/console/imports", **form(table(("<img src=x onerror=alert(1)>", "=cmd|'/c calc'!A1")), evil))
    await settle(profile)
    page = (await http.get(answer.headers["location"])).text
    assert "<script>alert" not in page
    assert "etc/" not in page
    assert "&lt;script&gt;alert" in page


async def test_a_form_field_where_a_file_should_be_is_a_clear_error(clerk):
    _, http = clerk
    answer = await http.post("/api/v1/imports", data={"kind": "test.people", "file": "text"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"].startswith("application/problem+json")
