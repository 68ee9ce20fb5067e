"""A stranger's payment channel: found through the hook, and doing what every channel must, against a stand-in of its gateway."""

import ast
import datetime as dt
import re
import secrets
import textwrap
from pathlib import Path

import httpx
import msgspec
import pytest

from core import builtin, clock
from core.payments.channels.conformance import ChannelConformance, Ear, World, listening
from core.payments.channels.protocol import ChannelAccount, OrderRequest
from core.plugin_manager import PluginManager
from core.sandbox.serving import serving
from tests.plugins.gateway.channel import RiverBank
from tests.plugins.gateway.plugin import plugin
from tests.plugins.gateway.signing import sign
from tests.plugins.gateway.stand_in import StandIn

GUIDE = Path(__file__).parents[2] / "docs" / "write-a-channel.md"
PACKAGE = Path(__file__).parent / "gateway"
QUOTE = re.compile(r"<!-- quote: ([a-z_.]+\.py)(?:#(\w+))? -->\n```python\n(.*?)\n```\n", re.DOTALL)


# start: world
class RiverWorld(World):
    """The channel, and hands on the gateway's stand-in."""

    def __init__(self, client: httpx.AsyncClient, bank: StandIn, ear: Ear) -> None:
        self.channel, self._bank, self._ear = RiverBank(client), bank, ear
        self.account = self._merchant("M100001")

    def _merchant(self, mchid: str) -> ChannelAccount:
        self._bank.secrets[mchid] = secrets.token_hex(32)
        credentials = {"secret": self._bank.secrets[mchid]}
        return ChannelAccount(channel="riverbank", mchid=mchid, appid="", base_url=self._bank.url, credentials=credentials)

    def order(self, **changes: object) -> OrderRequest:
        now = clock.now().replace(microsecond=0)
        number = str(changes.get("number", f"T{secrets.token_hex(12)}"))
        fields = {
            "number": number,
            "description": "秋季学费",
            "amount_fen": 100_000,
            "scene": "native",
            "notify_url": self._ear.notify_url(number),
            "placed_at": now,
            "expires_at": now + dt.timedelta(minutes=20),
        }
        return OrderRequest(**(fields | changes))

    async def pay(self, order, prepared):
        return await self._bank.pay(self.account.mchid, order.number)

    async def notices(self, number):
        return await self._ear.notices(number)

    async def refund_done(self, refund):
        assert (self.account.mchid, refund.number) in self._bank.refunds, "refunds are done at once"

    async def break_next(self, kind, number):
        self._bank.faults[number] = kind

    async def mend(self, number):
        self._bank.faults.pop(number, None)

    async def another(self):
        return self._merchant(f"M{secrets.randbelow(10**6) + 10**6}")

    async def age(self, order):
        day = clock.today() - dt.timedelta(days=2)
        self._bank.orders[self.account.mchid, order.number]["paid_at"] = f"{day}T08:00:00+00:00"
        return day


@pytest.fixture(scope="module")
async def world():
    bank = StandIn()
    async with serving(bank) as bank.url, httpx.AsyncClient(timeout=1, trust_env=False) as client, listening(RiverBank(client)) as ear:
        yield RiverWorld(client, bank, ear)


class TestRiverBank(ChannelConformance):
    lacks = {"refund_notices", "refund_failure", "revocation"}
# end: world


def test_the_channel_is_found_through_the_hook():
    manager = PluginManager({"riverbank": plugin}, builtin.PARTS)
    offered = {channel.code: code for code, channel in manager.collect_all("register_channels")}
    assert offered["riverbank"] == "riverbank"
    assert offered["wechatpay"] == "core"


def test_a_misspelt_ability_stops_the_collection():
    with pytest.raises(ValueError, match="no such ability: refund_notice;"):
        type("Test", (ChannelConformance,), {"lacks": {"refund_notice"}})


def test_a_lack_leaves_out_what_needs_it_and_brings_in_what_replaces_it():
    whole = type("Whole", (ChannelConformance,), {})
    bare = type("Bare", (ChannelConformance,), {"lacks": {"notices", "early_close", "statements"}})
    tests = {name for name in dir(ChannelConformance) if name.startswith("test_")}
    left = {cls: {name for name in tests if getattr(cls, name)} for cls in (whole, bare)}
    assert "test_a_genuine_notice_says_what_a_query_says" in left[whole] - left[bare]
    assert "test_a_channel_that_tells_nothing_believes_nothing" in left[bare] - left[whole]
    assert len(left[whole]) > 50


class Believer(RiverBank):
    """A channel that believes whatever it is told: the kit must notice."""

    def read_notice(self, account, headers, body):
        seconds = {name.lower(): value for name, value in headers.items()}.get("x-time", "0")
        forged = {"x-time": seconds, "x-signature": _signed(account, seconds, body)}
        return super().read_notice(account, forged, body)


def _signed(account: ChannelAccount, seconds: str, body: bytes) -> str:
    return sign(account.credentials["secret"], seconds, "notice", body)


async def test_the_kit_notices_a_channel_that_believes_everything(world):
    kind = type("Lax", (RiverWorld,), {})
    lax = kind.__new__(kind)
    lax.__dict__ |= world.__dict__ | {"channel": Believer(world.channel._client)}
    with pytest.raises(AssertionError):
        await ChannelConformance().test_an_altered_byte_of_the_body_is_refused_or_changes_nothing(lax)


async def test_the_kit_notices_a_channel_that_takes_silence_for_no(world):
    class Hasty(RiverBank):
        async def query(self, account, order):
            try:
                return await super().query(account, order)
            except Exception:
                state = await super().query(account, order)
                return msgspec.structs.replace(state, state="failed")

    hasty = RiverWorld.__new__(RiverWorld)
    hasty.__dict__ |= world.__dict__ | {"channel": Hasty(world.channel._client)}
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        await ChannelConformance().test_a_query_in_a_breakdown_decides_nothing(hasty, "api_error")


def quoted(file: str, part: str | None) -> str:
    """A file of the package or of its test: whole, one function, or what stands between `# start:` and `# end:`."""
    text = (Path(__file__) if file == Path(__file__).name else PACKAGE / file).read_text()
    if part is None:
        return text.strip()
    marked = re.search(rf" *# start: {part}\n(.*?)\n *# end: {part}\n", text, re.DOTALL)
    if marked:
        return textwrap.dedent(marked[1]).strip()
    node = next(n for n in ast.parse(text).body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.name == part)
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "\n".join(text.splitlines()[first - 1 : node.end_lineno])


def test_the_guide_quotes_the_package_as_it_is():
    shown = QUOTE.findall(GUIDE.read_text())
    assert len(shown) == GUIDE.read_text().count("<!-- quote:") >= 9
    assert [(file, part) for file, part, code in shown if code != quoted(file, part or None)] == []
