"""Who may speak with the bank, and with which keys; the bank's own key."""

import secrets

import msgspec
from asyncpg import Connection
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

_COLUMNS = "customer, name, key_id, private_pem, public_pem"


class Customer(msgspec.Struct, frozen=True):
    """A platform at the bank. A real bank would never hold its private key; here it is handed out with the rest."""

    customer: str
    name: str
    key_id: str
    private_pem: str
    public_pem: str


def new_pair() -> tuple[str, str]:
    """A private key and its public half, PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode(), key.public_key().public_bytes(serialization.Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def ready(connection: Connection) -> None:
    """Make the bank's own key, once."""
    if await connection.fetchval("SELECT 1 FROM sandbox.bank_key") is None:
        await connection.execute("INSERT INTO sandbox.bank_key (private_pem, public_pem) VALUES ($1, $2) ON CONFLICT DO NOTHING", *new_pair())


async def bank_pair(connection: Connection) -> tuple[str, str]:
    """The key with which the bank signs, and its public half."""
    row = await connection.fetchrow("SELECT private_pem, public_pem FROM sandbox.bank_key")
    return row["private_pem"], row["public_pem"]


async def register(connection: Connection, name: str) -> Customer:
    """A new customer with a fresh key."""
    customer = Customer(f"EB{_digits(10)}", name, secrets.token_hex(8).upper(), *new_pair())
    await connection.execute(f"INSERT INTO sandbox.bank_customer ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5)", *msgspec.structs.astuple(customer))
    return customer


async def find(connection: Connection, customer: str) -> Customer | None:
    """One customer."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM sandbox.bank_customer WHERE customer = $1", customer)
    return Customer(**row) if row else None


async def first_seen(connection: Connection, key_id: str, nonce: str, window_seconds: int) -> bool:
    """Whether a nonce comes for the first time; those too old to be accepted anyway are forgotten."""
    await connection.execute("DELETE FROM sandbox.bank_nonce WHERE seen_at < now() - make_interval(secs => $1)", 2.0 * window_seconds)
    return bool(
        await connection.fetchval(
            "INSERT INTO sandbox.bank_nonce (key_id, nonce, seen_at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING RETURNING true", key_id, nonce
        )
    )


def _digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))
