"""The formula of a settlement (domain book §2.7): net = pays − refunds − fees + fees returned + adjustments + what was brought forward."""

import msgspec


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a net amount, fen; all but adjustments and what is brought forward are told without a sign."""

    gross_fen: int = 0
    refund_fen: int = 0
    fee_fen: int = 0
    fee_refund_fen: int = 0
    adjust_fen: int = 0
    brought_fen: int = 0

    @property
    def net_fen(self) -> int:
        """What the merchant is owed for the batch; below zero the merchant owes it."""
        return self.gross_fen - self.refund_fen - self.fee_fen + self.fee_refund_fen + self.adjust_fen + self.brought_fen

    @property
    def cost_fen(self) -> int:
        """Fees less what came back of them."""
        return self.fee_fen - self.fee_refund_fen


def payable(net_fen: int, available_fen: int) -> int:
    """What of a net amount can be paid out: never below nothing, never more than stands on the merchant's account. The rest is carried."""
    return max(0, min(net_fen, available_fen))
