"""A client with a counter, a cashier, and somebody who takes shifts over."""

import pytest
from sqlalchemy import insert

from core import ids
from core.identity.actor import Actor
from core.payments.channels.protocol import ChannelAccount
from core.payments.models import channel_account
from tests import trade

BANK_KEY = "a key that only the bank and this client know"
MCHID = "COUNTER1"


def person(tenant_id, name: str, *rights: str) -> Actor:
    return Actor(kind="user", id=str(ids.uuid7()), name=name, tenant_id=tenant_id, rights=dict.fromkeys(rights))


@pytest.fixture
async def shop(platform, client):
    """A small school with bills and a counter."""
    profile = await client(plugins=())
    made = await trade.found(platform, profile.id)
    async with platform.database.tenant(profile.id) as session:
        keys = await platform.vault.keys(session)
        row = {
            "id": ids.uuid7(), "channel": "counter", "mchid": MCHID, "appid": "", "base_url": "",
            "credentials_sealed": keys.seal(b'{"bank_key": "%s"}' % BANK_KEY.encode()),
        }  # fmt: skip
        await session.execute(insert(channel_account), row)
    return made


@pytest.fixture
def counter_account():
    return ChannelAccount(channel="counter", mchid=MCHID, appid="", base_url="", credentials={"bank_key": BANK_KEY})


@pytest.fixture
def cashier(shop):
    return person(shop.tenant_id, "收费员甲", "counter.shift.run")


@pytest.fixture
def keeper(shop):
    return person(shop.tenant_id, "出纳乙", "counter.shift.accept")
