"""A client's collecting accounts at channels, with their secrets opened for the call that needs them."""

import time
from uuid import UUID

import msgspec

from core import clock
from core.database import Row, Session
from core.identity.vault import Vault
from core.payments import repository
from core.payments.channels.protocol import ChannelAccount
from core.payments.errors import ChannelNotOpened

REMEMBER_SECONDS = 5.0
_known: dict[tuple[UUID, UUID], tuple[float, ChannelAccount]] = {}


async def collecting(session: Session, vault: Vault, channel: str) -> tuple[UUID, ChannelAccount]:
    """The account on which the client collects at a channel; ChannelNotOpened when there is none."""
    row = await repository.find_account(session, channel)
    if row is None:
        raise ChannelNotOpened(channel=channel)
    return row.id, await opened(session, vault, row)


async def by_id(session: Session, vault: Vault, account_id: UUID) -> ChannelAccount | None:
    """One account, remembered for a few seconds, so that rotated keys are used soon and without a restart."""
    remembered = _known.get((session.tenant_id, account_id))
    if remembered and remembered[0] > time.monotonic():
        return remembered[1]
    row = await repository.get_account(session, account_id)
    return None if row is None else await opened(session, vault, row)


async def before_rotation(session: Session, vault: Vault, account_id: UUID) -> ChannelAccount | None:
    """The account as it was until its keys were replaced a short while ago: what was sent under the old keys can still be read."""
    row = await repository.get_account(session, account_id)
    if row is None or row.previous_sealed is None or row.previous_until < clock.now():
        return None
    return _made(row, (await vault.keys(session)).open_bytes(row.previous_sealed))


def remembered(tenant_id: UUID, account_id: UUID) -> ChannelAccount | None:
    """The account if it is still fresh in memory: spares the paying request a round trip."""
    found = _known.get((tenant_id, account_id))
    return found[1] if found and found[0] > time.monotonic() else None


def forget(tenant_id: UUID, account_id: UUID) -> None:
    """Read it afresh next time (this process; the others follow within seconds)."""
    _known.pop((tenant_id, account_id), None)


async def opened(session: Session, vault: Vault, row: Row) -> ChannelAccount:
    """An account of which the row is in hand."""
    account = _made(row, (await vault.keys(session)).open_bytes(row.credentials_sealed))
    _known[session.tenant_id, row.id] = (time.monotonic() + REMEMBER_SECONDS, account)
    return account


def _made(row: Row, credentials: bytes) -> ChannelAccount:
    return ChannelAccount(
        channel=row.channel,
        mchid=row.mchid,
        appid=row.appid,
        mode=row.mode,
        tenant_id=row.tenant_id,
        base_url=row.base_url,
        credentials=msgspec.json.decode(credentials, type=dict[str, str]),
    )
