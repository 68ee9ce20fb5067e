"""The sandbox's clockwork: delivers notifications until they are answered, pays what is to be paid after its close."""

import asyncio
import contextlib

import httpx
import structlog
from asyncpg import Pool, PostgresError
from asyncpg.exceptions import InterfaceError

from core.sandbox import wallet
from core.sandbox.settings import SandboxSettings
from core.sandbox.wechatpay import merchants, notice_queue, notices, orders
from core.sandbox.wechatpay.notice_queue import Notice
from core.sandbox.wechatpay.notices import Sending

log = structlog.get_logger()
AT_ONCE = 32
LONGEST_NAP_SECONDS = 5.0


class Notifier:
    """A background task; everything it must remember is in the database, so a restart loses nothing."""

    def __init__(self, pool: Pool, settings: SandboxSettings) -> None:
        self._pool = pool
        self._settings = settings
        self._woken = asyncio.Event()
        self._sending: set[asyncio.Task] = set()
        self._client = httpx.AsyncClient(timeout=settings.notify_timeout_seconds, trust_env=False)

    def wake(self) -> None:
        """Something may be due now."""
        self._woken.set()

    @contextlib.asynccontextmanager
    async def running(self):
        """Deliver in the background for as long as the block lasts."""
        async with self._pool.acquire() as connection:
            await notice_queue.release_claims(connection)
        loop = asyncio.create_task(self._run())
        try:
            yield
        finally:
            for task in (loop, *self._sending):
                task.cancel()
            await asyncio.gather(loop, *self._sending, return_exceptions=True)
            await self._client.aclose()

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                nap = await self._round()
            except (PostgresError, InterfaceError, OSError) as error:
                log.warning("sandbox_notifier_database_away", error=repr(error))
                nap = 1.0
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), nap)

    async def _round(self) -> float:
        """Start everything that is due; returns how long to sleep."""
        async with self._pool.acquire() as connection:
            for order in await orders.due_for_late_payment(connection):
                merchant = await merchants.find(connection, order.mchid)
                openid = order.openid or wallet.openid(order.appid, wallet.DEFAULT_USER.code)
                await notices.pay(connection, merchant, order, openid)
            for notice in await notice_queue.claim_due(connection, AT_ONCE - len(self._sending)):
                task = asyncio.create_task(self._deliver(notice))
                self._sending.add(task)
                task.add_done_callback(self._finished)
            wait = await notice_queue.seconds_to_next(connection)
        if wait is None or len(self._sending) >= AT_ONCE:
            return LONGEST_NAP_SECONDS
        return min(wait + 0.001, LONGEST_NAP_SECONDS)

    def _finished(self, task: asyncio.Task) -> None:
        self._sending.discard(task)
        self.wake()
        if not task.cancelled() and task.exception() is not None:
            log.warning("sandbox_notice_failed", error=repr(task.exception()))

    async def _deliver(self, notice: Notice) -> None:
        """One attempt: the faulty copies first, then the genuine notification (twice where so told)."""
        async with self._pool.acquire() as connection:
            merchant = await merchants.find(connection, notice.mchid)
            order = await orders.find(connection, notice.mchid, notice.out_trade_no)
            key = await merchants.signing_key(connection, merchant.signing)
        for twist in notices.sent_first(notice):
            await self._post(notice, notices.twisted(twist, notice, order, merchant, key))
        delivered = False
        if "notice_lose" not in notice.twists:
            copies = 2 if "notice_duplicate" in notice.twists else 1
            sendings = [notices.genuine(notice, key) for _ in range(copies)]
            delivered = all(await asyncio.gather(*(self._post(notice, sending) for sending in sendings)))
        async with self._pool.acquire() as connection:
            await notice_queue.settle(connection, notice, delivered, self._settings.time_scale)

    async def _post(self, notice: Notice, sending: Sending) -> bool:
        """One POST; true when it was answered 200 or 204."""
        try:
            response = await self._client.post(notice.url, content=sending.body, headers=sending.headers)
            status, note = response.status_code, response.text
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            status, note = None, repr(error)
        async with self._pool.acquire() as connection:
            await notice_queue.record(connection, notice, sending.twist, status, note)
        return status in (200, 204)
