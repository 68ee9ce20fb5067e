"""What our messages say, in Chinese, and how each is treated: held back at night, wiped once sent, worthless after a while."""

import datetime as dt

import msgspec


class Wording(msgspec.Struct, frozen=True):
    """`quiet` messages wait for the morning; a `secret` one is wiped once sent; one older than `good_for` is not sent any more."""

    text: str
    quiet: bool = True
    secret: bool = False
    good_for: dt.timedelta = dt.timedelta(days=2)


_CODE = dt.timedelta(minutes=5)

WORDINGS: dict[str, Wording] = {
    "bind_code": Wording("【{client}】验证码 {code}，用于绑定{name}，5 分钟内有效。如非本人操作请勿告诉他人。", False, True, _CODE),
    "login_code": Wording("【{client}】登录验证码 {code}，5 分钟内有效，请勿告诉他人。", False, True, _CODE),
    "guardian_request": Wording("【{client}】手机号 {phone} 申请绑定{name}，请在缴费页面“我的绑定”中确认或拒绝：{url}"),
    "bill_issued": Wording("【{client}】{name}的“{title}”账单已出，应缴 {amount} 元，请于 {due_on} 前缴清：{url}"),
    "due_soon": Wording("【{client}】{name}的“{title}”还有 {amount} 元待缴，{due_on} 到期：{url}"),
    "overdue": Wording("【{client}】{name}的“{title}”已逾期，还有 {amount} 元待缴，请尽快缴清：{url}"),
    "reminder": Wording("【{client}】提醒：{name}的“{title}”还有 {amount} 元待缴，{due_on} 到期：{url}"),
    "channel_expiry": Wording("【{client}】收款商户号 {mchid} 的证书还有 {days} 天到期（{expires_on}），请在渠道商户平台更换后登记到系统。"),
    "reminder_unbound": Wording("【{client}】{name}有费用待缴，请打开 {url} 绑定后查看和缴费。已缴清或与您无关请忽略。"),
    "paid": Wording("【{client}】已收到{name}的缴费 {amount} 元，电子收据：{url}"),
}


def write(template: str, facts: dict[str, str]) -> str:
    """The message itself; a fact that is missing is a programmer's error."""
    return WORDINGS[template].text.format(**facts)
