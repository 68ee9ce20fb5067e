"""The bank believes nobody who cannot prove it, and our client believes no answer that was not made for its question."""

import secrets
import time

import httpx
import msgspec
import pytest

from core.payments.channels import rsa
from core.payments.channels.errors import AccountIncomplete, StatementBroken
from core.sandbox.bank.customers import new_pair
from core.sandbox.serving import serving
from core.settlement.bank import BankSilent, Connection
from core.settlement.bank_client import BankClient


async def test_a_request_by_the_book_is_taken(customer):
    reply = await customer.send("GET", f"/payments/{secrets.token_hex(12)}")
    assert (reply.status_code, reply.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "wrong",
    [
        {"customer": "EB0000000000"},
        {"key_id": "0" * 16},
        {"stamp": str(int(time.time()) - 3_600)},
        {"stamp": "now"},
        {"nonce": "short"},
        {"signs": b"another body"},
        {"key": new_pair()[0]},
    ],
)
async def test_a_request_that_proves_nothing_is_refused(customer, wrong):
    reply = await customer.send("GET", f"/payments/{secrets.token_hex(12)}", **wrong)
    assert (reply.status_code, reply.json()["code"]) == (401, "SIGN_ERROR")


async def test_a_request_heard_before_is_refused(customer):
    nonce = secrets.token_hex(16)
    assert (await customer.send("GET", "/payments/x", nonce=nonce)).status_code == 404
    reply = await customer.send("GET", "/payments/x", nonce=nonce)
    assert (reply.status_code, "重放" in reply.json()["message"]) == (401, True)


@pytest.mark.parametrize(
    "change",
    [{"number": "short"}, {"amount_fen": 0}, {"amount_fen": "100"}, {"amount_fen": 1.5}, {"to_name": " "}, {"to_account": "../x"}, {"extra": 1}],
)
async def test_an_instruction_with_a_wrong_field_is_refused(customer, change):
    reply = await customer.send("POST", "/payments", msgspec.to_builtins(customer.instruction()) | change)
    assert (reply.status_code, reply.json()["code"]) == (400, "PARAMETER_ERROR")


class Liar:
    """Somebody who answers in the bank's place, with the bank's key or without."""

    def __init__(self, private_pem: str) -> None:
        self.private_pem = private_pem
        self.content: dict | bytes = {}
        self.status = 200
        self.nonce: str | None = None
        self.stamp: str | None = None
        self.target: str | None = None

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = self.content if isinstance(self.content, bytes) else msgspec.json.encode(self.content)
        stamp, nonce = self.stamp or str(int(time.time())), self.nonce or headers["x-bank-nonce"]
        message = "\n".join((str(self.status), self.target or scope["path"], stamp, nonce, "")).encode() + body
        proof = rsa.sign(rsa.private_key(self.private_pem), message)
        told = [(b"x-bank-timestamp", stamp.encode()), (b"x-bank-signature", proof.encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": told})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def liar(customer):
    """A false bank on a port of its own, and a connection that leads there; it holds the key that the connection trusts."""
    private, public = new_pair()
    made = Liar(private)
    async with serving(made) as address, httpx.AsyncClient(trust_env=False) as http:
        made.connection = msgspec.structs.replace(customer.connection, base_url=f"{address}/bank/v1", bank_public_key=public)
        made.bank = BankClient(http)
        yield made


PAID = {"amount_fen": 9_940, "state": "paid", "serial": "20261122000000000001", "paid_at": "2026-11-22T01:00:00Z"}


async def test_the_liar_is_believed_when_it_speaks_by_the_book(customer, liar):
    wanted = customer.instruction()
    liar.content = PAID | {"number": wanted.number}
    assert (await liar.bank.pay(liar.connection, wanted)).state == "paid"


@pytest.mark.parametrize(
    "lie",
    [
        {"private_pem": new_pair()[0]},
        {"nonce": "0" * 32},
        {"stamp": "1000000000"},
        {"stamp": "9" * 40},
        {"target": "/bank/v1/payments/another"},
        {"content": b"<html>"},
        {"content": {"number": "another", **PAID}},
        {"content": PAID | {"amount_fen": 994_000}},
        {"content": PAID | {"state": "perhaps"}},
        {"content": PAID | {"serial": None}},
        {"status": 500},
    ],
)
async def test_an_answer_that_is_forged_replayed_or_about_something_else_is_unknown(customer, liar, lie):
    wanted = customer.instruction()
    liar.content = PAID | {"number": wanted.number}
    for name, value in lie.items():
        setattr(liar, name, {"number": wanted.number} | value if isinstance(value, dict) else value)
    assert (await liar.bank.pay(liar.connection, wanted)).state == "unknown"


async def test_a_bank_that_is_away_is_unknown(customer):
    away = msgspec.structs.replace(customer.connection, base_url="http://127.0.0.1:9/bank/v1")
    assert (await customer.bank.query(away, "PO00000000000000")).state == "unknown"
    with pytest.raises(BankSilent):
        await customer.bank.fetch_statement(away, customer.account, await customer.age())


async def test_a_statement_announced_for_another_account_or_place_is_refused(customer, liar):
    day = await customer.age()
    announced = {"account": customer.account, "day": f"{day}", "size": 10, "sha256": "0" * 64}
    for path, change in (("http://evil/x", {}), (f"/statements/{customer.account}/x", {"account": "1"}), (f"/statements/{customer.account}/x", {"size": 0})):
        liar.content = announced | {"path": path} | change
        with pytest.raises(StatementBroken):
            await liar.bank.fetch_statement(liar.connection, customer.account, day)


async def test_a_connection_without_a_readable_key_says_what_is_missing(customer):
    broken: Connection = msgspec.structs.replace(customer.connection, private_key="none")
    with pytest.raises(AccountIncomplete):
        await customer.bank.pay(broken, customer.instruction())
