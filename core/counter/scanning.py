"""Pay codes at a window: the cashier scans what the payer's wallet shows, the channel takes the money or asks the payer first.

The money is the channel's, never the drawer's; the shift's report shows it. One code makes one order however often it is scanned, and
what nobody knows is under way: asked about by the page and by the ladder of queries, closed at the channel when its time is up.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core import ids
from core.counter import repository, shifts, window
from core.counter.errors import NotAPayCode, PayCodeNotOffered, PayCodesNotOpened, PayCodeUsed, ScanNotFound
from core.counter.schemas import ScanRead
from core.database import Row, Session
from core.identity.actor import Actor
from core.payments import service as payments
from core.payments.channels.errors import ChannelRefused
from core.payments.errors import KeyReused
from core.payments.repository import list_channels
from core.payments.schemas import PayItem
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import N_, listed

LIFETIME = dt.timedelta(seconds=90)
"""How long a payer at the window has to confirm on the phone; a wallet's code is good for about a minute."""
NOT_TAKEN = {N_("微信"): re.compile("1[0-5][0-9]{16}")}
"""Codes one knows by sight and cannot take: WeChat Pay's v3 has no verified way (WeChat Pay v3 §5)."""


async def scan(platform: Platform, client: ClientProfile, by: Actor, items: Sequence[PayItem], typed: str, ip: str) -> ScanRead:
    """Charge some bills to the wallet behind a pay code; answers what is known now, paid or still under way.

    Raises NotAPayCode, PayCodeNotOffered, PayCodeUsed (for other bills or another amount), ChannelRefused in the channel's words, and what
    any charge raises. Holds no transaction while the channel is asked.
    """
    code = "".join(typed.split())[:64]
    async with platform.database.tenant(client.id) as session:
        held = await shifts.working(session, by)
        items = await window.within_reach(session, by, items)
        way = _way_of(await ways(platform, session), code)
        row = {
            "id": ids.uuid7(), "key": _key(platform, client, way, code), "shift_id": held.id, "cashier_id": by.id, "cashier": by.name,
            "channel": way.code, "amount_fen": sum(item.amount_fen for item in items),
        }  # fmt: skip
        await repository.keep_scan(session, row)
    try:
        order = await payments.start_payment(
            platform, client, None, items, channel=way.code, scene="barcode", ip=ip, idempotency_key=row["key"], auth_code=code,
            lifetime=LIFETIME,
        )  # fmt: skip
    except KeyReused:
        raise PayCodeUsed() from None
    return await check(platform, client, by, order.number)


async def check(platform: Platform, client: ClientProfile, by: Actor, number: str) -> ScanRead:
    """What became of a scan; asks the channel while nobody knows."""
    found = await find(platform, client, by, number)
    if not found.under_way:
        return found
    await payments.check_order(platform, client, number)
    return await find(platform, client, by, number)


async def cancel(platform: Platform, client: ClientProfile, by: Actor, number: str) -> ScanRead:
    """The payer goes away: closed at the channel first. If it turns out paid, it is paid."""
    await find(platform, client, by, number)
    await payments.cancel_order(platform, client, number)
    return await find(platform, client, by, number)


async def find(platform: Platform, client: ClientProfile, by: Actor, number: str) -> ScanRead:
    """A scan: one's own, or any for those who may read shifts."""
    async with platform.database.tenant(client.id) as session:
        row = await repository.find_scan(session, number.replace("\0", "")[:40])
    if row is None or not (row.cashier_id == by.id or by.may(shifts.READ) or by.may(shifts.ACCEPT)):
        raise ScanNotFound()
    return _read(row)


async def list_scans(session: Session, by: Actor) -> list[ScanRead]:
    """The pay codes of one's own shift, the newest first."""
    held = await repository.live_shift(session, by.id)
    return [] if held is None else [_read(row) for row in await repository.list_scans(session, held.id)]


async def under_way(session: Session, by: Actor) -> list[ScanRead]:
    """Those of them that nobody knows the end of yet."""
    return [scan for scan in await list_scans(session, by) if scan.under_way]


async def ways(platform: Platform, session: Session) -> list[Any]:
    """The channels the client has opened that take pay codes."""
    used = set(await list_channels(session))
    return [way for code, way in platform.channels.items() if code in used and "barcode" in way.scenes and patterns([way])]


def patterns(offered: Sequence[Any]) -> Mapping[str, re.Pattern[str]]:
    """How each channel's pay codes look, by its title."""
    return {way.title: way.pay_codes for way in offered if getattr(way, "pay_codes", None)}


def _way_of(offered: Sequence[Any], code: str) -> Any:
    if not offered:
        raise PayCodesNotOpened()
    found = next((way for way in offered if way.pay_codes.fullmatch(code)), None)
    if found is not None:
        return found
    titles = listed(way.title for way in offered)
    for title, known in NOT_TAKEN.items():
        if known.fullmatch(code):
            raise PayCodeNotOffered(title=title, titles=titles)
    raise NotAPayCode(titles=titles)


def _key(platform: Platform, client: ClientProfile, way: Any, code: str) -> str:
    """One code, one order; the code itself is kept nowhere."""
    return f"scan:{platform.vault.route_hash('pay_code', f'{client.id} {way.code} {code}').hex()}"


def _read(row: Row) -> ScanRead:
    return ScanRead(
        number=row.number, shift_id=row.shift_id, cashier=row.cashier, status=row.status, channel=row.channel, amount_fen=row.amount_fen,
        description=row.description, said=row.last_error, payment_id=row.payment_id, created_at=row.created_at, expires_at=row.expires_at,
        decided_at=row.decided_at,
    )  # fmt: skip


def words_of(error: ChannelRefused) -> str:
    """The channel's own reason, as the cashier reads it to the payer."""
    return str(error.facts.get("channel_message") or error.message)
