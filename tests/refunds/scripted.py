"""A channel that does what a test says, keeps what moved, and refuses what no real channel would accept."""

import asyncio
from collections import defaultdict

import msgspec

from core import clock
from core.payments.channels.errors import ChannelRefused, ChannelShort, ChannelUnknown
from core.payments.channels.protocol import RefundRequest, RefundRules, RefundState
from tests import trade


class Scripted:
    """`script` says what the next calls answer (then `usual`); `moved` is what truly left, by number, whatever was answered."""

    code = "wechatpay"
    title = "微信支付"
    scenes = ("h5",)
    limits: dict[str, int] = {}

    def __init__(self) -> None:
        self.refund_rules = RefundRules(window_days=365, most=50, spacing_seconds=0)
        self.usual = "processing"
        self.script: list[str] = []
        self.answers: dict[str, str] = {}
        self.last: dict[str, str] = {}
        self.seen: dict[str, list[RefundRequest]] = defaultdict(list)
        self.moved: dict[str, int] = {}
        self.queries: list[str] = []
        self.inside = asyncio.Event()
        self.gate: asyncio.Event | None = None
        self.stranded = False

    async def refund(self, account, refund: RefundRequest) -> RefundState:
        assert 16 <= len(refund.number) <= 32
        assert refund.number.isalnum()
        assert refund.amount_fen > 0
        if self.seen[refund.number]:
            before = self.seen[refund.number][-1]
            assert msgspec.structs.replace(before, placed_at=refund.placed_at) == refund, "the same number is repeated unchanged"
            assert (refund.placed_at == before.placed_at) == (self.last[refund.number] in ("lost", "taken")), "a new moment after a definite no only"
        self.seen[refund.number].append(refund)
        self.inside.set()
        if self.gate:
            await self.gate.wait()
        await asyncio.sleep(0)
        said = self.last[refund.number] = self.script.pop(0) if self.script else self.usual
        if said == "short":
            raise ChannelShort()
        if said == "refused":
            raise ChannelRefused(channel_message="参数错误", channel_code="PARAM_ERROR")
        if said == "lost":
            raise ChannelUnknown()
        if said in ("succeeded", "processing", "taken"):
            self.moved[refund.number] = refund.amount_fen
        self.answers[refund.number] = "processing" if said == "taken" else said
        if said == "taken":
            raise ChannelUnknown()
        return self.state(refund.number, self.answers[refund.number])

    async def query_refund(self, account, refund) -> RefundState:
        self.queries.append(refund.number)
        return self.state(refund.number, self.answers.get(refund.number, "unknown"))

    def state(self, number: str, state: str, **given) -> RefundState:
        """What the channel says of one of our numbers."""
        known = self.seen.get(number)
        fields = {
            "state": state, "number": number, "order_number": known[0].order.number if known else "", "mchid": trade.MCHID,
            "amount_fen": known[0].amount_fen if known else None, "reference": f"5{number}",
            "refunded_at": clock.now() if state == "succeeded" else None, "stranded": self.stranded and state == "failed",
        }  # fmt: skip
        return RefundState(**fields | given)
