"""What a checker sees of a split or a return before agreeing to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from core import money


def split(proposal: Mapping[str, Any]) -> Sequence[tuple[str, str, str]]:
    """Who is given how much of which payment."""
    shown = [("付款", "", f"{proposal['order']}，{money.format_yuan(int(proposal['paid_fen']))} 元")]
    shown += [(str(each["receiver"]), "0.00", money.format_yuan(int(each["amount_fen"]))) for each in proposal["shares"]]
    return [*shown, ("剩余资金", "冻结", "解冻给商户" if proposal["release"] else "继续冻结")]


def give_back(proposal: Mapping[str, Any]) -> Sequence[tuple[str, str, str]]:
    """What is taken back from whom."""
    return [("分账单", "", str(proposal["split"])), (str(proposal["receiver"]), "", f"回退 {money.format_yuan(int(proposal['amount_fen']))} 元")]
