"""An account's day statement as the bank writes it: CSV in UTF-8 behind a byte order mark, opening balance above, totals and closing below."""

import csv
import datetime as dt
import io
from collections.abc import Sequence

from core import clock
from core.money import format_yuan
from core.sandbox.bank.book import Account, Entry

HEADER = ("交易日期", "交易时间", "流水号", "借贷标志", "发生额", "余额", "对方户名", "对方账号", "摘要", "附言", "凭证号")


def written(account: Account, day: dt.date, opening_fen: int, entries: Sequence[Entry]) -> bytes:
    """The file of a day; the same entries always give the same bytes. 借 is money out, 贷 money in."""
    paid = [-entry.amount_fen for entry in entries if entry.amount_fen < 0]
    received = [entry.amount_fen for entry in entries if entry.amount_fen > 0]
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(("账号", account.number, "户名", account.name, "币种", "人民币"))
    lines.writerow(("账单日期", f"{day:%Y-%m-%d}", "期初余额", _yuan(opening_fen)))
    lines.writerow(HEADER)
    for entry in entries:
        lines.writerow(_row(entry))
    lines.writerow(("借方合计", len(paid), _yuan(sum(paid)), "贷方合计", len(received), _yuan(sum(received))))
    lines.writerow(("期末余额", _yuan(opening_fen + sum(received) - sum(paid))))
    return text.getvalue().encode("utf-8-sig")


def file_name(account: Account, day: dt.date) -> str:
    """The name of a day's file."""
    return f"DZD_{account.number}_{day:%Y%m%d}.csv"


def _row(entry: Entry) -> tuple[str, ...]:
    at = entry.booked_at.astimezone(clock.SHANGHAI)
    flag = "贷" if entry.amount_fen > 0 else "借"
    amount, balance = _yuan(abs(entry.amount_fen)), _yuan(entry.balance_fen)
    told = (entry.other_name, entry.other_account, entry.summary, entry.reference, entry.voucher)
    return (f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", entry.serial, flag, amount, balance, *told)


def _yuan(fen: int) -> str:
    return format_yuan(fen).replace(",", "")
