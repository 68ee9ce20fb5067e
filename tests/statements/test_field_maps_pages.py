"""Field maps on screen: a sample comes in, columns are named, the first lines are tried, the map is saved and used at every door."""

import pytest

from core.statements import field_maps, registry
from tests.statements.conftest import STATEMENTS

READ, MAKE = "statements.file.read", "statements.file.make"
PATH = "/console/statement-maps"
SHOP = """订单号,类型,金额,时间,支付方式
A1,收款,12.34,2026-03-01 08:00:00,微信
=1+1,收款,3.00,2026-03-01 09:00:00,微信
<b>x</b>,收款,1.234,2026-03-01 10:00:00,微信
"""


@pytest.fixture
async def desk(client, staff):
    profile = await client(plugins=())
    asking = await staff(profile, READ, MAKE)
    asking.profile = profile
    return asking


async def create(desk, content: bytes = SHOP.encode(), code: str = "shop", name: str = "sample.csv", **given) -> str:
    form = {"code": code, "title": "收费系统日报", "side": "business", "channel": ""} | given
    answer = await desk.post(PATH, data=form, files={"file": (name, content)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def fields(**given) -> dict[str, str]:
    """The form as the page would send it back."""
    return {
        "version": "0", "title": "收费系统日报", "side": "business", "format": "delimited", "delimiter": ",", "quoted": "1", "encoding": "utf-8",
        "header_row": "1", "first_row": "2", "footer_rows": "0", "number": "订单号", "kind": "类型", "kind_pay": "收款", "kind_refund": "退款、退费",
        "amount": "金额", "amount_unit": "yuan", "amount_sign": "plain", "fee_sign": "cost", "time": "时间", "time_format": "%Y-%m-%d %H:%M:%S",
        "channel": "支付方式", "channel_values": "微信=wechatpay\n支付宝=alipay", "fixed_channel": "", "total_of": "net",
    } | given  # fmt: skip


async def test_a_sample_is_guessed_previewed_saved_and_used(desk, platform, hand_in):
    where = await create(desk)
    page = await desk.get(where)
    assert page.status_code == 200
    assert "12.34" in page.text
    assert "&lt;b&gt;x&lt;/b&gt;" in page.text
    assert "<b>x</b>" not in page.text
    assert "金额最多两位小数" in page.text
    saved = await desk.post(where, data=fields(action="save"))
    assert saved.status_code == 303
    sources = await registry.sources_of(platform, desk.profile.id)
    assert sources["map-shop"].title == "收费系统日报"
    verdict = await hand_in(desk.profile, "map-shop", "2026-03-01", SHOP.encode(), "day.csv")
    assert (verdict.verdict, verdict.rows_loaded, verdict.reject_rows, verdict.pay_amount_fen) == ("reject_rows", 2, [3], 1534)
    again = await desk.post(where, data=fields(action="save", version="1", title="新名字"))
    assert again.status_code == 303
    assert "第 2 版" in (await desk.get(where)).text
    stale = await desk.post(where, data=fields(action="save", version="1"))
    assert stale.status_code == 409


async def test_a_preview_keeps_what_was_typed_and_saves_nothing(desk, platform):
    where = await create(desk)
    page = await desk.post(where, data=fields(action="preview", amount="没有的列"))
    assert page.status_code == 200
    assert "没有的列" in page.text
    assert "这样设置读不了样例" in page.text
    assert "map-shop" not in await registry.sources_of(platform, desk.profile.id)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"number": ""}, "请指定商户订单号在哪一列"),
        ({"kind": "", "amount_sign": "plain"}, "须指定交易类型列"),
        ({"channel": "", "fixed_channel": ""}, "请选择固定渠道"),
        ({"channel_values": "微信=paypal"}, "等号后是列出的渠道代码"),
        ({"kind_refund": "收款"}, "同一个取值只能归入一类"),
        ({"header_row": "x"}, "请填写数字"),
        ({"first_row": "1"}, "数据须从表头之后的行开始"),
        ({"format": "fixed", "number": "20-12"}, "请写成字节范围"),
        ({"format": "pdf"}, "请选择列出的选项"),
        ({"side": "nobody"}, "请选择列出的选项"),
        ({"time_format": "%s"}, "请选择列出的时间格式"),
        ({"title": ""}, "1–60"),
    ],
)
async def test_what_cannot_work_is_said_beside_the_field_and_not_saved(desk, platform, given, word):
    where = await create(desk)
    answer = await desk.post(where, data=fields(action="save", **given))
    assert answer.status_code == 422
    assert word in answer.text
    assert "map-shop" not in await registry.sources_of(platform, desk.profile.id)


@pytest.mark.parametrize("code", ["", "X", "a", "two words", "über", "a" * 31])
async def test_a_bad_code_is_refused(desk, code):
    form = {"code": code, "title": "x", "side": "business", "channel": ""}
    answer = await desk.post(PATH, data=form, files={"file": ("s.csv", b"a,b\n1,2\n")})
    assert answer.status_code == 422
    assert "小写字母" in answer.text


async def test_a_taken_code_and_a_missing_sample_are_said(desk):
    await create(desk)
    form = {"code": "shop", "title": "x", "side": "business", "channel": ""}
    taken = await desk.post(PATH, data=form, files={"file": ("s.csv", b"a,b\n1,2\n")})
    assert (taken.status_code, "已被另一个字段映射使用" in taken.text) == (422, True)
    missing = await desk.post(PATH, data=form | {"code": "other"})
    assert missing.status_code == 422


async def test_an_excel_sample_of_the_hospital_maps_to_the_same_totals(desk, hand_in):
    content = (STATEMENTS / "small" / "his-2026-03-01.xlsx").read_bytes()
    where = await create(desk, content, code="his-map", name="his.xlsx")
    form = fields(
        action="save", format="excel", number="商户订单号", kind="业务类型", kind_pay="门诊、挂号、住院结算、住院预交", kind_refund="退费", amount="现金支付",
        time="交易时间", serial="HIS流水号", channel_values="微信=wechatpay",
    )  # fmt: skip
    assert (await desk.post(where, data=form)).status_code == 303
    verdict = await hand_in(desk.profile, "map-his-map", "2026-03-01", content, "his.xlsx")
    assert (verdict.verdict, verdict.rows_loaded, verdict.pay_amount_fen - verdict.refund_amount_fen) == ("accept", 999, 48219500)


async def test_a_map_out_of_use_takes_no_files_and_its_lines_still_open(desk, platform, hand_in):
    where = await create(desk)
    await desk.post(where, data=fields(action="save"))
    verdict = await hand_in(desk.profile, "map-shop", "2026-03-01", SHOP.encode(), "day.csv")
    assert (await desk.post(where + "/switch", data={"active": "0"})).status_code == 303
    assert "map-shop" not in await registry.sources_of(platform, desk.profile.id)
    line = await desk.get(f"/console/statements/{verdict.statement_id}/lines/1")
    assert "A1,收款,12.34" in line.text
    assert (await desk.post(where + "/switch", data={"active": "1"})).status_code == 303
    assert "map-shop" in await registry.sources_of(platform, desk.profile.id)


async def test_another_sample_can_be_looked_at(desk):
    where = await create(desk)
    answer = await desk.post(where + "/sample", files={"file": ("other.csv", SHOP.replace("A1", "ZZ9").encode())})
    assert answer.status_code == 303
    assert "ZZ9" in (await desk.get(where)).text
    assert (await desk.post(where + "/sample")).status_code == 422


async def test_maps_are_for_those_who_may_and_for_their_own_client(desk, client, staff, web):
    where = await create(desk)
    reader = await staff(desk.profile, READ)
    assert (await reader.get(where)).status_code == 200
    assert "保存并启用" not in (await reader.get(where)).text
    assert (await reader.post(where, data=fields(action="save"))).status_code == 403
    nobody = await staff(desk.profile, "billing.bill.read")
    assert (await nobody.get(PATH)).status_code == 403
    stranger = await staff(await client(plugins=()), READ, MAKE)
    assert (await stranger.get(where)).status_code == 404
    assert (await stranger.post(where, data=fields(action="save"))).status_code == 404
    assert (await web.get(PATH)).status_code in (303, 401)


async def test_the_list_is_searched(desk):
    assert "还没有字段映射" in (await desk.get(PATH)).text
    await create(desk)
    assert "map-shop" in (await desk.get(PATH, params={"q": "日报"})).text
    assert "map-shop" not in (await desk.get(PATH, params={"q": "nothing"})).text


async def test_a_huge_sample_is_cut_to_its_first_lines(desk, platform):
    where = await create(desk, (SHOP + "Z9,收款,1.00,2026-03-01 08:00:00,微信\n" * 40_000).encode())
    async with platform.database.tenant(desk.profile.id) as session:
        row = await field_maps.find(session, where.rsplit("/", 1)[-1])
        _, content = await field_maps.sample_of(session, platform.vault, row)
    assert len(content) <= field_maps.SAMPLE_BYTES
    assert content.endswith("微信\n".encode())
