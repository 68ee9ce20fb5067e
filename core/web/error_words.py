"""The words of the error page: what happened, what to do, where to go; never how the machine works inside."""

import msgspec

from core.errors import PlatformError
from core.web.i18n import N_, gettext
from core.web.retold import retold


class ErrorWords(msgspec.Struct, frozen=True):
    """A heading, a piece of advice, and a button as (label, address)."""

    title: str
    advice: str
    way_out: tuple[str, str]


WORDS = {
    400: (N_("请求有误"), N_("请返回上一页，刷新后再试。")),
    401: (N_("请先登录"), N_("登录已过期或尚未登录，登录后会回到您刚才的页面。")),
    403: (N_("没有权限"), N_("如果您的工作需要这项权限，请联系本单位管理员。")),
    404: (N_("没有找到"), N_("请检查网址，或从首页重新进入。")),
    409: (N_("现在不能这样做"), N_("情况可能刚刚有了变化，请返回并刷新页面，确认最新状态后再操作。")),
    413: (N_("文件太大"), N_("请把文件拆小后再上传。")),
    422: (N_("内容需要修改"), N_("请返回上一页，按提示修改后重新提交。您已有的数据没有改变。")),
    429: (N_("操作太频繁"), N_("请稍等一分钟再试。")),
    500: (N_("系统出错了"), N_("您的资金与数据不受影响。请稍后再试；如仍不行，请把下面的编号告诉我们。")),
    502: (N_("外部服务暂时没有答复"), N_("如果您刚刚付过款，请不要重复支付，系统会自动核对结果。")),
    503: (N_("系统正在恢复"), N_("通常不到一分钟。如果您刚刚付过款，请不要重复支付，系统会自动核对结果。")),
}

BY_CODE = {
    "CLIENT_SUSPENDED": (N_("服务已暂停"), N_("已到账的资金与数据不受影响，恢复服务后即可继续使用。")),
}
"""Outcomes whose status alone would mislead."""

LOOKING = {
    "ONLY_LOOKING": (N_("这里只能看"), N_("这次操作没有执行，已记入客户的操作日志。"), (N_("回到首页"), "/console")),
    "SUPPORT_VIEW_OVER": (N_("查看已结束"), N_("客户可以随时收回授权；需要继续时请重新申请。"), (N_("回到客服查看"), "/bank/support")),
}
"""What the bank's support meets in a client's console."""


def error_words(status: int, path: str, code: str = "") -> ErrorWords:
    """The words for one outcome on one page."""
    if code in LOOKING:
        title, advice, (label, place) = LOOKING[code]
        return ErrorWords(gettext(title), gettext(advice), (gettext(label), place))
    title, advice = BY_CODE.get(code) or WORDS.get(status, WORDS[500 if status >= 500 else 400])
    home = home_of(path)
    if code in BY_CODE and not home.startswith("/h5/"):  # home would say the same again
        return ErrorWords(gettext(title), gettext(advice), (gettext("换一个账号登录"), "/login"))
    if status == 401 and not home.startswith("/h5/"):
        return ErrorWords(gettext(title), gettext(advice), (gettext("登录"), "/login"))
    return ErrorWords(gettext(title), gettext(advice), (gettext("回到首页"), home))


def home_of(path: str) -> str:
    """Where a person goes back to, by the face they came from."""
    face = path.strip("/").split("/")
    if face[0] == "h5" and len(face) > 1:
        return f"/h5/{face[1]}"
    return "/bank" if face[0] == "bank" else "/console"


def translated(error: PlatformError) -> str:
    """The sentence of one of our errors in the reader's language, its facts filled in; a fact that is a sentence of ours is told as well."""
    try:
        if type(error).message.format(**error.facts) == error.message:
            return gettext(type(error).message).format(**{name: retold(fact) if isinstance(fact, str) else fact for name, fact in error.facts.items()})
    except (KeyError, IndexError):
        return retold(error.message)
    return retold(error.message)
