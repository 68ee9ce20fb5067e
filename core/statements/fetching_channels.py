"""The channels' own statements: each collecting account in use has its file of each day."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from core import clock
from core.database import Session
from core.payments.accounts import service as accounts
from core.payments.channels.protocol import StatementFile
from core.payments.errors import ChannelNotOpened
from core.platform import Platform
from core.statements import fetching_repository as repository
from core.statements.fetchers import Fetcher, Subject

OUT_AFTER = {"wechatpay": 10, "alipay": 10, "unionpay": 9, "stripe": 12}
"""Hours after the end of the day at which each channel has its file."""
SOURCES = {"wechatpay": "wechatpay-trade", "alipay": "alipay-trade", "unionpay": "unionpay", "stripe": "stripe-balance"}


def _subjects(channel: str) -> Callable[[Session], Awaitable[Sequence[Subject]]]:
    async def list_subjects(session: Session) -> Sequence[Subject]:
        found = await repository.list_accounts(session, channel)
        return [Subject(row.id, row.mchid, row.created_at.astimezone(clock.SHANGHAI).date()) for row in found]

    return list_subjects


async def _trade(platform: Platform, tenant_id: UUID, account_id: UUID, day: dt.date) -> StatementFile | None:
    async with platform.database.tenant(tenant_id) as session:
        account = await accounts.by_id(session, platform.vault, account_id)
    if account is None or (way := platform.channels.get(account.channel)) is None:
        raise ChannelNotOpened(channel=account.channel if account else "")
    return await way.fetch_statement(account, day)


FETCHERS = tuple(
    Fetcher(source=source, list_subjects=_subjects(channel), fetch=_trade, out_after=dt.timedelta(hours=OUT_AFTER[channel]))
    for channel, source in SOURCES.items()
)
"""One for each channel that has statements."""
