"""A settlement statement line by line: a batch's channels, its adjustments, what was carried; the columns are those of §2.7.

It is a document: Chinese whatever the language of the page.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from core.database import Row, Session
from core.onboarding.rates import percent
from core.settlement import pricing
from core.settlement import statement_repository as repository
from core.settlement.errors import BatchNotFound
from core.settlement.months import following

COLUMNS = (
    ("结算日期", "date"),
    ("商户号", "text"),
    ("商户名称", "text"),
    ("渠道", "text"),
    ("交易笔数", "number"),
    ("交易金额", "money"),
    ("退款笔数", "number"),
    ("退款金额", "money"),
    ("手续费率", "text"),
    ("手续费", "money"),
    ("调整金额", "money"),
    ("应结金额", "money"),
    ("实结金额", "money"),
    ("收款户名", "text"),
    ("收款账号(掩码)", "text"),
    ("批次号", "text"),
    ("状态", "text"),
    ("入账流水号", "text"),
)
CHANNELS = {"wechatpay": "微信支付", "alipay": "支付宝", "unionpay": "云闪付", "stripe": "银行卡", "counter": "窗口"}
STATES = {
    "calculating": "计算中", "pending_review": "待复核", "approved": "已复核", "paying": "付款中", "paid": "已付款", "returned": "已退回",
    "re_pay": "重新付款", "carried": "结转下批",
}  # fmt: skip


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line; in every line payable = pays − refunds − fee + adjustment, and the columns add up to the batch."""

    settle_on: dt.date
    merchant_code: str
    merchant_name: str
    channel: str
    batch_number: str
    status: str
    pay_count: int = 0
    gross_fen: int = 0
    refund_count: int = 0
    refund_fen: int = 0
    rate: str = ""
    cost_fen: int = 0
    adjust_fen: int = 0
    net_fen: int = 0
    paid_fen: int = 0
    account_name: str = ""
    account_masked: str = ""
    bank_serial: str = ""

    def cells(self) -> tuple[object, ...]:
        """The values in the order of COLUMNS."""
        return (
            self.settle_on, self.merchant_code, self.merchant_name, self.channel, self.pay_count, self.gross_fen, self.refund_count,
            self.refund_fen, self.rate, self.cost_fen, self.adjust_fen, self.net_fen, self.paid_fen, self.account_name, self.account_masked,
            self.batch_number, STATES[self.status], self.bank_serial,
        )  # fmt: skip


async def of_batch(session: Session, batch_id: UUID) -> tuple[Row, list[Line]]:
    """One batch and its lines; BatchNotFound outside this client."""
    batch = await repository.find_batch(session, batch_id)
    if batch is None:
        raise BatchNotFound()
    return batch, await _lines(session, [batch])


async def of_month(session: Session, first: dt.date) -> list[Line]:
    """Every line of a month, by bill date and merchant."""
    return await _lines(session, await repository.list_month(session, first, following(first)))


async def _lines(session: Session, batches: Sequence[Row]) -> list[Line]:
    rates = await pricing.rates_of(session)
    by_batch: dict[UUID, list[Row]] = defaultdict(list)
    for row in await repository.list_channels(session, [batch.id for batch in batches]):
        by_batch[row.batch_id].append(row)
    return [line for batch in batches for line in _lines_of(batch, by_batch[batch.id], rates)]


def _lines_of(batch: Row, channels: Sequence[Row], rates: pricing.Rates) -> list[Line]:
    paid = batch.status == "paid"
    head = {
        "settle_on": batch.settle_on, "merchant_code": batch.merchant_code, "merchant_name": batch.merchant_name, "batch_number": batch.number,
        "status": batch.status, "account_name": batch.account_name or "", "account_masked": batch.account_masked or "",
        "bank_serial": (batch.bank_serial or "") if paid else "",
    }  # fmt: skip
    lines = []
    for row in channels:
        net_fen = row.gross_fen - row.refund_fen - row.cost_fen
        found = (rates.of(row.channel, number, batch.bill_on) for number in row.numbers)
        told = sorted({percent(rate.rate_ppm) for rate in found if rate is not None})
        lines.append(
            Line(
                channel=CHANNELS.get(row.channel, row.channel), pay_count=row.pay_count, gross_fen=row.gross_fen, refund_count=row.refund_count,
                refund_fen=row.refund_fen, rate="/".join(told), cost_fen=row.cost_fen, net_fen=net_fen, paid_fen=net_fen if paid else 0, **head,
            )
        )  # fmt: skip
    for label, fen in (("调整", batch.adjust_fen), ("上期结转", batch.brought_fen)):
        if fen:
            lines.append(Line(channel=label, adjust_fen=fen, net_fen=fen, paid_fen=fen if paid else 0, **head))
    if paid and batch.pay_fen != batch.net_fen:
        lines.append(Line(channel="结转下期", paid_fen=batch.pay_fen - batch.net_fen, **head))
    return lines


def total(lines: Sequence[Line]) -> dict[str, int]:
    """The sums of some lines."""
    names = ("pay_count", "gross_fen", "refund_count", "refund_fen", "cost_fen", "adjust_fen", "net_fen", "paid_fen")
    return {name: sum(getattr(line, name) for line in lines) for name in names}
