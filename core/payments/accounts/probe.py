"""The test button: an order of 0.01 yuan is placed, asked about and closed again, over the real wire.

Nothing of it is written in the books. Somebody quick enough to pay it would have paid money that no order of ours expects: it lands in
suspense like any other unknown money, and finance gives it back.
"""

import datetime as dt
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
import structlog

from core import clock, ids
from core.errors import PlatformError
from core.identity import audit
from core.identity.actor import Actor
from core.payments import service
from core.payments.accounts import repository
from core.payments.accounts import service as accounts
from core.payments.accounts.schemas import ProbeRead, ProbeStep
from core.payments.channels.errors import AlreadyPaid, ChannelRefused, OrderNotAtChannel
from core.payments.channels.protocol import ChannelAccount, OrderRequest
from core.payments.errors import AccountNotFound, NothingToProbe
from core.payments.routing import health
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _

log = structlog.get_logger()
PREFIX = "T"
"""Payment orders begin with P: a probe is never mistaken for one."""
SCENES = ("native", "page", "h5", "app", "card")
"""Those that can be asked for without a payer, the one that leaves least behind first."""
LIFETIME = dt.timedelta(minutes=15)
AMOUNT_FEN = 1


def scene_of(way: Any) -> str:
    """The scene a channel is tested with; NothingToProbe for one without a wire."""
    for scene in SCENES:
        if scene in way.scenes:
            return scene
    raise NothingToProbe(title=_(way.title))


async def run(platform: Platform, client: ClientProfile, account_id: UUID, by: Actor) -> ProbeRead:
    """Test a merchant number; holds no transaction while the channel is called. What came of it stays beside the account."""
    async with platform.database.tenant(client.id) as session:
        row = await repository.lock_account(session, account_id)
        if row is None or row.channel not in platform.channels:
            raise AccountNotFound()
        account = await accounts.opened(session, platform.vault, row)
    way = platform.channels[row.channel]
    now = clock.now()
    request = OrderRequest(
        number=ids.number(PREFIX, clock.business_day(now).strftime("%y%m%d"), 14),
        description=_("收款账号测试，请勿支付"),
        amount_fen=AMOUNT_FEN,
        scene=scene_of(way),
        notify_url=f"{platform.settings.public_url}/notify/{row.channel}/{client.code}/{account_id}",
        expires_at=now + LIFETIME,
        placed_at=now,
        payer_ip="127.0.0.1",
        return_url=platform.settings.public_url,
    )
    steps = await _steps(platform, client, way, account, request)
    made = ProbeRead(number=request.number, scene=request.scene, ok=all(step.ok for step in steps), at=now, by=by.name, steps=steps)
    async with platform.database.tenant(client.id) as session:
        await repository.set_account(session, account_id, {"probe": msgspec.to_builtins(made)})
        if made.ok:
            await health.worked(session, account_id)
        after = {"number": made.number, "approved": made.ok}
        await audit.record(session, by, "payments.channel.probe", "channel_account", account_id, after=after)
    return made


async def _steps(platform: Platform, client: ClientProfile, way: Any, account: ChannelAccount, request: OrderRequest) -> list[ProbeStep]:
    """Create, ask, close; the later ones are tried even when the first was not answered, for it may have arrived all the same."""
    reference: dict[str, str | None] = {"": None}

    async def create() -> str:
        prepared = await way.create(account, request)
        reference[""] = prepared.reference
        return _("渠道已受理")

    async def query() -> str:
        state = await way.query(account, msgspec.structs.replace(request.ref, reference=reference[""]))
        words = {"pending": _("等待支付"), "unknown": _("没有人付款"), "closed": _("已关闭"), "succeeded": _("已支付"), "failed": _("支付失败")}
        return _("渠道答复：%(state)s", state=words.get(state.state, state.state))

    async def close() -> str:
        ref = msgspec.structs.replace(request.ref, reference=reference[""])
        try:
            await way.close(account, ref)
        except AlreadyPaid:
            await service.settle(platform, client.id, account, await way.query(account, ref))
            return _("已被支付，0.01 元已入长款挂账")
        except OrderNotAtChannel:
            return _("渠道没有留下订单，无需关闭")
        except ChannelRefused:
            if getattr(way, "closes_early", True):
                raise
            return _("这个渠道不提前关闭订单，到期自动失效")
        return _("已关闭")

    first = await _timed("create", create)
    return [first, await _timed("query", query), await _timed("close", close)]


async def _timed(step: str, work: Callable[[], Awaitable[str]]) -> ProbeStep:
    began = time.perf_counter_ns()
    try:
        ok, told = True, await work()
    except PlatformError as error:
        ok, told = False, f"{error.message}（{error.facts.get('reason', error.code)}）"
        log.info("probe_step_failed", step=step, code=error.code)
    return ProbeStep(step=step, ok=ok, told=told, duration_ms=(time.perf_counter_ns() - began) // 1_000_000)
