"""What people are told about support, in the bell of the console."""

from core.notices.events import NoticeEvent, Words
from core.web.i18n import N_

CONSENT_ASKED = NoticeEvent(
    code="support_asked", title=N_("客服申请查看"), audience="staff", kind="support", means=frozenset({"inbox"}), quiet=False,
    variables={"by": (N_("申请人"), "林客服"), "purpose": (N_("目的"), "核对九月账单的显示")},
    words={
        "zh": Words("客服申请查看", "银行客服 {{ by }} 申请只读查看贵单位后台：{{ purpose }}。请同意或拒绝。"),
        "en": Words("Support asks to look", "{{ by }} of the bank's support asks to look at your console, read-only: {{ purpose }}. Agree or refuse."),
    },
)  # fmt: skip

TICKET_ANSWERED = NoticeEvent(
    code="ticket_answered", title=N_("工单有答复"), audience="staff", kind="support", means=frozenset({"inbox"}), quiet=False,
    variables={"by": (N_("客服"), "林客服"), "number": (N_("工单号"), "T260901ABCDEF"), "title": (N_("问题"), "账单金额显示不对")},
    words={
        "zh": Words("工单有答复", "银行客服 {{ by }} 答复了您的工单“{{ title }}”（{{ number }}）。"),
        "en": Words("Your ticket was answered", "{{ by }} of the bank's support answered your ticket “{{ title }}” ({{ number }})."),
    },
)  # fmt: skip

EVENTS = [CONSENT_ASKED, TICKET_ANSWERED]
