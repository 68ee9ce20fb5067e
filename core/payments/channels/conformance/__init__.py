"""The conformance kit: what a payment channel must do so that a bank may put money on it, as tests that any channel package runs.

    from core.payments.channels.conformance import ChannelConformance, World

    class MyWorld(World): ...                    # the channel and hands on its other side, see `world.py`

    @pytest.fixture(scope="module")
    async def world(): ...

    class TestMyChannel(ChannelConformance):
        lacks = {"refund_notices", "revocation"} # what the channel cannot do, see `needs.ABILITIES`; nothing is ever skipped

Only tests import this package: it needs pytest and pytest-asyncio with `asyncio_mode = "auto"`. `docs/write-a-channel.md` tells it whole.
"""

import pytest

_PARTS = ("world", "orders", "outages", "notices", "refunds", "statements", "secrecy")
pytest.register_assert_rewrite(*(f"{__name__}.{part}" for part in _PARTS))

from core.payments.channels.conformance.ear import Ear, listening  # noqa: E402
from core.payments.channels.conformance.needs import ABILITIES, choose  # noqa: E402
from core.payments.channels.conformance.notices import Notices  # noqa: E402
from core.payments.channels.conformance.orders import Orders  # noqa: E402
from core.payments.channels.conformance.outages import Outages  # noqa: E402
from core.payments.channels.conformance.refunds import Refunds  # noqa: E402
from core.payments.channels.conformance.secrecy import Secrecy  # noqa: E402
from core.payments.channels.conformance.statements import Statements  # noqa: E402
from core.payments.channels.conformance.world import Fault, Heard, Paid, World, begun, paid, ref_of, ref_of_refund, refund_of  # noqa: E402

__all__ = ["ABILITIES", "ChannelConformance", "Ear", "Fault", "Heard", "Paid", "World", "begun", "listening", "paid", "ref_of", "ref_of_refund", "refund_of"]


class ChannelConformance(Orders, Outages, Notices, Refunds, Statements, Secrecy):
    """Subclass it as `Test…` beside a `world` fixture; `lacks` names the abilities the channel does not have."""

    lacks: frozenset[str] | set[str] = frozenset()

    def __init_subclass__(cls, **named: object) -> None:
        super().__init_subclass__(**named)
        choose(cls)
