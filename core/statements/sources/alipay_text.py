"""The common shape of Alipay's reports (Alipay §8): `#` lines before and after a table in GBK, in a zip beside a summary nobody needs."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from io import TextIOWrapper
from typing import BinaryIO

from core.statements.protocol import Expected, FileRefused, Notes
from core.statements.sources.faults import fault
from core.statements.sources.texts import Text
from core.statements.unpacking import GZIP, ZIP, Archive, head_of, is_zip

ENCODING = "gb18030"
ACCOUNT = re.compile(r"#账号：\[([0-9]+)\]")
PERIOD = re.compile(r"#起始日期：\[([0-9]{4})年([0-9]{2})月([0-9]{2})日 ([0-9:]{8})\]\s*终止日期：\[([0-9]{4})年([0-9]{2})月([0-9]{2})日 ([0-9:]{8})\]")
ACCOUNT_TAIL = "0156"
Row = tuple[int, int, list[str]]


class Report:
    """One report: `names` are its columns, `merchant` the account it is of; `total` finds a line of the footer."""

    def __init__(self, content: BinaryIO, title: str, layout: Sequence[str], expected: Expected, notes: Notes) -> None:
        self._notes, self._expected = notes, expected
        self._text = Text(entry_of(content, title), ENCODING)
        self._lines = self._numbered()
        self._footer: list[str] = []
        self.count = self.unreadable = 0
        self.names = self._header(title, layout)

    def _numbered(self) -> Iterator[tuple[int, str]]:
        number = 0
        for block in self._text.lines():
            for line in block:
                number += 1
                yield number, line

    def _header(self, title: str, layout: Sequence[str]) -> list[str]:
        preamble = []
        for _, line in self._lines:
            if not line.startswith("#"):
                break
            preamble.append(line)
        else:
            raise FileRefused("truncated_text", "文件只有开头，没有传完整，请重新下载")
        self._check_account(preamble)
        self._check_day(preamble)
        names = [name.strip() for name in line.split(",")]
        if len(set(names).intersection(layout)) * 2 < len(layout):
            raise FileRefused("not_a_statement", f"{title}的表头不见了，请重新下载", line=len(preamble) + 1)
        if tuple(names) != tuple(layout):
            self._notes.repaired("column_order")
        return names

    def _check_account(self, preamble: list[str]) -> None:
        account = next((found[1] for line in preamble if (found := ACCOUNT.match(line))), "")
        merchant = account.removesuffix(ACCOUNT_TAIL) if len(account) == 20 else account
        known = self._expected.merchants
        if not merchant or (known and merchant not in known and account not in known):
            said = f"文件是账号 {account or '（未写明）'} 的账单，本客户的账号是 {'、'.join(sorted(known))}，请核对后重新选择文件"
            raise FileRefused("other_merchant", said, line=2, column="账号", value=account)
        self._notes.merchant = account if account in known else merchant

    def _check_day(self, preamble: list[str]) -> None:
        period = next((found for line in preamble if (found := PERIOD.match(line))), None)
        begins, ends = (_day(period.groups()[place : place + 3]) for place in (0, 4)) if period else (None, None)
        day = self._expected.day
        if begins == day and ends in (day, day + dt.timedelta(days=1)):
            return
        said = f"文件是 {begins} 至 {ends} 的账单，不是 {self._expected.day} 一天的" if period else "文件没有写明是哪一天的账单"
        raise FileRefused("other_date", said, line=3, column="起始日期", value=str(begins))

    def need(self, names: Sequence[str]) -> None:
        """Refuse a report that lacks a column without which its rows say nothing."""
        for name in names:
            if self.names.count(name) != 1:
                raise FileRefused("missing_column", f"文件缺少“{name}”一列，请重新下载完整的账单", column=name)

    def batches(self, pick: Callable[[list[str]], Sequence[str]] = list, size: int = 1_000) -> Iterator[list[Row]]:
        """The rows of the table, of each the picked values without the spaces and TABs around them; one of another width is left out."""
        rows: list[Row] = []
        width = len(self.names)
        for line_no, line in self._lines:
            if line[:1] == "#":
                self._footer = [line, *(each for _, each in self._lines)]
                break
            values = line.split(",")
            if len(values) == width:
                self.count += 1
                rows.append((self.count, line_no, [*map(str.strip, pick(values))]))
            elif self._text.unended:
                raise FileRefused("truncated_text", f"文件在第 {line_no} 行中间结束，没有传完整，请重新下载", line=line_no)
            elif line.strip():
                self.count += 1
                self.unreadable += 1
                number = values[self.names.index("商户订单号")].strip() if "商户订单号" in self.names[: len(values)] else ""
                self._notes.fault(fault(self.count, line_no, number, "(row)", f"{len(values)} / {len(self.names)}", "field_count"))
            if len(rows) >= size:
                yield rows
                rows = []
        yield rows

    def total(self, pattern: re.Pattern[str]) -> list[Decimal]:
        """The figures of a footer's line; a report without it did not come whole."""
        for line in self._footer:
            if found := pattern.search(line):
                return [Decimal(figure) for figure in found.groups()]
        raise FileRefused("truncated_text", "文件没有末尾的合计，没有传完整，请重新下载")

    def finish(self) -> None:
        """Note what is known at the end."""
        if self._text.lf:
            self._notes.repaired("line_ends")
        self._notes.lines = self.count
        if not self.count:
            self._notes.remarked("empty_day")


def _day(figures: Sequence[str]) -> dt.date | None:
    try:
        return dt.date(*map(int, figures))
    except ValueError:
        return None


def entry_of(content: BinaryIO, title: str) -> BinaryIO:
    """The report with that title: an entry of the zip, told by its first line, or the bare text."""
    mark = f"#{title}"
    if not is_zip(content):
        _check_mark(head_of(content, 256), mark)
        return content
    archive = Archive(content)
    heads, fitting = [], []
    for entry in archive.entries:
        with archive.open(entry) as inside:
            heads.append(inside.read(256))
        if heads[-1].startswith(mark.encode(ENCODING)):
            fitting.append(entry)
    if len(fitting) > 1:
        raise FileRefused("duplicate_entry", f"压缩包里有 {len(fitting)} 份“{title}”，不知道用哪一份，请重新下载")
    if fitting:
        return archive.open(fitting[0])
    if any(head.startswith((GZIP, *ZIP)) for head in heads):
        raise FileRefused("not_a_statement", "压缩包里还是压缩包，请解开一层再交")
    for head in heads:
        _check_mark(head, mark)
    raise FileRefused("not_a_statement", "压缩包是空的，请重新下载")


def _check_mark(head: bytes, mark: str) -> None:
    if head.startswith(mark.encode(ENCODING)):
        return
    if head.removeprefix(b"\xef\xbb\xbf").startswith(mark.encode()):
        raise FileRefused("wrong_encoding", "文件不是 GBK 编码，可能被转存过，请从支付宝重新下载")
    raise FileRefused("not_a_statement", f"文件的第一行不是“{mark}”，请确认选对了文件和来源")


def lines_of(title: str) -> Callable[[BinaryIO], Iterator[str]]:
    """Reads a report's lines for people."""

    def lines(content: BinaryIO) -> Iterator[str]:
        with suppress(FileRefused):
            yield from TextIOWrapper(entry_of(content, title), ENCODING, "replace", newline="\n")

    return lines
