"""A hospital whose HIS is played by the sandbox."""

import httpx
import pytest

from plugins.medical.his import wire
from tests.medical.his import house as houses
from tests.refunds.scripted import Scripted

__all__ = ["channel", "house"]


@pytest.fixture
def channel(platform):
    """The scripted channel in WeChat Pay's place."""
    before = platform.channels["wechatpay"]
    platform.channels["wechatpay"] = scripted = Scripted()
    scripted.usual = "succeeded"
    yield scripted
    platform.channels["wechatpay"] = before


@pytest.fixture
async def house(platform, connected, outside_world, quiet_hospital, channel, monkeypatch):
    """The hospital with an open link; whoever waits for HIS waits a moment only."""
    monkeypatch.setattr(wire, "TIMEOUT", httpx.Timeout(0.6, connect=3.0))
    made = await houses.opened(platform, quiet_hospital, outside_world, channel)
    yield made
    await made.outside.aclose()
