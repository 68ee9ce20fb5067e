"""Collecting accounts at channels, as a declaration opens them. The table is payments' own, which builds on this feature: hence SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, text

from core.database import Session

_LIST = text("""
    SELECT a.channel, a.mchid, a.base_url, a.status, coalesce(m.code, '') AS merchant
    FROM core.channel_account a LEFT JOIN core.merchant m ON m.id = a.merchant_id ORDER BY a.created_at
""")
_ADD = text("""
    INSERT INTO core.channel_account (id, channel, mchid, appid, base_url, credentials_sealed, merchant_id)
    VALUES (:id, :channel, :mchid, :appid, :base_url, :credentials_sealed, (SELECT id FROM core.merchant WHERE code = :merchant))
    ON CONFLICT DO NOTHING
""")


async def list_accounts(session: Session) -> Sequence[Row]:
    """The client's collecting accounts, without secrets."""
    return await session.all(_LIST)


async def add_account(
    session: Session, account_id: UUID, *, channel: str, mchid: str, appid: str, base_url: str, credentials_sealed: bytes, merchant: str = ""
) -> None:
    """A collecting account, of one merchant where its code is given; one that exists stays as it is."""
    row = {"id": account_id, "channel": channel, "mchid": mchid, "appid": appid, "base_url": base_url, "merchant": merchant}
    await session.execute(_ADD, row | {"credentials_sealed": credentials_sealed})
