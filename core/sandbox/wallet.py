"""The people who hold the sandbox's wallet: a tester pays as one of them."""

import base64
import hashlib

import msgspec


class WalletUser(msgspec.Struct, frozen=True):
    code: str
    name: str
    note: str = ""
    can_pay: bool = True


USERS = (
    WalletUser("chen", "陈建国", "爸爸"),
    WalletUser("lin", "林秀英", "妈妈"),
    WalletUser("zhao", "赵奶奶", "祖辈，未绑定"),
    WalletUser("wu", "吴大为", "余额不足，付款会失败", can_pay=False),
)
DEFAULT_USER = USERS[0]


def user(code: str) -> WalletUser:
    """A wallet user by code; anyone unknown is the first one."""
    return next((u for u in USERS if u.code == code), DEFAULT_USER)


def openid(appid: str, code: str) -> str:
    """The user's openid under an appid: always the same there, different under every other appid."""
    digest = hashlib.sha256(f"{appid}\n{code}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


def holder(appid: str, held: str) -> WalletUser | None:
    """Whose openid this is under this appid, if anyone's."""
    return next((u for u in USERS if openid(appid, u.code) == held), None)
