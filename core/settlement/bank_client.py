"""The bank's core over HTTP: JSON both ways, each message signed (RSA, SHA-256) over its raw bytes, answers checked before they are believed.

What is signed: `METHOD\\npath?query\\ntimestamp\\nnonce\\n` and the body; in an answer `status\\npath?query\\ntimestamp\\nnonce of the question\\n` and
the body. So an answer belongs to one question and one moment: neither another's answer nor an old one passes.
"""

import datetime as dt
import hashlib
import secrets
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from core import clock
from core.payments.channels import rsa
from core.payments.channels.errors import AccountIncomplete, StatementBroken, StatementNotReady
from core.settlement.bank import BankRefused, BankSilent, Connection, Instruction, PaymentState

WINDOW_SECONDS = 300
STATEMENT_SECONDS = 60.0
MAX_BYTES = 64 * 1024 * 1024


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as the bank tells it."""

    number: str
    amount_fen: int
    state: str
    serial: str | None = None
    paid_at: dt.datetime | None = None
    returned_at: dt.datetime | None = None
    reason: str = ""


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """A statement's file as the bank announces it."""

    account: str
    day: dt.date
    size: int
    sha256: str
    path: str


class Refusal(msgspec.Struct, frozen=True):
    """A no in the bank's words."""

    code: str
    message: str = ""


class Answer(msgspec.Struct, frozen=True):
    """A verified answer."""

    status: int
    body: bytes

    def read(self, kind: type) -> object:
        """What it says. Raises BankSilent: signed, but not in the words agreed on."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except msgspec.MsgspecError as error:
            raise BankSilent(reason="answer") from error


class BankClient:
    """`core.settlement.bank.BankCore` over httpx; one for all clients."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def pay(self, connection: Connection, instruction: Instruction) -> PaymentState:
        """Have money paid out; `unknown` when the answer was lost or cannot be believed. Raises BankRefused."""
        try:
            answer = await self._ask(connection, "POST", "/payments", msgspec.json.encode(msgspec.to_builtins(instruction)))
            return _state(answer, instruction.number, instruction.amount_fen)
        except BankSilent as silent:
            return PaymentState(state="unknown", number=instruction.number, reason=str(silent.facts.get("reason", "")))

    async def query(self, connection: Connection, number: str) -> PaymentState:
        """What became of an instruction; `absent` when the bank never had it, `unknown` when it could not be asked. Raises BankRefused."""
        try:
            answer = await self._ask(connection, "GET", f"/payments/{quote(number, safe='')}")
            if answer.status == 404 and answer.read(Refusal).code == "NOT_FOUND":
                return PaymentState(state="absent", number=number)
            return _state(answer, number, None)
        except BankSilent as silent:
            return PaymentState(state="unknown", number=number, reason=str(silent.facts.get("reason", "")))

    async def fetch_statement(self, connection: Connection, account_number: str, day: dt.date) -> bytes | None:
        """A day's statement, byte for byte; None when nothing moved. Raises StatementNotReady, StatementBroken, BankSilent, BankRefused."""
        answer = await self._ask(connection, "GET", f"/statements/{quote(account_number, safe='')}/{day:%Y-%m-%d}")
        if answer.status != 200:
            refusal = answer.read(Refusal)
            if refusal.code == "NO_STATEMENT":
                return None
            if refusal.code == "STATEMENT_CREATING":
                raise StatementNotReady(day=f"{day:%Y-%m-%d}")
            raise _refused(answer)
        announced = answer.read(Announced)
        prefix = f"/statements/{account_number}/"
        path = announced.path[announced.path.find(prefix) :] if prefix in announced.path else ""
        if (announced.account, announced.day) != (account_number, day) or not path or not 0 < announced.size <= MAX_BYTES:
            raise StatementBroken(reason="announcement")
        file = await self._ask(connection, "GET", path, seconds=STATEMENT_SECONDS)
        if file.status != 200:
            raise StatementNotReady(day=f"{day:%Y-%m-%d}")
        if len(file.body) != announced.size or hashlib.sha256(file.body).hexdigest() != announced.sha256:
            raise StatementBroken(reason="SHA-256")
        return file.body

    async def _ask(self, connection: Connection, method: str, path: str, content: bytes = b"", seconds: float | None = None) -> Answer:
        """One signed question and its verified answer, whatever its status. Raises BankSilent, AccountIncomplete."""
        url = connection.base_url.rstrip("/") + path
        target, stamp, nonce = urlsplit(url).path, str(int(clock.now().timestamp())), secrets.token_hex(16)
        private_key, public_key = _keys(connection)
        headers = {
            "content-type": "application/json",
            "x-bank-customer": connection.customer,
            "x-bank-key": connection.key_id,
            "x-bank-timestamp": stamp,
            "x-bank-nonce": nonce,
            "x-bank-signature": rsa.sign(private_key, _message(method, target, stamp, nonce) + content),
        }
        patience = {} if seconds is None else {"timeout": seconds}
        try:
            response = await self._client.request(method, url, content=content or None, headers=headers, **patience)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise BankSilent(reason=type(error).__name__) from error
        stamp = response.headers.get("x-bank-timestamp", "")
        fresh = stamp.isdecimal() and abs(clock.now().timestamp() - int(stamp[:12])) <= WINDOW_SECONDS
        message = _message(str(response.status_code), target, stamp, nonce) + response.content
        if not fresh or not rsa.signed_by(public_key, message, response.headers.get("x-bank-signature", "")):
            raise BankSilent(reason="signature")
        if response.status_code >= 500 or response.status_code == 401:
            raise BankSilent(reason=f"HTTP {response.status_code}")
        return Answer(response.status_code, response.content)


def _message(*words: str) -> bytes:
    return "\n".join((*words, "")).encode()


def _keys(connection: Connection) -> tuple[rsa.RSAPrivateKey, rsa.RSAPublicKey]:
    try:
        return rsa.private_key(connection.private_key), rsa.public_key(connection.bank_public_key)
    except rsa.BadKey as error:
        raise AccountIncomplete(mchid=connection.customer, missing="private_key, bank_public_key") from error


def _state(answer: Answer, number: str, amount_fen: int | None) -> PaymentState:
    """What an answer says of a payment; one about another number or another sum tells nothing."""
    if answer.status != 200:
        raise _refused(answer)
    told = answer.read(Told)
    known = told.state in ("accepted", "paid", "failed", "returned")
    if not known or told.number != number or (amount_fen is not None and told.amount_fen != amount_fen):
        raise BankSilent(reason="answer")
    if told.state in ("paid", "returned") and (not told.serial or told.paid_at is None):
        raise BankSilent(reason="answer")
    return PaymentState(
        state=told.state, number=number, amount_fen=told.amount_fen, bank_serial=told.serial, paid_at=told.paid_at,
        returned_at=told.returned_at, reason=told.reason[:200],
    )  # fmt: skip


def _refused(answer: Answer) -> BankRefused:
    refusal = answer.read(Refusal)
    return BankRefused(channel_code=refusal.code[:60], channel_message=refusal.message[:200].replace("{", "（").replace("}", "）"))
