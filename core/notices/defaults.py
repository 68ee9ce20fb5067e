"""The events that core tells of, with the words that come with the product, in Chinese and English."""

import datetime as dt

from core.notices.events import NoticeEvent, Words, by_code
from core.web.i18n import N_

_CODE = dt.timedelta(minutes=5)
_CLIENT = {"client": (N_("单位名称"), "榕华教育集团"), "url": (N_("链接"), "http://p.cn/h5/demo")}
_PERSON = {**_CLIENT, "name": (N_("姓名（已脱敏）"), "张**")}
_BILL = {
    **_PERSON,
    "title": (N_("账单名称"), "2026秋季学费"),
    "number": (N_("账单号"), "B20260901000017"),
    "amount": (N_("待缴金额（元）"), "5,800.00"),
    "due_on": (N_("截止日"), "2026-09-10"),
}
_MONEY = {**_PERSON, "amount": (N_("金额（元）"), "5,800.00"), "title": (N_("账单名称"), "2026秋季学费")}


def _wechat(first: str, *rest: str) -> dict[str, str]:
    return {"first": first, **{f"keyword{n}": text for n, text in enumerate(rest[:-1], 1)}, "remark": rest[-1]}


_DEFAULTS = (
    NoticeEvent(
        code="bill_issued", title=N_("账单已出"), kind="bills", variables=_BILL, good_for=dt.timedelta(days=5), link="/bills/{bill_id}",
        words={
            "zh": Words(
                "账单已出", "{{ name }}的“{{ title }}”账单已出，应缴 {{ amount }} 元，请于 {{ due_on }} 前缴清。",
                "【{{ client }}】{{ name }}的“{{ title }}”账单已出，应缴 {{ amount }} 元，请于 {{ due_on }} 前缴清：{{ url }}",
                _wechat("您有一张新账单", "{{ name }}", "{{ title }}", "{{ amount }} 元", "{{ due_on }}", "点击查看并缴费"),
            ),
            "en": Words(
                "New bill", "A bill for {{ name }}, “{{ title }}”, is out: {{ amount }} yuan, due {{ due_on }}.",
                "[{{ client }}] New bill for {{ name }}: {{ title }}, {{ amount }} yuan, due {{ due_on }}. {{ url }}",
                _wechat("You have a new bill", "{{ name }}", "{{ title }}", "{{ amount }} yuan", "{{ due_on }}", "Tap to see and pay"),
            ),
        },
    ),
    NoticeEvent(
        code="due_soon", title=N_("即将到期"), kind="reminders", variables=_BILL, link="/bills/{bill_id}",
        words={
            "zh": Words(
                "账单即将到期", "{{ name }}的“{{ title }}”还有 {{ amount }} 元待缴，{{ due_on }} 到期。",
                "【{{ client }}】{{ name }}的“{{ title }}”还有 {{ amount }} 元待缴，{{ due_on }} 到期：{{ url }}",
                _wechat("账单即将到期", "{{ name }}", "{{ title }}", "{{ amount }} 元", "{{ due_on }}", "如已缴费请忽略"),
            ),
            "en": Words(
                "Bill due soon", "“{{ title }}” for {{ name }}: {{ amount }} yuan open, due {{ due_on }}.",
                "[{{ client }}] {{ title }} for {{ name }}: {{ amount }} yuan open, due {{ due_on }}. {{ url }}",
                _wechat("A bill is due soon", "{{ name }}", "{{ title }}", "{{ amount }} yuan", "{{ due_on }}", "Ignore if paid"),
            ),
        },
    ),
    NoticeEvent(
        code="overdue", title=N_("已逾期"), kind="reminders", variables=_BILL, link="/bills/{bill_id}",
        words={
            "zh": Words(
                "账单已逾期", "{{ name }}的“{{ title }}”已逾期，还有 {{ amount }} 元待缴，请尽快缴清。",
                "【{{ client }}】{{ name }}的“{{ title }}”已逾期，还有 {{ amount }} 元待缴，请尽快缴清：{{ url }}",
                _wechat("账单已逾期", "{{ name }}", "{{ title }}", "{{ amount }} 元", "{{ due_on }}", "请尽快缴清，如已缴费请忽略"),
            ),
            "en": Words(
                "Bill overdue", "“{{ title }}” for {{ name }} is overdue: {{ amount }} yuan open. Please pay soon.",
                "[{{ client }}] {{ title }} for {{ name }} is overdue: {{ amount }} yuan open. Please pay: {{ url }}",
                _wechat("A bill is overdue", "{{ name }}", "{{ title }}", "{{ amount }} yuan", "{{ due_on }}", "Please pay soon"),
            ),
        },
    ),
    NoticeEvent(
        code="reminder", title=N_("催缴提醒"), kind="reminders", variables={k: v for k, v in _BILL.items() if k != "number"},
        words={
            "zh": Words(
                "缴费提醒", "提醒：{{ name }}的“{{ title }}”还有 {{ amount }} 元待缴，{{ due_on }} 到期。",
                "【{{ client }}】提醒：{{ name }}的“{{ title }}”还有 {{ amount }} 元待缴，{{ due_on }} 到期：{{ url }}",
                _wechat("缴费提醒", "{{ name }}", "{{ title }}", "{{ amount }} 元", "{{ due_on }}", "如已缴费请忽略"),
            ),
            "en": Words(
                "Payment reminder", "Reminder: “{{ title }}” for {{ name }}, {{ amount }} yuan open, due {{ due_on }}.",
                "[{{ client }}] Reminder: {{ title }} for {{ name }}, {{ amount }} yuan open, due {{ due_on }}. {{ url }}",
                _wechat("Payment reminder", "{{ name }}", "{{ title }}", "{{ amount }} yuan", "{{ due_on }}", "Ignore if paid"),
            ),
        },
    ),
    NoticeEvent(
        code="paid", title=N_("缴费到账"), kind="money", necessary=True, variables=_MONEY, link="/receipts",
        words={
            "zh": Words(
                "缴费成功", "已收到{{ name }}的缴费 {{ amount }} 元，电子收据可在“电子收据”中查看。",
                "【{{ client }}】已收到{{ name }}的缴费 {{ amount }} 元，电子收据：{{ url }}",
                _wechat("缴费成功", "{{ name }}", "{{ title }}", "{{ amount }} 元", "点击查看电子收据"),
            ),
            "en": Words(
                "Payment received", "We received {{ amount }} yuan for {{ name }}. The receipt is under Receipts.",
                "[{{ client }}] Received {{ amount }} yuan for {{ name }}. Receipt: {{ url }}",
                _wechat("Payment received", "{{ name }}", "{{ title }}", "{{ amount }} yuan", "Tap for the receipt"),
            ),
        },
    ),
    NoticeEvent(
        code="refunded", title=N_("退款到账"), kind="money", necessary=True, variables=_MONEY, link="/history",
        words={
            "zh": Words(
                "退款成功", "{{ name }}的“{{ title }}”已退款 {{ amount }} 元，按原路退回，到账时间以支付渠道为准。",
                "【{{ client }}】{{ name }}的“{{ title }}”已退款 {{ amount }} 元，按原路退回：{{ url }}",
                _wechat("退款成功", "{{ name }}", "{{ title }}", "{{ amount }} 元", "按原路退回"),
            ),
            "en": Words(
                "Refunded", "{{ amount }} yuan of “{{ title }}” for {{ name }} were refunded the way they came.",
                "[{{ client }}] Refunded {{ amount }} yuan of {{ title }} for {{ name }}. {{ url }}",
                _wechat("Refunded", "{{ name }}", "{{ title }}", "{{ amount }} yuan", "Refunded the way it came"),
            ),
        },
    ),
    NoticeEvent(
        code="approval_pending", title=N_("有事项等您复核"), audience="staff", kind="approvals", means=frozenset({"inbox"}), quiet=False,
        variables={"title": (N_("事项"), "账单调整 B20260901000017"), "kind": (N_("种类"), "账单调整"), "by": (N_("提交人"), "王会计")},
        words={
            "zh": Words("等您复核：{{ kind }}", "{{ by }} 提交了“{{ title }}”，等您复核。"),
            "en": Words("Waiting for you: {{ kind }}", "{{ by }} submitted “{{ title }}” and it waits for your check."),
        },
    ),
    NoticeEvent(
        code="bind_code", title=N_("绑定验证码"), audience="phone", means=frozenset({"sms"}), quiet=False, secret=True, good_for=_CODE,
        variables={**_PERSON, "code": (N_("验证码"), "135790")},
        words={
            "zh": Words("验证码", "", "【{{ client }}】验证码 {{ code }}，用于绑定{{ name }}，5 分钟内有效。如非本人操作请勿告诉他人。"),
            "en": Words("Code", "", "[{{ client }}] Code {{ code }} to bind {{ name }}, valid for 5 minutes. Tell it to nobody."),
        },
    ),
    NoticeEvent(
        code="login_code", title=N_("登录验证码"), audience="phone", means=frozenset({"sms"}), quiet=False, secret=True, good_for=_CODE,
        variables={**_CLIENT, "code": (N_("验证码"), "135790")},
        words={
            "zh": Words("验证码", "", "【{{ client }}】登录验证码 {{ code }}，5 分钟内有效，请勿告诉他人。"),
            "en": Words("Code", "", "[{{ client }}] Log-in code {{ code }}, valid for 5 minutes. Tell it to nobody."),
        },
    ),
    NoticeEvent(
        code="guardian_request", title=N_("绑定申请"), audience="phone", means=frozenset({"sms"}), necessary=True,
        variables={**_PERSON, "phone": (N_("手机号（已脱敏）"), "138****5678")},
        words={
            "zh": Words("绑定申请", "", "【{{ client }}】手机号 {{ phone }} 申请绑定{{ name }}，请在缴费页面“我的绑定”中确认或拒绝：{{ url }}"),
            "en": Words("Binding request", "", "[{{ client }}] {{ phone }} asks to bind {{ name }}. Agree or refuse under My bindings: {{ url }}"),
        },
    ),
    NoticeEvent(
        code="reminder_unbound", title=N_("未绑定提醒"), audience="phone", means=frozenset({"sms"}), variables=_PERSON,
        words={
            "zh": Words("缴费提醒", "", "【{{ client }}】{{ name }}有费用待缴，请打开 {{ url }} 绑定后查看和缴费。已缴清或与您无关请忽略。"),
            "en": Words("Payment reminder", "", "[{{ client }}] {{ name }} has something to pay. Bind and pay: {{ url }}. Ignore if paid."),
        },
    ),
    NoticeEvent(
        code="channel_expiry", title=N_("渠道证书到期"), audience="phone", means=frozenset({"sms"}), necessary=True,
        variables={**_CLIENT, "mchid": (N_("商户号"), "1900000001"), "days": (N_("剩余天数"), "7"), "expires_on": (N_("证书到期日"), "2026-12-01")},
        words={
            "zh": Words(
                "证书到期", "",
                "【{{ client }}】收款商户号 {{ mchid }} 的证书还有 {{ days }} 天到期（{{ expires_on }}），请在渠道商户平台更换后登记到系统。",
            ),
            "en": Words(
                "Certificate ends", "",
                "[{{ client }}] The certificate of merchant {{ mchid }} ends in {{ days }} days ({{ expires_on }}). Renew and register it.",
            ),
        },
    ),
)  # fmt: skip

EVENTS: dict[str, NoticeEvent] = by_code(_DEFAULTS)
