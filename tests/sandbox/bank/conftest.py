"""A customer of the sandbox's bank: our client towards it, hands that compose every byte, and the tester's door."""

import asyncio
import datetime as dt
import secrets
import time
from uuid import uuid4

import httpx
import msgspec
import pytest

from core import clock
from core.payments.channels import rsa
from core.settlement.bank import Connection, Instruction, PaymentState
from core.settlement.bank_client import BankClient


class Customer:
    """One customer with its clearing account."""

    def __init__(self, door: httpx.AsyncClient, http: httpx.AsyncClient, given: dict) -> None:
        self.door = door
        self.http = http
        self.bank = BankClient(http)
        self.account, self.customer, self.given = given["account_number"], given["customer"], given
        names = ("base_url", "customer", "key_id", "private_key", "bank_public_key", "account_number", "account_name")
        self.connection = Connection(id=uuid4(), tenant_id=uuid4(), title="榕城银行", **{name: given[name] for name in names})

    def instruction(self, **wanted) -> Instruction:
        return Instruction(
            **{
                "number": f"PO{secrets.token_hex(11)}",
                "amount_fen": 9_940,
                "from_account": self.account,
                "to_account": f"99000100{secrets.randbelow(10**11):011d}",
                "to_name": "样例甲教育集团有限公司",
                "to_bank": "榕城银行甲城云溪支行",
                "purpose": "2026-11-20 学费结算",
            }
            | wanted
        )

    async def pay(self, instruction: Instruction) -> PaymentState:
        return await self.bank.pay(self.connection, instruction)

    async def query(self, number: str) -> PaymentState:
        return await self.bank.query(self.connection, number)

    async def outcome(self, number: str, *states: str) -> PaymentState:
        """What became of a payment, once it is one of these."""
        for _ in range(2000):
            if (found := await self.query(number)).state in states:
                return found
            await asyncio.sleep(0.005)
        raise AssertionError(f"never came to be: {found}")

    async def fund(self, amount_fen: int = 1_000_000, **wanted) -> str:
        reply = await self.door.post(f"/sandbox/api/bank/accounts/{self.account}/credits", json={"amount_fen": amount_fen} | wanted)
        assert reply.status_code == 201, reply.text
        return reply.json()["serial"]

    async def look(self, account: str = "") -> dict:
        return (await self.door.get(f"/sandbox/api/bank/accounts/{account or self.account}")).json()

    async def age(self, days: int = 1) -> dt.date:
        """Let everything be older; answers the day on which it was booked then."""
        reply = await self.door.post(f"/sandbox/api/bank/accounts/{self.account}/age", json={"days": days})
        assert reply.status_code == 200, reply.text
        return clock.today() - dt.timedelta(days=days)

    async def statement(self, day: dt.date) -> bytes | None:
        return await self.bank.fetch_statement(self.connection, self.account, day)

    async def collect(self, channel: str, mchid: str) -> None:
        reply = await self.door.put(f"/sandbox/api/bank/accounts/{self.account}/collects", json={"channel": channel, "mchid": mchid})
        assert reply.status_code == 200, reply.text

    async def settle(self, day: dt.date) -> None:
        reply = await self.door.post("/sandbox/api/bank/settle", json={"day": f"{day}"})
        assert reply.status_code == 200, reply.text

    async def faults(self, number: str, *faults: dict, of: str = "") -> None:
        reply = await self.door.put(f"/sandbox/api/faults/orders/{of or self.customer}/{number}", json={"faults": list(faults)})
        assert reply.status_code == 200, reply.text

    async def send(self, method: str, path: str, content: object = b"", **other) -> httpx.Response:
        """One request signed by hand; `other` replaces any of the signed words, or a header."""
        body = content if isinstance(content, bytes) else msgspec.json.encode(content)
        target = f"/bank/v1{path}"
        stamp, nonce = other.get("stamp", str(int(time.time()))), other.get("nonce", secrets.token_hex(16))
        message = "\n".join((method, target, stamp, nonce, "")).encode() + other.get("signs", body)
        headers = {
            "x-bank-customer": other.get("customer", self.customer),
            "x-bank-key": other.get("key_id", self.given["key_id"]),
            "x-bank-timestamp": stamp,
            "x-bank-nonce": nonce,
            "x-bank-signature": rsa.sign(rsa.private_key(other.get("key", self.given["private_key"])), message),
        }
        return await self.door.request(method, target, content=body or None, headers=headers)


@pytest.fixture(scope="module")
async def customer_of(outside):
    """Registers customers."""
    async with httpx.AsyncClient(trust_env=False) as http:

        async def make(name: str = "") -> Customer:
            reply = await outside.post("/sandbox/api/bank/connections", json={"name": name or f"学校{secrets.token_hex(4)}"})
            assert reply.status_code == 201, reply.text
            return Customer(outside, http, reply.json())

        yield make


@pytest.fixture(scope="module")
async def customer(customer_of):
    made = await customer_of()
    await made.fund(100_000_000)
    return made
