"""What a payer is offered here and now, and which merchant number takes the charge: the device, the routes, the channels' health."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

import msgspec

from core import money
from core.billing.holding import HeldBill, hold_bills
from core.billing.schemas import BillRead
from core.database import Session
from core.payments import repository
from core.payments.channels.protocol import Channel
from core.payments.errors import AmountOverLimit, ChannelBusy, ChannelNotOpened, MerchantNotCollecting
from core.payments.routing import repository as routing_repository
from core.payments.routing import service as routing
from core.payments.routing.service import Offer, Way
from core.payments.schemas import PaymentOption
from core.platform import Platform
from core.web.i18n import N_, listed
from core.web.i18n import gettext as _

BUSY = N_("{title}暂时繁忙，可改用{other}")
SCENE_HINTS = {"native": N_("用手机扫码付款"), "page": N_("跳转到它的网页付款"), "card": N_("填写银行卡付款")}


async def payment_options(
    platform: Platform, session: Session, user_agent: str, amount_fen: int, merchants: Collection[UUID] = ()
) -> list[PaymentOption]:
    """What is offered on this device for this amount, with the limits people must know of; what is down comes last and says so."""
    used = set(await repository.list_channels(session))
    opened = [way for code, way in platform.channels.items() if code in used]
    candidates = [(way.code, scene) for way in opened for scene in routing.scenes_here(user_agent, way)]
    offers = await routing.choose(session, candidates, amount_fen, merchants) if candidates else []
    others = [_(platform.channels[offer.channel].title) for offer in offers if not offer.busy]
    return [_option(platform.channels[offer.channel], offer, amount_fen, others) for offer in offers]


def _option(way: Channel, offer: Offer, amount_fen: int, others: list[str]) -> PaymentOption:
    limit = routing.least(way.limits.get(offer.scene), offer.limit_fen)
    why = ""
    if offer.stopped:
        why = _("“%(name)s”暂时不能收款，请联系收费单位", name=offer.stopped)
    elif offer.busy:
        why = _(BUSY).format(title=_(way.title), other=listed(others)) if others else _("暂时繁忙，请稍候一两分钟再试")
    return PaymentOption(
        channel=offer.channel,
        scene=offer.scene,
        title=way.title,
        limit_fen=limit,
        payments_needed=1 if not limit else max(1, -(-amount_fen // limit)),
        available=not why,
        why=why,
        hint=SCENE_HINTS.get(offer.scene, ""),
    )


class Charge(msgspec.Struct, frozen=True):
    """The bills of a charge, held in an open transaction, and the merchant numbers that may collect for them."""

    session: Session
    bills: list[HeldBill]
    ways: list[Way]

    def best(self, channel: str, scene: str, amount_fen: int) -> Offer | None:
        """The merchant number of a channel that would take an amount."""
        return next(iter(routing.best_of(self.ways, [(channel, scene)], amount_fen)), None)


def limit_of(way: Channel, scene: str, charge: Charge, amount_fen: int) -> int | None:
    """What one charge can be at most here, fen; None without a limit, or where nobody takes it."""
    offer = charge.best(way.code, scene, amount_fen)
    return routing.least(way.limits.get(scene), offer.limit_fen) if offer else None


def wanted(way: Channel, scene: str, charge: Charge, amount_fen: int) -> Offer:
    """The merchant number that takes this charge now; raises where none does, where it is to be left alone, or beyond its own limit.

    One that has rested takes it only if it is let try (`health.admit`).
    """
    offer = charge.best(way.code, scene, amount_fen)
    if offer is None:
        raise ChannelNotOpened(channel=way.title)
    if offer.stopped:
        raise MerchantNotCollecting(name=offer.stopped)
    if offer.busy:
        raise ChannelBusy(title=way.title)
    if offer.limit_fen and amount_fen > offer.limit_fen:
        raise AmountOverLimit(limit=money.format_yuan(offer.limit_fen))
    return offer


async def hold(session: Session, bill_ids: Sequence[UUID], channel: str) -> Charge:
    """Hold bills for a charge at a channel: of two taps at once the second waits here, and finds the first one's order.

    Raises BillNotFound when any is not this client's.
    """
    bills, beside = await hold_bills(session, bill_ids, routing_repository.every_way([channel]))
    lines = sorted((line for bill in bills for line in bill.lines), key=lambda line: line.merchant_code)
    stopped = dict.fromkeys(line.merchant_name for line in lines if line.merchant_status != "active")
    return Charge(session, bills, routing.ways_for(beside["ways"], {line.merchant_id for line in lines}, "、".join(stopped)))


def merchants_of(bills: Iterable[BillRead]) -> set[UUID]:
    """For whom the money is: the merchants of the lines that still want some."""
    return {line.merchant_id for bill in bills for line in bill.lines if line.chosen and line.paid_fen < line.net_fen}
