"""A merchant of the card gateway that composes its requests by hand, so that each can be wrong."""

import secrets

import httpx
import pytest

from core.payments.channels.protocol import ChannelAccount


class Merchant:
    """One account at the gateway: its keys, and hands on both sides."""

    def __init__(self, client: httpx.AsyncClient, given: dict) -> None:
        self.client = client
        self.mchid, self.credentials = given["mchid"], given["credentials"]
        self.account = ChannelAccount(channel="stripe", **{name: given[name] for name in ("mchid", "appid", "base_url", "credentials")})

    async def ask(self, method: str, path: str, form: dict | None = None, *, key: str = "", headers: dict | None = None) -> httpx.Response:
        """One request with the secret key; lists become `name[]`, nesting is written out."""
        sent = {"Authorization": f"Bearer {self.credentials['secret_key']}", **({"Idempotency-Key": key} if key else {}), **(headers or {})}
        told = {"params": form} if method == "GET" else {"data": form or {}}
        return await self.client.request(method, f"/v1/{path}", headers=sent, **told)

    async def create(self, number: str = "", *, key: str = "", **wanted) -> dict:
        """An intent of 10.00 yuan, unless another is wanted."""
        number = number or f"T{secrets.token_hex(12)}"
        form = {"amount": "1000", "currency": "cny", "payment_method_types[]": "card", "metadata[merchant_order_no]": number}
        reply = await self.ask("POST", "payment_intents", form | wanted, key=key)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def paid(self, number: str = "", **wanted) -> dict:
        """An intent charged at once."""
        return await self.create(number, confirm="true", payment_method="pm_card_visa", **wanted)

    async def confirm(self, intent: dict, card: str = "pm_card_visa", **more) -> httpx.Response:
        return await self.ask("POST", f"payment_intents/{intent['id']}/confirm", {"payment_method": card} | more)

    async def refund(self, intent: dict, **wanted) -> httpx.Response:
        return await self.ask("POST", "refunds", {"payment_intent": intent["id"]} | wanted)

    async def look(self, number: str) -> dict:
        return (await self.client.get(f"/sandbox/api/stripe/orders/{self.mchid}/{number}")).json()

    async def faults(self, number: str, *faults: dict) -> None:
        reply = await self.client.put(f"/sandbox/api/faults/orders/{self.mchid}/{number}", json={"faults": list(faults)})
        assert reply.status_code == 200, reply.text

    async def hear_at(self, url: str, events: list[str] | None = None) -> None:
        """Have webhooks sent somewhere."""
        reply = await self.client.put(f"/sandbox/api/stripe/merchants/{self.mchid}/webhook", json={"url": url, "events": events})
        assert reply.status_code == 200, reply.text


@pytest.fixture(scope="module")
def card_merchant_of():
    """Registers an account through an open door and gives its hands."""

    async def make(client: httpx.AsyncClient, **wanted) -> Merchant:
        reply = await client.post("/sandbox/api/stripe/merchants", json={"name": "榕城第一实验学校", **wanted})
        assert reply.status_code == 201, reply.text
        return Merchant(client, reply.json())

    return make


@pytest.fixture(scope="module")
async def merchant(outside, card_merchant_of):
    return await card_merchant_of(outside)
