"""A client's own words: what may stand in them, what they come to on a real bill, and that they are what leaves."""

import pytest

from core.hookspecs import hook
from core.notices.defaults import EVENTS
from core.notices.errors import BadTemplate
from core.notices.events import NoticeEvent, Words
from core.notices.wording import check, fill, segments
from tests import desk as desks

MANAGE = ("notices.manage", "notices.read")
WORDS = {"title": "新账单", "inbox": "{{ name }}有新账单 {{ amount }} 元", "sms": "【{{ client }}】{{ name }}：{{ title }} {{ amount }} 元"}


@pytest.fixture
async def desk(platform, client):
    return await desks.opened(platform, client)


@pytest.mark.parametrize(
    "template",
    [
        "{{ name.__class__ }}",
        "{{ name() }}",
        "{{ ''.join(name) }}",
        "{% for x in name %}x{% endfor %}",
        "{{ name | upper }}",
        "{% set x = name %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{{ name[0] }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ name * 999999 }}",
        "{{ self }}",
        "{{ phone }}",
        "{{ name",
        "{% if name %}",
        "x" * 501,
    ],
)
def test_a_template_can_do_nothing_but_show_its_values(template):
    with pytest.raises(BadTemplate):
        check(template, ["name", "amount"])


def test_values_and_conditions_are_allowed():
    text = "{% if due_on %}{{ due_on }} 前{% else %}尽快{% endif %}缴 {{ amount }} 元"
    check(text, ["due_on", "amount"])
    assert fill(text, {"amount": "1.00", "due_on": "9 月"}) == "9 月 前缴 1.00 元"
    assert fill(text, {"amount": "1.00"}) == "尽快缴 1.00 元"


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("字" * 70, 1), ("字" * 71, 2), ("字" * 134, 2), ("字" * 135, 3), ("a" * 160, 1), ("a" * 161, 2), ("😀" * 35, 1), ("😀" * 36, 2)],
)
def test_the_length_of_a_text_message_is_what_the_network_charges(text, count):
    assert segments(text) == count


async def test_words_are_tried_on_a_real_bill_within_reach(desk, staff):
    head = await staff(desk, *MANAGE)
    answer = await head.post("/api/v1/notice-templates/bill_issued/preview", json=WORDS)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["bill"].startswith("B")
    assert "950.00" in shown["sms"]
    assert shown["segments"] == 1
    assert "王**" in shown["inbox"] or "李*" in shown["inbox"] or "赵" in shown["inbox"]
    nowhere = await head.post("/api/v1/notice-templates/bill_issued/preview", json={**WORDS, "bill": "B0"})
    assert nowhere.json()["bill"] == ""
    assert "5,800.00" in nowhere.json()["sms"], "the example"


async def test_a_client_edits_its_words_and_goes_back_to_the_products(desk, staff):
    head = await staff(desk, *MANAGE)
    put = await head.put("/api/v1/notice-templates/bill_issued/zh", json=WORDS)
    assert (put.status_code, put.json()["own"], put.json()["version"]) == (200, True, 1)
    assert (await head.put("/api/v1/notice-templates/bill_issued/zh", json={**WORDS, "title": "账单"})).json()["version"] == 2
    refused = await head.put("/api/v1/notice-templates/bill_issued/zh", json={**WORDS, "sms": "{{ phone }}"})
    assert (refused.status_code, refused.json()["code"]) == (422, "NOTICE_TEMPLATE_BAD")
    assert "本单位" in (await head.get("/console/notice-templates")).text
    assert (await head.delete("/api/v1/notice-templates/bill_issued/zh")).json()["own"] is False
    assert (await head.put("/api/v1/notice-templates/login_code/zh", json=WORDS)).status_code == 404
    assert (await head.put("/api/v1/notice-templates/nothing/zh", json=WORDS)).status_code == 404
    assert (await head.put("/api/v1/notice-templates/bill_issued/fr", json=WORDS)).status_code == 404
    stranger = await staff(desk, "notices.read")
    assert (await stranger.put("/api/v1/notice-templates/bill_issued/zh", json=WORDS)).status_code == 403


async def test_the_page_shows_what_the_words_come_to_before_they_are_kept(desk, staff):
    head = await staff(desk, *MANAGE)
    form = {"language": "zh", **WORDS, "wechat": "first={{ name }}\nkeyword1={{ amount }}", "template_id": "T1", "bill": ""}
    page = await head.post("/console/notice-templates/bill_issued", data={**form, "what": "preview"})
    assert page.status_code == 200
    assert "计 1 条" in page.text
    assert "本单位的文字" not in page.text
    bad = await head.post("/console/notice-templates/bill_issued", data={**form, "sms": "{% for x in name %}{% endfor %}", "what": "save"})
    assert bad.status_code == 422
    assert "只能使用变量和条件" in bad.text
    kept = await head.post("/console/notice-templates/bill_issued", data={**form, "what": "save"}, follow_redirects=True)
    assert "本单位的文字，第 1 版" in kept.text
    again = await head.post("/console/notice-templates/bill_issued", data={"what": "reset", "language": "zh"}, follow_redirects=True)
    assert "产品自带的文字" in again.text
    assert (await head.get("/console/notice-templates/bill_issued?language=en")).status_code == 200
    assert (await head.get("/console/notice-templates/login_code")).status_code == 404


async def test_rules_are_set_on_their_page_and_nonsense_is_refused(desk, staff):
    head = await staff(desk, *MANAGE)
    form = {"quiet_from": "20:30", "quiet_until": "07:30", "per_day": "3", "before_days": "7，3", "after_days": "", "language": "zh", "sms": "paid"}
    kept = await head.post("/console/notice-rules", data=form, follow_redirects=True)
    assert "发送规则已保存" in kept.text
    rules = (await head.get("/api/v1/notice-rules")).json()
    assert (rules["per_day"], rules["before_days"], rules["after_days"]) == (3, [3, 7], [])
    assert "bill_issued:sms" in rules["off"]
    assert "paid:sms" not in rules["off"]
    for field, value in (("per_day", "0"), ("per_day", "x"), ("quiet_from", "25:00"), ("before_days", "-1"), ("after_days", "1,2,3,4,5,6,7,8,9")):
        assert (await head.post("/console/notice-rules", data={**form, field: value})).status_code == 422
    assert (await (await staff(desk, "notices.read")).get("/console/notice-rules")).status_code == 403


class Club:
    """A part of core that only tests have: it tells of events of its own."""

    @hook
    def register_notices(self):
        words = Words("训练取消", "今天的训练取消", "【{{ client }}】今天的训练取消")
        return [NoticeEvent(code="club.off", title="训练取消", kind="club", words={"zh": words, "en": words})]


async def test_hook_register_notices(platform, desk, staff):
    platform.plugins._pluggy.register(Club(), name="core.test_club")
    try:
        head = await staff(desk, *MANAGE)
        assert "训练取消" in (await head.get("/console/notice-templates")).text
        found = {row["event"] for row in (await head.get("/api/v1/notice-templates")).json()}
        assert {"club.off", "bill_issued"} <= found
        assert "login_code" not in found
    finally:
        platform.plugins._pluggy.unregister(name="core.test_club")
    assert "训练取消" not in (await head.get("/console/notice-templates")).text
    assert "club.off" not in EVENTS
