"""The test cards: what each number does when it is charged (Stripe sheet §6)."""

import hashlib

import msgspec


class Card(msgspec.Struct, frozen=True):
    """A card number and its behaviour; without a `code` it pays."""

    number: str
    brand: str
    note: str
    code: str | None = None
    decline_code: str | None = None
    authenticate: bool = False
    token: str = ""

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def shown(self) -> str:
        """The number in groups of four."""
        return " ".join(self.number[at : at + 4] for at in range(0, len(self.number), 4))


CARDS = (
    Card("4242424242424242", "visa", "支付成功", token="pm_card_visa"),
    Card("5555555555554444", "mastercard", "支付成功", token="pm_card_mastercard"),
    Card("6200000000000005", "unionpay", "支付成功", token="pm_card_unionpay"),
    Card("4000002500003155", "visa", "需要持卡人验证（3-D Secure）", authenticate=True, token="pm_card_authenticationRequired"),
    Card("4000000000000002", "visa", "发卡行拒绝", "card_declined", "generic_decline", token="pm_card_visa_chargeDeclined"),
    Card("4000000000009995", "visa", "余额不足", "card_declined", "insufficient_funds", token="pm_card_visa_chargeDeclinedInsufficientFunds"),
    Card("4000000000009987", "visa", "卡已挂失", "card_declined", "lost_card", token="pm_card_visa_chargeDeclinedLostCard"),
    Card("4000000000000069", "visa", "卡已过期", "expired_card", token="pm_card_chargeDeclinedExpiredCard"),
    Card("4000000000000127", "visa", "安全码错误", "incorrect_cvc", token="pm_card_chargeDeclinedIncorrectCvc"),
    Card("4000000000000341", "visa", "可绑定，扣款时被拒", "card_declined", "generic_decline", token="pm_card_chargeCustomerFail"),
)
MESSAGES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "payment_intent_authentication_failure": "The provided PaymentMethod has failed authentication.",
}
WORDS = {
    "generic_decline": "发卡行拒绝了这笔付款，请换一张卡",
    "insufficient_funds": "卡内余额不足，请换一张卡",
    "lost_card": "这张卡不能使用，请换一张卡",
    "expired_card": "卡已过期，请检查有效期或换一张卡",
    "incorrect_cvc": "安全码不正确，请核对卡背面的三位数字",
    "incorrect_number": "卡号不正确，请核对",
    "invalid_expiry_year": "有效期不正确，请核对",
    "payment_intent_authentication_failure": "持卡人验证没有通过，没有扣款",
}
_BY_NUMBER = {card.number: card for card in CARDS}
_BY_TOKEN = {card.token: card for card in CARDS}


def by_number(number: str) -> Card | None:
    """A test card by its number, spaces or not; any other number is nobody's."""
    return _BY_NUMBER.get("".join(number.split()))


def by_token(token: str) -> Card | None:
    """A test card by the ready-made name that stands for it: `pm_card_visa`."""
    return _BY_TOKEN.get(token)


def message(code: str, decline_code: str | None = None) -> str:
    """What the gateway says when a card is refused."""
    return MESSAGES.get(decline_code or "") or MESSAGES.get(code, MESSAGES["card_declined"])


def fingerprint(number: str) -> str:
    """The same for the same card, and no way back to its number."""
    return hashlib.sha256(f"sandbox card {number}".encode()).hexdigest()[:16]
