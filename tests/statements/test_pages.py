"""The pages of statements: list and strip, a day, a file with its verdict in words, its lines, the upload page with its consequence."""

import datetime as dt
import re

import pytest

from core import clock
from tests.statements.conftest import STATEMENTS

READ, MAKE, EXPORT = "statements.file.read", "statements.file.make", "exports.make"
PATH = "/console/statements"
HEAD = "merchant_order_no,channel,type,amount_fen,fee_fen,status,paid_at,bill_no,merchant_refund_no\n"
BROKEN = STATEMENTS / "broken"


def day_file(day: dt.date | str, *rows: str) -> bytes:
    """A platform file of a day: each row is `number,fen`."""
    lines = []
    for row in rows:
        number, fen = row.split(",")
        lines.append(f"{number},wechatpay,PAY,{fen},6,succeeded,{day}T08:00:00+08:00,B1,\n")
    return (HEAD + "".join(lines)).encode()


@pytest.fixture
async def desk(client, staff):
    profile = await client(plugins=())
    asking = await staff(profile, READ, MAKE, EXPORT, "jobs.read")
    asking.profile = profile
    return asking


async def upload(desk, content: bytes, *, source: str = "platform", day: str = "2026-03-01", name: str = "day.csv", merchant: str = ""):
    form = {"source": source, "day": day, "merchant": merchant}
    return await desk.post(PATH, data=form, files={"file": (name, content)})


async def test_an_empty_list_says_how_files_come(desk):
    page = (await desk.get(PATH)).text
    assert "没有符合条件的对账文件" in page
    assert "自动下载" in page


async def test_an_uploaded_file_shows_its_verdict_and_totals(desk):
    answer = await upload(desk, (BROKEN / "ok-platform.csv").read_bytes(), name="a<b>.csv")
    assert answer.status_code == 303
    page = (await desk.get(answer.headers["location"])).text
    assert "1,190.55" in page
    assert "a&lt;b&gt;.csv" in page
    assert "<b>.csv" not in page
    listed = (await desk.get(PATH, params={"source": "platform"})).text
    assert answer.headers["location"] in listed
    assert answer.headers["location"] not in (await desk.get(PATH, params={"verdict": "reject_file"})).text.split('id="statements"')[1]
    lines = (await desk.get(answer.headers["location"] + "/lines", params={"kind": "refund"})).text
    assert lines.count("退款</span>") >= 2


async def test_repairs_and_refused_rows_are_said_in_words(desk):
    mended = await upload(desk, (BROKEN / "line-ends-lf.csv").read_bytes(), source="wechatpay-trade")
    assert "换行符与通常不同" in (await desk.get(mended.headers["location"])).text
    partly = await upload(desk, (BROKEN / "amount-3-decimals.csv").read_bytes(), source="wechatpay-trade", day="2026-03-01", name="x.csv")
    page = (await desk.get(partly.headers["location"])).text
    assert "没有通过的行" in page
    assert "12.345" in page
    assert "订单金额" in page
    refused = await upload(desk, (BROKEN / "summary-mismatch.csv").read_bytes(), source="wechatpay-trade", name="y.csv")
    page = (await desk.get(refused.headers["location"])).text
    assert "整份没有采用" in page


async def test_markup_and_formulas_in_cells_are_shown_as_text(desk):
    content = day_file("2026-03-01", "=cmd|'/c calc'!A1,100", "<script>alert(1)</script>,200", "GOOD1,300")
    answer = await upload(desk, content)
    where = answer.headers["location"]
    for page in ((await desk.get(where)).text, (await desk.get(where + "/lines")).text):
        assert "<script>alert(1)" not in page
    raw = (await desk.get(where + "/lines/1")).text
    assert "<script>alert" not in raw


async def test_a_corrected_file_supersedes_and_the_page_says_so_before(desk):
    first = await upload(desk, day_file("2026-03-01", "A,100"))
    form = (await desk.get(PATH + "/new", params={"source": "platform", "day": "2026-03-01"})).text
    assert "这一天已有第 1 版" in form
    assert "取代它" in form
    second = await upload(desk, day_file("2026-03-01", "A,100", "B,200"), name="better.csv")
    assert "已被更新的文件取代" in (await desk.get(first.headers["location"])).text
    page = (await desk.get(second.headers["location"])).text
    assert "第 2 版" in (await desk.get(PATH)).text
    assert first.headers["location"] in page
    same = await upload(desk, day_file("2026-03-01", "A,100", "B,200"))
    assert same.headers["location"] == second.headers["location"]


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"source": ""}, "没有名为"), ({"source": "nobody"}, "没有名为"), ({"day": ""}, "账单日期应是"), ({"day": "2999-01-01"}, "账单日期应是"),
        ({"name": "x.exe"}, "不是这里要的文件"), ({"merchant": "a b"}, "商户号只能有"),
    ],
)  # fmt: skip
async def test_what_cannot_be_taken_is_said_beside_the_field(desk, given, word):
    answer = await upload(desk, day_file("2026-03-01", "A,100"), **given)
    assert answer.status_code == 422
    assert word in answer.text


async def test_the_upload_page_tells_where_each_file_is_found(desk):
    page = (await desk.get(PATH + "/new")).text
    for word in ("微信支付商户平台", "支付宝商家平台", "银联商户服务平台", "Balance change from activity"):
        assert word in page
    assert (await desk.post(PATH, data={"source": "platform", "day": "2026-03-01"})).status_code == 422


async def test_the_strip_shows_which_day_lacks_which_file(desk):
    today = clock.today()
    for ago in (6, 5, 3):
        await upload(desk, day_file(today - dt.timedelta(days=ago), f"A{ago},100"), day=(today - dt.timedelta(days=ago)).isoformat())
    await upload(desk, b"<html></html>", day=(today - dt.timedelta(days=2)).isoformat())
    page = (await desk.get(PATH)).text
    strip = page.split("by-strip")[1].split("</table>")[0]
    states = re.findall(r'by-badge by-\w+">([^<]+)<', strip)
    assert states == ["缺", "未通过", "已到", "缺", "已到", "已到"]


async def test_lists_turn_pages_and_filter(desk):
    for number in range(1, 29):
        await upload(desk, day_file(f"2026-02-{number:02d}", "A,100"), day=f"2026-02-{number:02d}")
    first = (await desk.get("/api/v1/statements", params={"limit": 20})).json()
    rest = (await desk.get("/api/v1/statements", params={"limit": 20, "cursor": first["next_cursor"]})).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (20, 8, None)
    assert len({each["id"] for each in first["items"] + rest["items"]}) == 28
    assert (await desk.get(PATH, params={"cursor": "nonsense"})).status_code == 422
    page = (await desk.get(PATH, params={"start": "2026-02-10", "until": "2026-02-11"})).text
    assert "共 2 条" in page


async def test_a_line_page_shows_the_line_and_the_original(desk):
    answer = await upload(desk, (BROKEN / "ok-wechatpay.csv").read_bytes(), source="wechatpay-trade")
    page = (await desk.get(answer.headers["location"] + "/lines/1")).text
    assert "文件里的原文" in page
    assert "`wx" in page
    assert (await desk.get(answer.headers["location"] + "/lines/9999")).status_code == 404


async def test_statements_leave_for_excel(desk, settle):
    answer = await upload(desk, day_file("2026-03-01", "A,100", "B,200"))
    for code, form in (("files", {}), ("lines", {"statement": answer.headers["location"].rsplit("/", 1)[1]})):
        started = await desk.post(f"/console/exports/statements.{code}", data=form)
        assert started.status_code == 303
        await settle(desk.profile)
        assert "已完成" in (await desk.get(started.headers["location"])).text


async def test_every_page_is_also_english(desk):
    answer = await upload(desk, day_file("2026-03-01", "A,100"))
    for path in (PATH, PATH + "/new", answer.headers["location"], answer.headers["location"] + "/lines", "/console/statement-maps"):
        page = await desk.get(path, params={"lang": "en"})
        assert page.status_code == 200
        assert "对账文件" not in page.text.split("<main")[1].split("</main")[0], path
