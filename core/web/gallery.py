"""Sample content for the gallery: fictional school, bank and people."""

import datetime as dt
from types import SimpleNamespace as Row

from core import clock, masking
from core.web.branding import Branding
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
        "events": [
            {"at": at, "title": "已缴清", "by": "微信支付", "text": "本次 ¥16,000.00", "tone": "good"},
            {"at": at - dt.timedelta(days=1), "title": "部分缴费 ¥5,000.00", "by": "微信支付", "tone": "wait"},
            {"at": at - dt.timedelta(days=3), "title": "账单已发布", "by": "林晓（复核：周岚）", "tone": "info"},
            {"at": at - dt.timedelta(days=4), "title": "批次试算", "by": "林晓"},
        ],
        "paid_at": at,
        "months": ["3月", "4月", "5月", "6月", "7月", "8月", "9月"],
        "hostile": STUDENTS[4],
        "child": "林小满",
        "sister": "林小溪",
        "plan": "2026 秋季学费",
        "notice": "请在截止日前缴清。",
        "approval": "青榕收〔2026〕3号",
    }
