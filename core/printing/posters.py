"""Posters: a QR that everybody sees from afar, whose it is, where it hangs, and how to pay in three steps. One page each, A4.

Any feature or plugin makes its own (`Poster`): a class, a campus, a dormitory, a building, a window.
"""

import msgspec

from core.printing.font import writable

STEPS = ("用微信或支付宝扫描二维码", "第一次使用请按提示绑定，之后自动记住", "核对金额，付款，电子收据随时可查")
CAUTION = "请认准本单位名称；工作人员不会要求您向个人账户转账。"


class Poster(msgspec.Struct, frozen=True, kw_only=True):
    """What one poster says; `place` is where it hangs (三年级2班), `url` what its QR opens, `colour` the client's `#rrggbb`."""

    client: str
    place: str
    url: str
    title: str = "扫码缴费"
    steps: tuple[str, ...] = STEPS
    phone: str = ""
    colour: str = "#0f6b57"
    bank: str = ""


def plain(poster: Poster) -> Poster:
    """What no font can write stands as 〓."""
    words = {name: writable(getattr(poster, name)) for name in ("client", "place", "title", "phone", "bank")}
    return msgspec.structs.replace(poster, **words, steps=tuple(writable(step) for step in poster.steps))
