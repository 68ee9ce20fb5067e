"""Text of a statement, in blocks of whole lines: decoded strictly, line ends noticed, nothing held that is not needed."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from core.statements.protocol import FileRefused

BLOCK_BYTES = 1 << 20
LONGEST_LINE = 4 << 20


class Text:
    """The lines of a stream. `crlf` and `lf` count the line ends seen so far, `lf` those without a carriage return.

    With `narrow`, lines are checked and handed out as one character a byte (`true` makes text of them): cutting them is then twice as
    quick, and nearly all that is cut is numbers.
    """

    def __init__(self, content: BinaryIO, encoding: str = "utf-8", *, narrow: bool = False) -> None:
        self._content, self._encoding, self._narrow = content, encoding, narrow
        self.crlf = 0
        self.lf = 0
        self.bom = False
        self.unended = False
        """Whether the last line had no line end."""

    def blocks(self) -> Iterator[list[str]]:
        """Lists of lines without LF; raises FileRefused for bytes that are no text of this encoding. A carriage return is still there."""
        left = b""
        first = True
        while read := self._content.read(BLOCK_BYTES):
            if first:
                self.bom = read.startswith(codecs.BOM_UTF8)
                read, first = read.removeprefix(codecs.BOM_UTF8), False
            cut = read.rfind(b"\n") + 1
            if not cut:
                left += read
                if len(left) > LONGEST_LINE:
                    raise FileRefused("not_a_statement", "文件里有一行长得不像对账单，请确认选对了文件")
                continue
            yield self._split(left + read[:cut] if left else read[:cut])
            left = read[cut:]
        if left:
            self.unended = True
            yield self._split(left + b"\n")
            self.lf -= 1

    def lines(self) -> Iterator[list[str]]:
        """The same without carriage returns at the ends."""
        for block in self.blocks():
            yield [line[:-1] if line[-1:] == "\r" else line for line in block]

    def _split(self, block: bytes) -> list[str]:
        try:
            text = block.decode(self._encoding)
        except UnicodeDecodeError:
            raise FileRefused("wrong_encoding", f"文件不是 {self._encoding.upper()} 编码，请从渠道重新下载，不要用 Excel 另存") from None
        if self._narrow:
            text = block.decode("latin-1")
        if "\x00" in text:
            raise FileRefused("not_a_statement", "文件里有不可能出现在对账单里的字节，请重新下载")
        ends, returns = block.count(b"\n"), block.count(b"\r")
        crlf = ends if returns == ends else block.count(b"\r\n")
        self.crlf += crlf
        self.lf += ends - crlf
        lines = text.split("\n")
        lines.pop()
        return lines


def true(narrow: str) -> str:
    """The text of a narrow one."""
    return narrow if narrow.isascii() else narrow.encode("latin-1").decode("utf-8", "replace")
