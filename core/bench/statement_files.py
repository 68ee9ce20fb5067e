"""Statement files as large as a benchmark wants them, written the way the channel writes them."""

import datetime as dt
from pathlib import Path

from core.clock import SHANGHAI
from core.statements.sources.wechatpay_layouts import ALL

MCHID = "1999000311"
DAY = dt.date(2026, 3, 1)
GOODS = ("学费", "校服费", "餐费-午餐", "住宿费", "书本费", "取暖费\\ 物业费")
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
REFUND_EVERY = 50


def order_number(index: int, day: dt.date = DAY) -> str:
    """The order number of a file's row, counted from 0."""
    return f"P{day:%y%m%d}{index:014d}"


def amount_fen(index: int) -> int:
    """Its amount: between 0.50 and 2,000 yuan, looking random."""
    return 50 + index * 7919 % 199_950


def fee_fen(fen: int) -> int:
    """0.60 %, rounded half up."""
    return (fen * 6 + 500) // 1000


def make_wechat_file(path: Path, rows: int, *, day: dt.date = DAY, mchid: str = MCHID, first: int = 0, refund_every: int = REFUND_EVERY) -> None:
    """A trade bill (ALL, 27 columns) of `rows` rows in the order of time; every `refund_every`-th row (0: none) gives a payment of the
    day before back, under the refund number `R` + order number. Row n has `order_number(first + n)`, `amount_fen`, `fee_fen`."""
    midnight = dt.datetime.combine(day, dt.time(), SHANGHAI)
    paid_fen = refunded_fen = fees_fen = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(ALL) + "\r\n")
        for n in range(rows):
            index = first + n
            fen, at = amount_fen(index), midnight + dt.timedelta(seconds=n * 86_399 // max(rows, 1))
            fee, number, theirs = fee_fen(fen), order_number(index, day), f"42000029{index * 2654435761 % 10**20:020d}"
            yuan, cost, note = f"{fen // 100}.{fen % 100:02d}", f"{fee // 100}.{fee % 100:02d}000", f"B{day:%y%m%d}{index:09d}"
            head = (f"{at:%Y-%m-%d %H:%M:%S}", "wx5a10e0c0ffee0311", mchid, "0", "", theirs, number, f"oQw5H6{index * 40503 % 10**14:022d}",
                    "JSAPI")  # fmt: skip
            if refund_every and n % refund_every == refund_every - 1:
                refunded_fen, fees_fen = refunded_fen + fen, fees_fen - fee
                back = ("REFUND", "OTHERS", "CNY", "0.00", "0.00", f"50300{index:023d}", f"R{number}", yuan, "0.00", "ORIGINAL", "SUCCESS")
                tail = (GOODS[index % len(GOODS)], note, f"-{cost}", "0.60%", "0.00", yuan, "")
            else:
                paid_fen, fees_fen = paid_fen + fen, fees_fen + fee
                back = ("SUCCESS", "OTHERS", "CNY", yuan, "0.00", "0", "0", "0.00", "0.00", "", "")
                tail = (GOODS[index % len(GOODS)], note, cost, "0.60%", yuan, "0.00", "")
            file.write("`" + ",`".join((*head, *back, *tail)) + "\r\n")
        sums = [f"{fen // 100}.{fen % 100:02d}" for fen in (paid_fen, refunded_fen, 0, fees_fen, paid_fen, refunded_fen)]
        sums[3] += "000"
        file.write(f"{SUMMARY}\r\n`" + ",`".join((str(rows), *sums)) + "\r\n")
