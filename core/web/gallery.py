"""Sample content for the gallery: fictional school, bank and people."""

import datetime as dt
from types import SimpleNamespace as Row
from uuid import UUID

from core import clock, masking
from core.web.branding import Branding
from core.web.charts import Chart, Series
from core.web.lists import ListChoice, View
from core.web.menu import MenuItem, menu_for
from core.web.templating import Person

SCHOOL = Branding(name="青榕实验学校", colour="#1f5fa8", short_name="青榕实验学校", bank_name="南榕银行", phone="0595-12345678")
CASHIER = Person(display_name="林晓", role_label="校区财务")
MENU = menu_for(
    [
        MenuItem("今日工作", "/console", "layout-list", order=1),
        MenuItem("账单", "/console/bills", "receipt", "收费", order=10),
        MenuItem("收费批次", "/console/_gallery", "calendar-dollar", "收费", order=11),
        MenuItem("收费标准", "/console/standards", "list-details", "收费", order=12),
        MenuItem("减免", "/console/discounts", "discount", "收费", order=13, count=3),
        MenuItem("学生", "/console/students", "school", "学籍", order=20),
        MenuItem("组织", "/console/org", "sitemap", "学籍", order=21),
        MenuItem("支付明细", "/console/payments", "credit-card", "资金", order=30),
        MenuItem("退款", "/console/refunds", "receipt-refund", "资金", order=31, count=12),
        MenuItem("分录", "/console/journals", "book", "资金", order=32),
        MenuItem("用户与角色", "/console/users", "users", "管理", order=40),
    ],
    None,
)
LISTS = {
    "_gallery": ListChoice(
        [
            View(UUID(int=1), "小学部逾期", "status=overdue", default=True),
            View(UUID(int=2), "本周到期", "sort=due_on&due_to=2026-09-07", shared=True),
            View(UUID(int=3), "教务常用", "status=open", shared=True, mine=False),
        ],
        {"chosen": {"of": 4, "out": {"2": "应缴"}}},
    )
}
STUDENTS = ("林小满", "欧阳思远", "陈一诺", "王若溪", '<b onclick="x">黄</b>子轩', "郑雨桐")
STATES = ("issued", "partially_paid", "paid", "overdue", "void", "refunded")


def _bills() -> list[Row]:
    return [
        Row(
            id=f"b{n}",
            number=f"QR2026090100{n:02d}",
            student=masking.mask_name(name),
            org=f"主校区 · 初中部 · 七年级{n + 1}班",
            amount_fen=2_100_000 + n * 123_450,
            paid_fen=2_100_000 + n * 123_450 if status == "paid" else 500_000 if status == "partially_paid" else 0,
            due_on=dt.date(2026, 9, 1 + n),
            status=status,
        )
        for n, (name, status) in enumerate(zip(STUDENTS, STATES, strict=True))
    ]


def _tree() -> list[dict]:
    classes = [{"id": f"c{n}", "label": f"七年级{n}班", "href": f"?org=c{n}", "count": 44 + n} for n in (1, 2, 3)]
    grade = {"id": "g7", "label": "七年级", "href": "?org=g7", "count": 138, "children": classes, "open": True}
    middle = {"id": "d1", "label": "初中部", "href": "?org=d1", "count": 1620, "children": [grade]}
    primary = {"id": "d2", "label": "小学部", "href": "?org=d2", "count": 2840}
    return [{"id": "s", "label": "青榕实验学校", "href": "?org=s", "count": 4460, "children": [middle, primary]}]


def _charts() -> list[Chart]:
    months, wechat, counter = ["6月", "7月", "8月", "9月"], [8_812_300, 2_034_500, 61_020_000, 93_050_000], [1_904_400, None, 21_040_000, 34_000_000]
    money = [Series(name="微信支付", values=wechat), Series(name="银行转账", values=counter)]
    stages, states = ["已发出", "已看到", "已缴清"], ["初中部", "小学部", "高中部及国际课程中心"]
    says = "6月至9月共收 ¥2,218,612.00，9月最多"
    due = Series(name="应收", values=counter, target=True)
    parts = [Series(name="实收", values=wechat[:3]), Series(name="欠费", values=[904_400, 120_000, 21_040_000])]
    share, count = Series(name="金额", values=[634, 302, 64]), Series(name="账单", values=[7996, 6120, 5344])
    return [
        Chart(code="g-line", title="每月收款", kind="line", labels=months, series=[money[0], due], says=says, measure="money"),
        Chart(code="g-bar", title="每月收款", kind="bar", labels=months, series=money, says=says, measure="money"),
        Chart(code="g-stack", title="各学部收缴", kind="stack", labels=states, says="三个学部", measure="money", across=True, series=parts),
        Chart(code="g-pie", title="渠道占比", kind="pie", labels=["微信支付", "支付宝", "现金"], series=[share], says="微信支付 63.4%", measure="percent"),
        Chart(code="g-funnel", title="通知漏斗", kind="funnel", labels=stages, series=[count], says="发出 7,996 张，缴清 5,344 张"),
    ]  # fmt: skip


def _verdicts() -> list[dict]:
    return [
        {"row": 3, "column": "证件号码", "verdict": "rejected", "message": "校验位不对：最后一位应为 X，请核对证件原件"},
        {"row": 17, "column": "班级", "verdict": "rejected", "message": "“八年级9班”不在“七年级”下，请先建班级或改正年级"},
        {"row": 42, "column": "家长1手机号", "verdict": "rejected", "message": "应为 11 位手机号，单元格里有 10 位"},
        {"row": 58, "column": "", "verdict": "changed", "message": "班级：七年级1班 → 七年级2班"},
    ]


def samples() -> dict[str, object]:
    """What the gallery templates draw."""
    at = dt.datetime(2026, 9, 1, 14, 5, tzinfo=clock.SHANGHAI)
    return {
        "bills": _bills(),
        "tree": _tree(),
        "verdicts": _verdicts(),
        "totals": {"new": 7986, "changed": 10, "unchanged": 1, "rejected": 3},
        "found": [
            {
                "code": "students", "title": "学生", "more": True, "href": "?q=小满",
                "items": [
                    {"title": "林**", "detail": "20260001 · 初中部 / 七年级 / 1班", "href": "?s=1", "status": "paid", "machine": "bill"},
                    {"title": STUDENTS[4], "detail": "20260007 · 小学部 / 三年级 / 2班", "href": "?s=2", "status": "", "machine": ""},
                ],
            },
            {
                "code": "bills", "title": "账单", "more": False, "href": "",
                "items": [{"title": "QR20260901000001", "detail": "林** · 2026 秋季学费 · ¥21,000.00", "href": "?b=1", "status": "overdue", "machine": "bill"}],
            },
        ],
        "events": [
            {"at": at, "title": "已缴清", "by": "微信支付", "text": "本次 ¥16,000.00", "tone": "good"},
            {"at": at - dt.timedelta(days=1), "title": "部分缴费 ¥5,000.00", "by": "微信支付", "tone": "wait"},
            {"at": at - dt.timedelta(days=3), "title": "账单已发布", "by": "林晓（复核：周岚）", "tone": "info"},
            {"at": at - dt.timedelta(days=4), "title": "批次试算", "by": "林晓"},
        ],
        "paid_at": at,
        "charts": _charts(),
        "hostile": STUDENTS[4],
        "child": "林小满",
        "sister": "林小溪",
        "plan": "2026 秋季学费",
        "notice": "请在截止日前缴清。",
        "approval": "青榕收〔2026〕3号",
    }
