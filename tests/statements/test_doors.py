"""Files and rows handed in over the API and the upload page, good and hostile."""

import gzip
import io
import tracemalloc
import zipfile

import msgspec
import pytest

from core.statements.doors import plain_name
from tests.statements.conftest import STATEMENTS, answers

READ, MAKE = "statements.file.read", "statements.file.make"
API = "/api/v1/statements"
LINES = "/api/v1/statement-lines"
BROKEN = STATEMENTS / "broken"
GOOD = BROKEN / "ok-platform.csv"
KEY = {"idempotency-key": "statement-key-1"}


@pytest.fixture
async def desk(client, staff):
    profile = await client(plugins=())
    asking = await staff(profile, READ, MAKE)
    asking.profile = profile
    return asking


async def hand(desk, content: bytes, *, source: str = "platform", day: str = "2026-03-01", name: str = "day.csv", headers=None, **given):
    return await desk.post(API, data={"source": source, "date": day, **given}, files={"file": (name, content)}, headers=headers or {})


def line(**given) -> dict:
    return {"channel": "wechatpay", "kind": "pay", "number": "A1", "amount_fen": 1050, "happened_at": "2026-03-01T08:00:00+08:00"} | given


async def post(desk, *lines: dict, key: str = "rows-key-00001", day: str = "2026-03-01", **given):
    return await desk.post(LINES, json={"date": day, "lines": list(lines), **given}, headers={"idempotency-key": key})


async def test_a_file_is_handed_in_and_looked_into(desk):
    told = await hand(desk, GOOD.read_bytes())
    said = told.json()
    assert (told.status_code, said["verdict"], said["rows_loaded"], said["pay_amount_fen"]) == (201, "accept", 15, 119055)
    where = f"{API}/{said['statement_id']}"
    assert (await desk.get(where)).json()["sha256"]
    page = (await desk.get(where + "/lines", params={"limit": 5})).json()
    rest = (await desk.get(where + "/lines", params={"limit": 200, "cursor": page["next_cursor"]})).json()
    numbers = [each["row_no"] for each in page["items"] + rest["items"]]
    assert (numbers, rest["next_cursor"]) == (list(range(1, len(numbers) + 1)), None)
    one = page["items"][2]
    assert [each["row_no"] for each in (await desk.get(where + "/lines", params={"q": one["number"]})).json()["items"]] == [3]
    raw = (await desk.get(f"{where}/lines/3")).json()
    assert one["number"] in raw["raw"]
    assert (await desk.get(f"{where}/lines/99999")).status_code == 404
    original = await desk.get(where + "/original")
    assert original.content == GOOD.read_bytes()
    assert "attachment" in original.headers["content-disposition"]
    listed = (await desk.get(API, params={"source": "platform", "bill_from": "2026-03-01", "bill_to": "2026-03-01"})).json()
    assert [each["id"] for each in listed["items"]] == [said["statement_id"]]
    assert (await desk.get(API, params={"source": "alipay-trade"})).json()["items"] == []
    assert "platform" in [each["code"] for each in (await desk.get("/api/v1/statement-sources")).json()]


async def test_refused_rows_are_listed_with_place_and_reason(desk):
    content = GOOD.read_bytes().replace(b",PAY,", b",WHAT,", 1)
    said = (await hand(desk, content)).json()
    assert (said["verdict"], len(said["rejected"])) == ("reject_rows", 1)
    [refused] = (await desk.get(f"{API}/{said['statement_id']}/refusals")).json()["items"]
    assert (refused["row_no"], refused["line_no"]) == (1, 2)
    assert refused["message"]


async def test_a_refused_file_is_a_problem_that_carries_the_verdict(desk):
    told = await hand(desk, b"<html>error</html>")
    assert (told.status_code, told.headers["content-type"]) == (422, "application/problem+json")
    said = told.json()
    assert (said["code"], said["verdict"], said["reason_code"], said["detail"]) == ("STATEMENT_REFUSED", "reject_file", "not_a_statement", said["reason"])
    kept = (await desk.get(f"{API}/{said['statement_id']}")).json()
    assert (kept["status"], kept["rows_loaded"]) == ("refused", 0)


async def test_the_same_key_answers_the_same_and_another_body_is_a_conflict(desk):
    first = await hand(desk, GOOD.read_bytes(), headers=KEY)
    again = await hand(desk, GOOD.read_bytes(), headers=KEY)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    other = await hand(desk, GOOD.read_bytes() + b"\n", headers=KEY)
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    day = await hand(desk, GOOD.read_bytes(), day="2026-03-02", headers=KEY)
    assert day.status_code == 409


async def test_the_same_content_twice_changes_nothing(desk):
    first = (await hand(desk, GOOD.read_bytes())).json()
    again = await hand(desk, gzip.compress(GOOD.read_bytes()), name="day.csv.gz")
    assert (again.status_code, again.json()["reason_code"], again.json()["statement_id"]) == (201, "duplicate_file", first["statement_id"])


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"source": "nobody"}, 404, "UNKNOWN_SOURCE"),
        ({"day": "2999-01-01"}, 422, "BAD_BILL_DATE"),
        ({"day": "2001-01-01"}, 422, "BAD_BILL_DATE"),
        ({"day": "soon"}, 422, None),
        ({"merchant": "x; DROP TABLE"}, 422, "BAD_MERCHANT_NUMBER"),
        ({"sha1": "abc"}, 422, "BAD_SHA1"),
        ({"name": "day.exe"}, 422, "FILE_TYPE_UNEXPECTED"),
        ({"name": "day.pdf"}, 422, "FILE_TYPE_UNEXPECTED"),
    ],
)
async def test_a_delivery_that_cannot_be_meant_is_refused_before_it_is_kept(desk, given, status, code):
    told = await hand(desk, GOOD.read_bytes(), **given)
    assert told.status_code == status, told.text
    assert code is None or told.json()["code"] == code
    assert (await desk.get(API)).json()["items"] == []


async def test_an_announced_hash_must_fit(desk):
    assert (await hand(desk, GOOD.read_bytes(), sha1="0" * 40)).json()["reason_code"] == "hash_mismatch"


async def test_an_empty_file_and_no_file_are_refused(desk):
    assert (await hand(desk, b"")).status_code == 422
    assert (await desk.post(API, data={"source": "platform", "date": "2026-03-01"})).status_code in (400, 422)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_body_of_another_kind_is_refused(desk, content_type):
    told = await desk.post(API, content=b'{"source":"platform"}', headers={"content-type": content_type})
    assert told.status_code in (400, 415, 422), told.text


async def test_a_bomb_is_refused_at_the_door(desk):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("20889900000311010156_20260301_业务明细.csv", b"0" * (40 << 20))
    tracemalloc.start()
    told = await hand(desk, packed.getvalue(), source="alipay-trade", name="bomb.zip")
    gzipped = await hand(desk, gzip.compress(b"0" * (64 << 20)), name="bomb.csv.gz")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (told.status_code, told.json()["reason_code"]) == (422, "bomb")
    assert (gzipped.status_code, gzipped.json()["verdict"]) == (422, "reject_file")
    assert peak < 96 << 20


async def test_a_path_in_a_zip_is_refused(desk):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../etc/cron.d/x", b"#")
    told = await hand(desk, packed.getvalue(), source="alipay-trade", name="path.zip")
    assert told.json()["reason_code"] == "path_in_zip"


async def test_sixty_megabytes_are_streamed_and_beyond_the_setting_refused(desk, platform):
    head, row = GOOD.read_bytes().splitlines(keepends=True)[:2]
    content = head + row * ((60 << 20) // len(row))
    before = platform.settings
    platform.settings = msgspec.structs.replace(before, statement_max_mb=50)
    try:
        told = await hand(desk, content)
    finally:
        platform.settings = before
    assert (told.status_code, told.json()["code"]) == (422, "FILE_TOO_LARGE")
    assert (await desk.get(API)).json()["items"] == []


async def test_other_bodies_stay_small(desk):
    told = await desk.post("/console/statement-maps", files={"file": ("s.csv", b"x" * (22 << 20))}, data={"code": "x"})
    assert told.status_code == 413


async def test_rows_are_posted_and_judged_one_by_one(desk):
    told = await post(
        desk, line(), line(number="R1", kind="refund", order_number="A1", amount_fen=50, fee_fen=-1),
        line(number="C", counts=False, channel="cash", amount_fen=0),
        line(number="X", amount_fen="1050"), line(number="Y", amount_fen=10.5), line(number="Z", happened_at="2026-03-02T08:00:00+08:00"),
        line(number="中"), line(number="Q", extra=1),
    )  # fmt: skip
    said = told.json()
    assert (told.status_code, said["verdict"], said["source"], said["reject_rows"]) == (201, "reject_rows", "lines", [4, 5, 6, 7, 8])
    assert (said["pay_count"], said["pay_amount_fen"], said["refund_amount_fen"], said["ignored_lines"]) == (1, 1050, 50, 1)
    assert {each["column"] for each in said["rejected"]} >= {"amount_fen", "happened_at", "number"}
    raw = (await desk.get(f"{API}/{said['statement_id']}/lines/2")).json()
    assert '"R1"' in raw["raw"]


async def test_posted_rows_need_a_key_and_replay_by_it(desk):
    bare = await desk.post(LINES, json={"date": "2026-03-01", "lines": [line()]})
    assert (bare.status_code, bare.json()["code"]) == (422, "IDEMPOTENCY_KEY_MISSING")
    first = await post(desk, line())
    assert (await post(desk, line())).json() == first.json()
    assert (await post(desk, line(amount_fen=1))).status_code == 409
    newer = (await post(desk, line(amount_fen=1), key="rows-key-00002")).json()
    assert newer["version"] == 2
    assert (await desk.get(f"{API}/{first.json()['statement_id']}")).json()["status"] == "superseded"


async def test_no_rows_is_an_empty_day_unless_there_were_some(desk):
    assert (await post(desk, day="2026-03-02")).json()["reason_code"] == "empty_day"
    await post(desk, line(), key="rows-key-00003")
    told = await post(desk, key="rows-key-00004")
    assert (told.status_code, told.json()["reason_code"]) == (422, "empty_after_rows")


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b"{", b'{"date":"2026-03-01","lines":{}}', b'{"date":"x","lines":[]}', b'{"date":"2026-03-01","lines":[1]}',
             b'{"date":"2026-03-01","lines":[],"what":1}', b"\xff\xfe"],
)  # fmt: skip
async def test_a_body_that_is_no_list_of_rows_is_refused(desk, body):
    told = await desk.post(LINES, content=body, headers={"content-type": "application/json", "idempotency-key": "rows-key-00009"})
    assert told.status_code in (400, 422)
    assert told.headers["content-type"].startswith("application/problem+json")


async def test_another_tenants_statement_does_not_exist(desk, client, staff, web):
    said = (await hand(desk, GOOD.read_bytes())).json()
    stranger = await staff(await client(plugins=()), READ, MAKE)
    for tail in ("", "/lines", "/lines/1", "/refusals", "/original"):
        assert (await stranger.get(f"{API}/{said['statement_id']}{tail}")).status_code == 404, tail
        assert (await web.get(f"{API}/{said['statement_id']}{tail}")).status_code == 401, tail
    for tail in ("", "/lines", "/lines/1", "/original"):
        assert (await stranger.get(f"/console/statements/{said['statement_id']}{tail}")).status_code == 404, tail
    assert (await stranger.get(API)).json()["items"] == []


async def test_each_door_asks_for_its_right(desk, staff):
    said = (await hand(desk, GOOD.read_bytes())).json()
    reader = await staff(desk.profile, READ)
    assert (await hand(reader, GOOD.read_bytes())).status_code == 403
    assert (await post(reader, line())).status_code == 403
    assert (await reader.get("/console/statements/new")).status_code == 403
    assert (await reader.get(f"{API}/{said['statement_id']}/original")).status_code == 200
    nobody = await staff(desk.profile, "billing.bill.read")
    for path in (API, f"{API}/{said['statement_id']}", "/api/v1/statement-sources", "/console/statements"):
        assert (await nobody.get(path)).status_code == 403, path


@pytest.mark.parametrize(("given", "kept"), [("C:\\x\\day.csv", "day.csv"), ("../../day.csv", "day.csv"), ("a\r\nb.csv", "ab.csv"), ("x" * 300, "x" * 200)])
def test_a_files_name_is_only_a_name(given, kept):
    assert plain_name(given) == kept


async def test_the_broken_samples_say_the_same_at_the_api(desk):
    wanted = {each["file"]: each for each in answers("broken/broken.expected.json")["files"]}
    for name in ("ok-platform.csv", "negative-payment.csv", "summary-mismatch.csv", "ok-wechatpay.csv"):
        given = wanted[name]
        said = (await hand(desk, (BROKEN / name).read_bytes(), source=given["source"], name=name)).json()
        assert (said["verdict"], said["reason_code"]) == (given["verdict"], given["reason_code"]), name
