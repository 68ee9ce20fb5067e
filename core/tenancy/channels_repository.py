"""Collecting accounts at channels, as a declaration opens them. The table is payments' own, which builds on this feature: hence SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, text

from core.database import Session

_LIST = text("SELECT channel, mchid, base_url, status FROM core.channel_account ORDER BY created_at")
_ADD = text("""
    INSERT INTO core.channel_account (id, channel, mchid, appid, base_url, credentials_sealed)
    VALUES (:id, :channel, :mchid, :appid, :base_url, :credentials_sealed)
    ON CONFLICT DO NOTHING
""")


async def list_accounts(session: Session) -> Sequence[Row]:
    """The client's collecting accounts, without secrets."""
    return await session.all(_LIST)


async def add_account(
    session: Session, account_id: UUID, *, channel: str, mchid: str, appid: str, base_url: str, credentials_sealed: bytes
) -> None:
    """A collecting account; one that exists stays as it is."""
    row = {"id": account_id, "channel": channel, "mchid": mchid, "appid": appid, "base_url": base_url}
    await session.execute(_ADD, row | {"credentials_sealed": credentials_sealed})
