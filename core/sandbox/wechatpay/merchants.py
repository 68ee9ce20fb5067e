"""Merchant numbers and the platform's own keys: every query about them, and how a new one is made."""

import datetime as dt
import random

import msgspec
from asyncpg import Connection

from core import clock
from core.sandbox.wechatpay import keys

_COLUMNS = "m.mchid, m.appid, a.app_secret, m.name, m.serial, m.private_pem, m.certificate_pem, m.apiv3_key, m.signing, m.sp_mchid"
_FROM = "sandbox.wechat_merchant m JOIN sandbox.wechat_app a USING (appid)"


class Merchant(msgspec.Struct, frozen=True):
    """A merchant with everything both sides know; `signing` says how WeChat Pay signs to it."""

    mchid: str
    appid: str
    app_secret: str
    name: str
    serial: str
    private_pem: str
    certificate_pem: str
    apiv3_key: str
    signing: str
    sp_mchid: str | None = None
    """The service provider that speaks for it, if one does."""


class PlatformKey(msgspec.Struct, frozen=True):
    """A key WeChat Pay signs with: a certificate's, or the public key that replaces certificates."""

    serial: str
    kind: str
    private_pem: str
    public_pem: str


async def find(connection: Connection, mchid: str) -> Merchant | None:
    """One merchant, if there is such a number."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM {_FROM} WHERE m.mchid = $1", mchid)
    return Merchant(**row) if row else None


async def list_all(connection: Connection) -> list[Merchant]:
    """Every merchant, oldest first."""
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM {_FROM} ORDER BY m.created_at, m.mchid")
    return [Merchant(**row) for row in rows]


async def speaker(connection: Connection, mchid: str) -> Merchant:
    """Whose keys a number's notifications are sealed and signed for; the number is known to exist."""
    merchant = await find(connection, mchid)
    assert merchant is not None
    return merchant


async def register(
    connection: Connection, name: str, mchid: str, appid: str, signing: str, sp_mchid: str | None = None
) -> Merchant:
    """Make a merchant with fresh keys; one that exists keeps its keys. An appid may serve several merchants."""
    pair = keys.certificate(mchid)
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO sandbox.wechat_app (appid, app_secret) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            appid,
            keys.letters(32),
        )
        await connection.execute(
            """
            INSERT INTO sandbox.wechat_merchant
                (mchid, appid, name, serial, private_pem, certificate_pem, apiv3_key, signing, sp_mchid)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
            """,
            *(mchid, appid, name, pair.serial, pair.private_pem, pair.public_pem, keys.letters(32), signing, sp_mchid),
        )
    merchant = await find(connection, mchid)
    assert merchant is not None
    return merchant


async def set_signing(connection: Connection, mchid: str, signing: str) -> bool:
    """Switch how WeChat Pay signs to a merchant; `mixed` is the week in which both kinds arrive."""
    updated = await connection.execute("UPDATE sandbox.wechat_merchant SET signing = $2 WHERE mchid = $1", mchid, signing)
    return updated == "UPDATE 1"


async def app_secret(connection: Connection, appid: str) -> str | None:
    """The secret of an official account, if there is such an appid."""
    return await connection.fetchval("SELECT app_secret FROM sandbox.wechat_app WHERE appid = $1", appid)


async def platform_keys(connection: Connection) -> list[PlatformKey]:
    """Every key WeChat Pay signs or has signed with, newest first."""
    rows = await connection.fetch("SELECT serial, kind, private_pem, public_pem FROM sandbox.wechat_platform_key ORDER BY created_at DESC")
    return [PlatformKey(**row) for row in rows]


async def ensure_platform_keys(connection: Connection) -> None:
    """Make the first certificate and the public key, once."""
    async with connection.transaction():
        await connection.execute("LOCK TABLE sandbox.wechat_platform_key IN SHARE ROW EXCLUSIVE MODE")
        kinds = {key.kind for key in await platform_keys(connection)}
        if "certificate" not in kinds:
            await renew_certificate(connection)
        if "public_key" not in kinds:
            await _keep(connection, "public_key", keys.public_key())


async def renew_certificate(connection: Connection) -> str:
    """A new platform certificate, used from now on beside the old one; returns its serial."""
    pair = keys.certificate("Tenpay.com sandbox platform")
    await _keep(connection, "certificate", pair)
    return pair.serial


async def _keep(connection: Connection, kind: str, pair: keys.KeyPair) -> None:
    await connection.execute(
        "INSERT INTO sandbox.wechat_platform_key (serial, kind, private_pem, public_pem) VALUES ($1, $2, $3, $4)",
        *(pair.serial, kind, pair.private_pem, pair.public_pem),
    )


async def signing_key(connection: Connection, signing: str, asked_serial: str = "") -> PlatformKey:
    """The key to sign with: the public key where the request names it, else as the merchant is set up.

    Raises KeyError when the request names a public key that is not ours.
    """
    known = await platform_keys(connection)
    if asked_serial.startswith("PUB_KEY_ID_"):
        return {key.serial: key for key in known}[asked_serial]
    kind = random.choice(("public_key", "certificate")) if signing == "mixed" else signing
    return next(key for key in known if key.kind == kind)


async def keep_code(connection: Connection, code: str, appid: str, user: str, expires_at: dt.datetime) -> None:
    """Remember a one-time authorization code and whom it stands for."""
    await connection.execute(
        "INSERT INTO sandbox.wechat_code (code, appid, wallet_user, expires_at) VALUES ($1, $2, $3, $4)",
        *(code, appid, user, expires_at),
    )


async def use_code(connection: Connection, code: str, appid: str) -> tuple[str | None, str]:
    """Whom a code stands for, once; else None and why: `used` or `invalid` (unknown, expired, another appid's)."""
    now = clock.now()
    user = await connection.fetchval(
        """
        UPDATE sandbox.wechat_code SET used_at = $3
        WHERE code = $1 AND appid = $2 AND used_at IS NULL AND expires_at > $3 RETURNING wallet_user
        """,
        *(code, appid, now),
    )
    if user is not None:
        return user, ""
    used = await connection.fetchval("SELECT used_at IS NOT NULL FROM sandbox.wechat_code WHERE code = $1 AND appid = $2", code, appid)
    return None, "used" if used else "invalid"
