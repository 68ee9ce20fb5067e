"""Merchant numbers and UnionPay's own certificates: every query about them, and how a new one is made."""

import secrets

import msgspec
from asyncpg import Connection

from core.sandbox.unionpay import authority
from core.sandbox.unionpay.authority import Pair

PASSWORD = "000000"
"""The password of every signing certificate handed out, as UnionPay publishes for its test merchants."""


class Merchant(msgspec.Struct, frozen=True):
    """A merchant with the signing certificate that was handed to it."""

    mchid: str
    name: str
    pair: Pair


def new_mchid() -> str:
    """A test merchant's number: fifteen digits, 777 first."""
    return f"777{secrets.randbelow(10**12):012d}"


async def find(connection: Connection, mchid: str) -> Merchant | None:
    """One merchant, if there is such a number."""
    row = await connection.fetchrow("SELECT * FROM sandbox.unionpay_merchant WHERE mchid = $1", mchid)
    return Merchant(row["mchid"], row["name"], Pair(row["private_pem"], row["certificate_pem"])) if row else None


async def list_all(connection: Connection) -> list[Merchant]:
    """Every merchant, oldest first."""
    rows = await connection.fetch("SELECT * FROM sandbox.unionpay_merchant ORDER BY created_at, mchid")
    return [Merchant(row["mchid"], row["name"], Pair(row["private_pem"], row["certificate_pem"])) for row in rows]


async def register(connection: Connection, name: str, mchid: str) -> Merchant:
    """Make a merchant with a fresh certificate; one that exists keeps its own."""
    known = await find(connection, mchid)
    if known is not None:
        return known
    pair = authority.issue(authority.merchant_name(mchid, name), (await certificates(connection))["middle"])
    await connection.execute(
        "INSERT INTO sandbox.unionpay_merchant (mchid, name, private_pem, certificate_pem) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        *(mchid, name, pair.private_pem, pair.certificate_pem),
    )
    merchant = await find(connection, mchid)
    assert merchant is not None
    return merchant


async def certificates(connection: Connection) -> dict[str, Pair]:
    """Root, middle and signer."""
    rows = await connection.fetch("SELECT * FROM sandbox.unionpay_certificate")
    return {row["kind"]: Pair(row["private_pem"], row["certificate_pem"]) for row in rows}


async def signer(connection: Connection) -> Pair:
    """What UnionPay signs with now."""
    row = await connection.fetchrow("SELECT * FROM sandbox.unionpay_certificate WHERE kind = 'signer'")
    return Pair(row["private_pem"], row["certificate_pem"])


async def ready(connection: Connection) -> None:
    """Make UnionPay's certificates, once."""
    async with connection.transaction():
        await connection.execute("LOCK TABLE sandbox.unionpay_certificate IN SHARE ROW EXCLUSIVE MODE")
        if await certificates(connection):
            return
        made = authority.found("Sandbox CFCA")
        await _keep(connection, root=made.root, middle=made.middle, signer=authority.issue(authority.unionpay_name(), made.middle))


async def renew_signer(connection: Connection) -> None:
    """A new signing certificate of the same authority: merchants notice nothing."""
    middle = (await certificates(connection))["middle"]
    await _keep(connection, signer=authority.issue(authority.unionpay_name(), middle))


async def _keep(connection: Connection, **pairs: Pair) -> None:
    await connection.executemany(
        """
        INSERT INTO sandbox.unionpay_certificate (kind, private_pem, certificate_pem) VALUES ($1, $2, $3)
        ON CONFLICT (kind) DO UPDATE SET private_pem = excluded.private_pem, certificate_pem = excluded.certificate_pem
        """,
        [(kind, pair.private_pem, pair.certificate_pem) for kind, pair in pairs.items()],
    )
