"""Payers as they are: they press twice, give up, come back, pay in two places at once, and try again when a page does not load."""

import asyncio
import contextlib
import random
import re
import ssl
from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import msgspec

from core import ids
from core.bench.chaos.house import House

PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0 Mobile Safari/537.36"
TRIES = 75
RESTS = "暂时繁忙"
"""What a payer reads while a channel that did not answer is left alone."""
_TLS = ssl.create_default_context()
"""Made once: every client would make its own, at twenty milliseconds of CPU each, for connections that use none."""
_CSRF = re.compile(r'name="_csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="_csrf_token"')
HABITS = (("pays", 70), ("presses_twice", 10), ("two_of_the_family", 6), ("gives_up", 5), ("changes_mind", 4), ("pays_twice", 5))


class Owed(msgspec.Struct, frozen=True):
    """A bill of the drill as its payer knows it."""

    bill_id: UUID
    pay_code: str
    amount_fen: int


class Traffic:
    """All payers of a drill; `done` counts what they came to."""

    def __init__(self, house: House, client_code: str, mchid: str, chance: random.Random) -> None:
        self.done: Counter[str] = Counter()
        self.unexpected: list[str] = []
        self._house = house
        self._home = f"/h5/{client_code}"
        self._mchid = mchid
        self._chance = chance

    async def flow(self, bills: Sequence[Owed], at_once: int) -> None:
        """Have every bill paid, or given up, by somebody."""
        waiting = asyncio.Queue()
        for bill in bills:
            waiting.put_nowait(bill)

        async def payer() -> None:
            while not waiting.empty():
                await self._one(waiting.get_nowait())

        await asyncio.gather(*(payer() for _ in range(at_once)))

    async def _one(self, bill: Owed) -> None:
        habits, weights = zip(*HABITS, strict=True)
        habit = self._chance.choices(habits, weights)[0]
        async with self._phone() as phone, self._phone() as other:
            match habit:
                case "presses_twice":
                    await asyncio.gather(self._pay(phone, bill, twice=True))
                case "two_of_the_family":
                    await asyncio.gather(self._pay(phone, bill), self._pay(other, bill))
                case "gives_up":
                    await self._begin(phone, bill, False)
                case "changes_mind":
                    number = await self._begin(phone, bill, False)
                    if number:
                        await self._form(phone, f"/orders/{number}/cancel", {})
                    await self._pay(other, bill)
                case "pays_twice":
                    await self._pay(phone, bill)
                    await self._pay(other, bill)
                case _:
                    await self._pay(phone, bill)
        self.done[habit] += 1

    async def _pay(self, phone: httpx.AsyncClient, bill: Owed, twice: bool = False) -> None:
        number = await self._begin(phone, bill, twice)
        if number is None:
            return
        for _ in range(TRIES):
            with contextlib.suppress(httpx.HTTPError):
                answer = await phone.post(
                    f"{self._house.settings.sandbox_url}/sandbox/api/wechatpay/orders/{self._mchid}/{number}/pay", json={}
                )
                if answer.status_code in (200, 404, 409):
                    self.done["wallet_paid" if answer.status_code == 200 else "wallet_refused"] += 1
                    return
            await asyncio.sleep(0.4)

    async def _begin(self, phone: httpx.AsyncClient, bill: Owed, twice: bool) -> str | None:
        """Open the bill by its pay code and press "pay": the order's number, or None when nothing is to be paid any more."""
        if not await self._form(phone, "/code", {"code": bill.pay_code}):
            return None
        for _ in range(TRIES):
            fields = {"bill": str(bill.bill_id), "way": "wechatpay:h5", "choice": "all", "idempotency_key": ids.token()}
            presses = [self._form(phone, "/pay", fields) for _ in range(2 if twice else 1)]
            answers = [answer for answer in await asyncio.gather(*presses) if answer]
            numbers = {number for answer in answers if (number := _order_of(answer))}
            if len(numbers) > 1:
                self.done["two_orders_for_two_presses"] += 1
            if numbers or not await self._rests(phone, answers):
                return min(numbers, default=None)
            self.done["came_back_later"] += 1
            await asyncio.sleep(2)
        return None

    async def _rests(self, phone: httpx.AsyncClient, answers: Sequence[httpx.Response]) -> bool:
        """Whether the page says that the channel rests for a minute; a payer then comes back."""
        for answer in answers:
            with contextlib.suppress(httpx.HTTPError):
                page = await phone.get(answer.headers["location"]) if answer.status_code == 303 else answer
                if RESTS in page.text:
                    return True
        return False

    async def _form(self, phone: httpx.AsyncClient, path: str, fields: dict[str, str]) -> httpx.Response | None:
        """Send a form as often as it takes; the same fields each time, as a browser's reload does."""
        for _ in range(TRIES):
            with contextlib.suppress(httpx.HTTPError, AttributeError):
                page = await phone.get(f"{self._home}/code")
                found = _CSRF.search(page.text)
                answer = await phone.post(self._home + path, data=fields | {"_csrf_token": found.group(1) or found.group(2)})
                if answer.status_code in (200, 303):
                    return answer
                self.done[f"answered_{answer.status_code}"] += 1
                if answer.status_code == 500:
                    self.unexpected.append(answer.text[:2000])
            await asyncio.sleep(0.4)
        self.done["gave_up_trying"] += 1
        return None

    def _phone(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self._house.settings.public_url, trust_env=False, verify=_TLS, timeout=15, headers={"user-agent": PHONE}
        )


def _order_of(answer: httpx.Response) -> str | None:
    """The order that a press led to: by the wallet's page that leads back to it, or by our own page about it."""
    target = answer.headers.get("location", "")
    back = parse_qs(urlsplit(target).query).get("redirect_url", [target])[0]
    found = re.search(r"/orders/([A-Za-z0-9]{16,32})", back)
    return found.group(1) if found else None
