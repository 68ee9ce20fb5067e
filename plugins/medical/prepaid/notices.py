"""What patients are told of a balance of former years: how much where they are known to us, only that there is one where it is a bare phone."""

import datetime as dt

from core.notices.events import NoticeEvent, Words
from core.web.i18n import N_

_CLIENT = {"client": (N_("单位名称"), "榕城医院"), "url": (N_("链接"), "http://p.cn/h5/demo")}
_PERSON = {**_CLIENT, "name": (N_("姓名（已脱敏）"), "张**")}

BALANCE = NoticeEvent(
    code="medical_legacy_balance", title=N_("历史预交金待退还"), kind="money", variables={**_PERSON, "amount": (N_("金额（元）"), "56.80")},
    good_for=dt.timedelta(days=5),
    words={
        "zh": Words(
            "有预交金待退还", "{{ name }}的就诊卡里还有预交金 {{ amount }} 元，请带身份证件和本人银行账户到医院收费处办理退还。",
            "【{{ client }}】{{ name }}的就诊卡里还有预交金待退还，请带身份证件和本人银行账户到收费处办理。",
            {"first": "您有预交金待退还", "keyword1": "{{ name }}", "keyword2": "{{ amount }} 元", "remark": "请到医院收费处办理"},
        ),
        "en": Words(
            "A prepaid balance is yours", "{{ name }}'s visit card still holds {{ amount }} yuan. Bring an id and your bank account to the cashier.",
            "[{{ client }}] {{ name }}'s visit card still holds a prepaid balance. Bring an id and your bank account to the cashier.",
            {"first": "A prepaid balance is yours", "keyword1": "{{ name }}", "keyword2": "{{ amount }} yuan", "remark": "Please come to the cashier"},
        ),
    },
)
TO_PHONE = NoticeEvent(
    code="medical_legacy_phone", title=N_("历史预交金待退还（未绑定）"), audience="phone", means=frozenset({"sms"}), variables=_PERSON,
    words={
        "zh": Words("有预交金待退还", "", "【{{ client }}】{{ name }}的就诊卡里还有预交金待退还，请带身份证件和本人银行账户到收费处办理。与您无关请忽略。"),
        "en": Words("A prepaid balance", "", "[{{ client }}] {{ name }}'s visit card holds a prepaid balance. Bring id and bank account. Ignore if not yours."),
    },
)
EVENTS = (BALANCE, TO_PHONE)
