"""Sellers and the apps that act for them: every query about them, and how a new one is made."""

import secrets

import msgspec
from asyncpg import Connection

from core.sandbox.alipay import keys

_COLUMNS = """m.mchid, m.appid, m.name, m.app_auth_token, a.signing, a.app_private, a.app_public, a.app_cert, a.alipay_private, a.alipay_public,
    a.alipay_cert"""
_FROM = "sandbox.alipay_merchant m JOIN sandbox.alipay_app a USING (appid)"


class App(msgspec.Struct, frozen=True):
    """An app with both sides' keys; `signing` says whether plain keys or certificates are in use."""

    appid: str
    signing: str
    app_private: str
    app_public: str
    app_cert: str
    alipay_private: str
    alipay_public: str
    alipay_cert: str


class Merchant(App, frozen=True, kw_only=True):
    """A seller with the app that acts for it; through a service provider it is named by `app_auth_token`."""

    mchid: str
    name: str
    app_auth_token: str | None


async def ensure_root(connection: Connection) -> None:
    """Make the root certificate, once."""
    if await connection.fetchval("SELECT 1 FROM sandbox.alipay_root"):
        return
    await connection.execute(
        "INSERT INTO sandbox.alipay_root (private_pem, certificate_pem) VALUES ($1, $2) ON CONFLICT DO NOTHING", *keys.root()
    )


async def root_certificate(connection: Connection) -> str:
    """The root certificate (PEM)."""
    return await connection.fetchval("SELECT certificate_pem FROM sandbox.alipay_root")


async def find_app(connection: Connection, appid: str) -> App | None:
    """An app by its number."""
    columns = ", ".join(App.__struct_fields__)
    row = await connection.fetchrow(f"SELECT {columns} FROM sandbox.alipay_app WHERE appid = $1", appid)
    return App(**row) if row else None


async def find(connection: Connection, mchid: str) -> Merchant | None:
    """A seller by its number."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM {_FROM} WHERE m.mchid = $1", mchid)
    return Merchant(**row) if row else None


async def acted_for(connection: Connection, appid: str, app_auth_token: str) -> Merchant | None:
    """For whom an app acts: for itself, or for the seller whose token it shows."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE m.appid = $1 AND m.app_auth_token IS NOT DISTINCT FROM $2", appid, app_auth_token or None
    )
    return Merchant(**row) if row else None


async def list_all(connection: Connection) -> list[Merchant]:
    """Every seller, oldest first."""
    return [Merchant(**row) for row in await connection.fetch(f"SELECT {_COLUMNS} FROM {_FROM} ORDER BY m.created_at, m.mchid")]


async def register(connection: Connection, *, name: str, mchid: str, appid: str, signing: str, partner: bool) -> Merchant:
    """Make a seller, and its app with fresh keys where there is none; what exists stays as it is."""
    known = await find(connection, mchid)
    if known is not None:
        return known
    if await find_app(connection, appid) is None:
        await _make_app(connection, appid, signing)
    await connection.execute(
        "INSERT INTO sandbox.alipay_merchant (mchid, appid, name, app_auth_token) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        *(mchid, appid, name, f"{keys.digits(6)}BB{secrets.token_hex(16)}" if partner else None),
    )
    merchant = await find(connection, mchid)
    if merchant is None:
        raise ValueError(f"应用 {appid} 已经属于另一个商户；服务商请以 mode=partner 登记")
    return merchant


async def _make_app(connection: Connection, appid: str, signing: str) -> None:
    root_private = await connection.fetchval("SELECT private_pem FROM sandbox.alipay_root")
    ours, theirs = keys.certified(appid, root_private), keys.certified("Banyan Sandbox Alipay", root_private)
    await connection.execute(
        """
        INSERT INTO sandbox.alipay_app (appid, signing, app_private, app_public, app_cert, alipay_private, alipay_public, alipay_cert)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
        """,
        *(appid, signing, ours.private_pem, ours.public_pem, ours.certificate_pem),
        *(theirs.private_pem, theirs.public_pem, theirs.certificate_pem),
    )
