"""A hospital with a scripted channel, whose surpluses up to 10,000.00 go back without a second person."""

import pytest

from tests.medical import hospitals
from tests.medical.inpatients import stays
from tests.refunds.scripted import Scripted


@pytest.fixture
def channel(platform):
    """The scripted channel in WeChat Pay's place."""
    before = platform.channels["wechatpay"]
    platform.channels["wechatpay"] = scripted = Scripted()
    scripted.usual = "succeeded"
    yield scripted
    platform.channels["wechatpay"] = before


@pytest.fixture
async def ward(platform, client, channel, settle):
    """The hospital with a patient in bed 12 of ward 3, nothing paid."""
    made = await client(kind="hospital", plugins=("medical",), settings={"refund_auto_limit_fen": 1_000_000})
    found = stays.Ward(platform, await hospitals.found(platform, made), channel, settle)
    await found.admit()
    return found


@pytest.fixture
async def strict_ward(platform, client, channel, settle):
    """The same where every refund needs a second person."""
    found = stays.Ward(platform, await hospitals.found(platform, await client(kind="hospital", plugins=("medical",))), channel, settle)
    await found.admit()
    return found
