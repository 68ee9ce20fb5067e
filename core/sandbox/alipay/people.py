"""The wallet's people as Alipay knows them, and the pay codes on their phones."""

import hashlib

from core.sandbox import wallet
from core.sandbox.alipay import keys
from core.sandbox.wallet import USERS, WalletUser

CODE_LENGTH = 18


def buyer_id(code: str) -> str:
    """A person's number at Alipay: the same everywhere."""
    digest = hashlib.sha256(f"alipay\n{code}".encode()).hexdigest()
    return f"2088{int(digest, 16) % 10**12:012d}"


def open_id(appid: str, code: str) -> str:
    """A person as one app knows them."""
    return wallet.openid(f"alipay {appid}", code)


def logon(code: str) -> str:
    """A masked login, as answers and statements show it."""
    return f"{code[:3]}***@example.com"


def account_name(code: str) -> str:
    """How a statement shows the other side: masked name and login."""
    return f"*{wallet.user(code).name[1:]}({logon(code)})"


def known(appid: str, named: str) -> WalletUser | None:
    """Whose buyer id or open id this is, if anyone's."""
    return next((u for u in USERS if named in (buyer_id(u.code), open_id(appid, u.code))), None)


def pay_code(code: str, *, asks: bool = False) -> str:
    """A fresh pay code of a person; `asks` has the wallet want a password first."""
    place = next(i for i, u in enumerate(USERS) if u.code == code)
    return f"28{place}{int(asks)}{keys.digits(CODE_LENGTH - 4)}"


def shown_by(auth_code: str) -> tuple[WalletUser, bool] | None:
    """Who shows this pay code, and whether a password is wanted; None for a code that is none."""
    if not (auth_code.isascii() and auth_code.isdigit() and len(auth_code) == CODE_LENGTH and auth_code.startswith("28")):
        return None
    place = int(auth_code[2])
    return (USERS[place], auth_code[3] == "1") if place < len(USERS) else None
