"""What a payer is offered here and now, and which merchant number takes the charge: the device, the routes, the channels' health."""

from collections.abc import Collection, Iterable
from uuid import UUID

from core import money
from core.billing.schemas import BillRead
from core.database import Session
from core.payments import health, repository, routing
from core.payments.channels.protocol import Channel
from core.payments.errors import AmountOverLimit, ChannelBusy, ChannelNotOpened, MerchantNotCollecting
from core.payments.routing import Offer
from core.payments.schemas import PaymentOption
from core.platform import Platform
from core.web.i18n import N_
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
        why = _(BUSY).format(title=_(way.title), other="、".join(others)) if others else _("暂时繁忙，请稍候一两分钟再试")
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


async def taken(session: Session, way: Channel, scene: str, amount_fen: int, merchants: Collection[UUID]) -> Offer:
    """The merchant number that takes this charge now; raises where none does, where it is resting, or beyond its own limit."""
    offers = await routing.choose(session, [(way.code, scene)], amount_fen, merchants)
    if not offers:
        raise ChannelNotOpened(channel=way.title)
    offer = offers[0]
    if offer.stopped:
        raise MerchantNotCollecting(name=offer.stopped)
    if offer.busy or (offer.resting_until and not await health.admit(session, offer.account_id)):
        raise ChannelBusy(title=way.title)
    if offer.limit_fen and amount_fen > offer.limit_fen:
        raise AmountOverLimit(limit=money.format_yuan(offer.limit_fen))
    return offer


def merchants_of(bills: Iterable[BillRead]) -> set[UUID]:
    """For whom the money is: the merchants of the lines that still want some."""
    return {line.merchant_id for bill in bills for line in bill.lines if line.chosen and line.paid_fen < line.net_fen}
