"""The two files of a daily statement as Alipay writes them: GBK, tabs after identifiers, totals at the foot (Alipay §8.1)."""

import datetime as dt
import io
import zipfile
from decimal import Decimal

import msgspec
from asyncpg import Connection

from core import clock
from core.money import percent_of
from core.payments.channels.alipay import wire
from core.sandbox.alipay import people

FEE_PERCENT = Decimal("0.6")
HEADER = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,"
    "集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
SUMMARY_HEADER = (
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,"
    "服务费（元）,分润（元）,实收净额（元）"
)
_RULE = "-" * 41


class Line(msgspec.Struct, frozen=True):
    """One payment or one refund of the day; `amount_fen` is negative for money that went back."""

    trade_no: str
    out_trade_no: str
    subject: str
    created_at: dt.datetime
    finished_at: dt.datetime
    payer: str
    amount_fen: int
    out_request_no: str

    @property
    def fee_fen(self) -> int:
        """The service fee as it is printed: negative on a payment, returned on a refund."""
        return -percent_of(self.amount_fen, FEE_PERCENT)

    def written(self) -> str:
        """The row of 业务明细."""
        amount = _yuan(self.amount_fen)
        kind = "退款" if self.out_request_no else "交易"
        return ",".join(
            (
                *(f"{self.trade_no}\t", f"{self.out_trade_no}\t", kind, self.subject.replace(",", "，")),
                *(f"{wire.local(self.created_at)}\t", f"{wire.local(self.finished_at)}\t", "\t", "", "", ""),
                *(f"{people.account_name(self.payer)}\t", amount, amount, "0.00", "0.00", "0.00", "0.00", "0.00", "", "0.00", "0.00"),
                *(f"{self.out_request_no}\t", _yuan(self.fee_fen), "0.00", ""),
            )
        )


async def lines_of(connection: Connection, mchid: str, day: dt.date) -> list[Line]:
    """What was paid and what went back on a day (Beijing time), newest first."""
    begins = dt.datetime.combine(day, dt.time(), clock.SHANGHAI)
    rows = await connection.fetch(
        """
        SELECT trade_no, out_trade_no, subject, created_at, paid_at AS finished_at, payer, total_fen AS amount_fen, '' AS out_request_no
        FROM sandbox.alipay_trade WHERE mchid = $1 AND paid_at >= $2 AND paid_at < $3
        UNION ALL
        SELECT t.trade_no, t.out_trade_no, t.subject, t.created_at, r.refunded_at, t.payer, -r.amount_fen, r.out_request_no
        FROM sandbox.alipay_refund r JOIN sandbox.alipay_trade t USING (mchid, out_trade_no)
        WHERE r.mchid = $1 AND r.state = 'SUCCESS' AND r.refunded_at >= $2 AND r.refunded_at < $3
        ORDER BY finished_at DESC, out_request_no DESC
        """,
        *(mchid, begins, begins + dt.timedelta(days=1)),
    )
    return [Line(**row) for row in rows]


async def zipped(connection: Connection, mchid: str, day: dt.date) -> bytes:
    """The zip of a day: details and summary."""
    lines = await lines_of(connection, mchid, day)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for ending, text in (("业务明细.csv", _details(mchid, day, lines)), ("业务明细(汇总).csv", _summary(mchid, day, lines))):
            archive.writestr(_GbkName(file_name(mchid, day, ending)), text.encode("gbk", "replace"), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def file_name(mchid: str, day: dt.date, ending: str) -> str:
    """The name of a day's file."""
    return f"{mchid}0156_{day:%Y%m%d}_{ending}"


def _details(mchid: str, day: dt.date, lines: list[Line]) -> str:
    paid = [line.amount_fen for line in lines if line.amount_fen > 0]
    back = [line.amount_fen for line in lines if line.amount_fen < 0]
    return _file(
        *(mchid, day, "明细", HEADER, [line.written() for line in lines]),
        [
            f"#交易合计：{len(paid)}笔，商家实收共{_yuan(sum(paid))}元，商家优惠共0.00元",
            f"#退款合计：{len(back)}笔，商家实收退款共{_yuan(sum(back))}元，商家优惠退款共0.00元",
        ],
    )


def _summary(mchid: str, day: dt.date, lines: list[Line]) -> str:
    total, fee = sum(line.amount_fen for line in lines), sum(line.fee_fen for line in lines)
    counts = [sum(line.amount_fen > 0 for line in lines), sum(line.amount_fen < 0 for line in lines)]
    sums = ",".join(map(str, [*counts, _yuan(total), _yuan(total), "0.00", "0.00", "0.00", _yuan(fee), "0.00", _yuan(total + fee)]))
    return _file(mchid, day, "汇总", SUMMARY_HEADER, [f"\t,,{sums}", f"合计,,{sums}"], [])


def _file(mchid: str, day: dt.date, kind: str, header: str, rows: list[str], foot: list[str]) -> str:
    written = [
        f"#支付宝业务{kind}查询",
        f"#账号：[{mchid}0156]",
        f"#起始日期：[{day:%Y年%m月%d日} 00:00:00]   终止日期：[{day + dt.timedelta(days=1):%Y年%m月%d日} 00:00:00]",
        f"#{_RULE}业务{kind}列表{_RULE[:-1]}",
        *(header, *rows),
        f"#{_RULE}业务{kind}列表结束{_RULE[:-5]}",
        *foot,
        f"#导出时间：[{day + dt.timedelta(days=1):%Y年%m月%d日} 05:46:49]",
    ]
    return "\r\n".join(written) + "\r\n"


def _yuan(amount_fen: int) -> str:
    return f"-{wire.yuan(-amount_fen)}" if amount_fen < 0 else wire.yuan(amount_fen)


class _GbkName(zipfile.ZipInfo):
    """A file name in GBK without the flag that says UTF-8: what Alipay does, and what plain readers trip over."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), self.flag_bits & ~0x800
