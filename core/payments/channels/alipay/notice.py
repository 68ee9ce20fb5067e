"""Alipay's asynchronous notification: proved first, read afterwards (Alipay §7)."""

from urllib.parse import parse_qsl

from core.payments.channels.alipay import crypto, keys, wire
from core.payments.channels.errors import ForgedNotice
from core.payments.channels.protocol import ChannelAccount, ChannelState, Notice

NOTICE_AGE_SECONDS = 26 * 3600
"""Alipay sends a notification for the last time 25 hours after the first; anything older is a replay."""
CHARSETS = frozenset({"utf-8", "gbk", "gb2312", "gb18030"})
MOST_FIELDS = 200


def read(account: ChannelAccount, body: bytes, now: float) -> Notice:
    """A genuine notification. `payment` also covers a trade that closed unpaid; money that went back is `refund`.

    Raises ForgedNotice with the reason: `form`, `type`, `signature`, `charset`, `clock` or `content`.
    """
    told = _proved(account, body)
    try:
        event_id, notify_type = told["notify_id"], told["notify_type"]
        if abs(now - wire.instant(told["notify_time"]).timestamp()) > NOTICE_AGE_SECONDS:
            raise ForgedNotice(reason="clock")
        if notify_type != "trade_status_sync":
            other = ChannelState(state="unknown", order_number=told.get("out_trade_no", ""), raw=body)
            return Notice(kind="other", event_id=event_id, event_type=notify_type, state=other)
        kind = "refund" if wire.tells_of_refund(told) else "payment"
        state, refund = wire.told_state(told, body), wire.told_refund(told, body)
    except (KeyError, ValueError) as error:
        raise ForgedNotice(reason="content") from error
    return Notice(kind=kind, event_id=event_id, event_type=f"{notify_type}.{told['trade_status']}", state=state, refund=refund)


def _proved(account: ChannelAccount, body: bytes) -> dict[str, str]:
    """The fields of a form that Alipay signed. A name that comes twice could mean two things, so it means none."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, encoding="latin-1", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise ForgedNotice(reason="form") from error
    given = dict(pairs)
    if len(given) != len(pairs):
        raise ForgedNotice(reason="form")
    if given.get("sign_type") != crypto.SIGN_TYPE:
        raise ForgedNotice(reason="type")
    received, filled = crypto.notice_text(given), crypto.notice_text(given, empties=False)
    if not any(keys.signed_by_alipay(account, text, given.get("sign", "")) for text in dict.fromkeys((received, filled))):
        raise ForgedNotice(reason="signature")
    charset = given.get("charset", "utf-8").lower()
    try:
        if charset not in CHARSETS:
            raise ValueError(charset)
        return {name: value.encode("latin-1").decode(charset) for name, value in given.items()}
    except ValueError as error:
        raise ForgedNotice(reason="charset") from error
