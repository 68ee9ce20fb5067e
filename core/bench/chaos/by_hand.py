"""Two people who look after refunds that the machine has given up: the payer's card is dead, and the money waits at the channel.

What the channel holds must not be transferred from the bank as well (`transfers.ask_channel_first` refuses it): one person asks the payer
for another card and has the channel send the money there, another one asks the channel until it says that it arrived.
"""

import contextlib
from uuid import UUID

from sqlalchemy import text

from core.errors import PlatformError
from core.payments.accounts import service as accounts
from core.payments.channels.protocol import RefundRef
from core.payments.channels.wechatpay.abnormal import AbnormalRefunds
from core.platform import Platform
from core.refunds import repository, sending, transfers
from core.tenancy.directory import ClientProfile

WAITING = text("SELECT id FROM core.refund_item WHERE state = 'manual_transfer' ORDER BY id")
OTHER_CARD = {"bank_type": "ICBC_DEBIT", "card_number": "6222020000000000123", "holder": "混沌演练家长"}


async def look_after(platform: Platform, client: ClientProfile) -> int:
    """One look at everything that waits for a person; answers how much still does."""
    for item_id in await _waiting(platform, client):
        with contextlib.suppress(PlatformError, OSError):
            await _send_on(platform, client, item_id)
        with contextlib.suppress(PlatformError, OSError):
            await transfers.ask_channel_first(platform, client, item_id)
    return len(await _waiting(platform, client))


async def _waiting(platform: Platform, client: ClientProfile) -> list[UUID]:
    async with platform.database.tenant(client.id) as session:
        return [row.id for row in await session.all(WAITING)]


async def _send_on(platform: Platform, client: ClientProfile, item_id: UUID) -> None:
    """To another card of the payer, if it lies at the channel; sent on twice, the channel refuses the second time."""
    async with platform.database.tenant(client.id) as session:
        [work] = await repository.list_work(session, [item_id])
        account = await accounts.by_id(session, platform.vault, work.channel_account_id)
    way = platform.channels[work.channel]
    ref = RefundRef(number=work.number, order=sending.order_ref(work), amount_fen=work.amount_fen, placed_at=work.sent_at, reference=work.reference)
    if (await way.query_refund(account, ref)).stranded:
        await AbnormalRefunds(way).to_payer(account, ref, **OTHER_CARD)
