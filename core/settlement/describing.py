"""What a checker sees of a settlement before agreeing to it."""

from collections.abc import Mapping

from core import money


def batch(proposal: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """A batch: what is owed and what is paid."""
    net, paid = money.format_yuan(int(str(proposal["net_fen"]))), money.format_yuan(int(str(proposal["pay_fen"])))
    shown = [("应结金额", "", net), ("本次付款", "0.00", paid)]
    return [("批次", "", f"{proposal['number']}（{proposal['merchant']}，{proposal['bill_on']}）"), *shown]


def repay(proposal: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """Paying again what came back."""
    paid = money.format_yuan(int(str(proposal["pay_fen"])))
    return [("批次", "", str(proposal["number"])), ("收款账户", "", str(proposal["account"])), (f"第 {proposal['attempt']} 次付款", "", paid)]


def month(proposal: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """Signing a month, or opening it again."""
    if proposal["action"] == "reopen":
        return [(str(proposal["month"]), "已签认", "重新打开")]
    sums = proposal["totals"]
    assert isinstance(sums, Mapping)
    told = (("交易金额", "gross_fen"), ("退款金额", "refund_fen"), ("应结金额", "net_fen"), ("实结金额", "paid_fen"))
    return [(str(proposal["month"]), "未签认", "签认"), *((label, "", money.format_yuan(int(sums[name]))) for label, name in told)]
