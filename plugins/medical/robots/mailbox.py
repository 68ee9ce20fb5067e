"""A mailbox that a platform sends its statements to, read over IMAP and left as it is: nothing is marked, moved or deleted."""

import asyncio
import contextlib
import datetime as dt
import email
import imaplib
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default as policy
from email.utils import getaddresses
from typing import BinaryIO, TypeVar

import msgspec

from plugins.medical.robots import addresses
from plugins.medical.robots.account import Account
from plugins.medical.robots.addresses import Place
from plugins.medical.robots.endings import FormatChanged, LoginFailed, NoOrders, Refused, Unreachable
from plugins.medical.robots.files import MACRO_NAMES, MOST_BYTES, Brought

WORD = "账单"
DAYS = 15
"""How long after its day a statement may still come."""
MOST_MAILS = 2000
AT_ONCE = 100
MOST_FILES = 20
MOST_MAIL_BYTES = MOST_BYTES * 3 // 2
"""Of one mail: an attachment grows by a third as it is written in letters."""
MOST_RUN_BYTES = 120 * 1024 * 1024
"""Of everything that a server says during one run."""
WAIT_SECONDS = 20
RUN_SECONDS = 150
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_SIZE, _UID = re.compile(rb"RFC822\.SIZE (\d+)"), re.compile(rb"UID (\d+)")
T = TypeVar("T")
_FILES = (".csv", ".txt", ".tsv", ".xls", ".xlsx", ".zip", ".rar", ".7z", ".html", ".htm", *MACRO_NAMES)


class Letter(msgspec.Struct, frozen=True):
    """A mail before it is fetched."""

    uid: str
    size: int
    subject: str
    sender: str


async def download(account: Account, day: dt.date, still: Callable[[str], Awaitable[None]]) -> list[Brought]:
    """The attachments of the mails about a day, each once. Raises an Ending."""
    place = await addresses.look_up(account.address, account.sandbox_url)
    line = _Line(place)
    try:
        async with asyncio.timeout(RUN_SECONDS):
            box = await _asked(lambda: _enter(line, account))
            await still("logged_in")
            letters = await _asked(lambda: _find(box, account, day))
            await still("download")
            return await _asked(lambda: _fetch(box, letters))
    except TimeoutError:
        raise Unreachable("timeout") from None
    finally:
        await asyncio.to_thread(line.cut)


async def _asked(work: Callable[[], T]) -> T:
    """Ask the server; what it does not answer is unreachable. Its words are kept nowhere: they may repeat what was sent."""
    try:
        return await asyncio.to_thread(work)
    except (OSError, imaplib.IMAP4.error):
        raise Unreachable("no_answer") from None


class _Line:
    """The connection beneath the talk: it is cut from outside when a server never comes to an end."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.left = MOST_RUN_BYTES
        self.file: BinaryIO | None = None
        self._socket: socket.socket | None = None
        self._ended = False

    def open(self) -> socket.socket:
        """Call the number that was judged."""
        found = socket.create_connection((self.place.number, self.place.port), WAIT_SECONDS)
        self._socket = found
        if self._ended:
            self.cut()
        if self.place.scheme == "imaps":
            self._socket = found = ssl.create_default_context().wrap_socket(found, server_hostname=self.place.host)
        return found

    def cut(self) -> None:
        """Whoever still reads from it stops."""
        self._ended = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        for end in (self.file, self._socket):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.close()


class _Box(imaplib.IMAP4):
    """IMAP over a line; an answer larger than a mail may be, or a talk without end, is not read."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        super().__init__(line.place.host, line.place.port)
        self._encoding = "utf-8"

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._line.open()

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        super().open(host, port, timeout)
        self._line.file = self.file

    def read(self, size: int) -> bytes:
        if size > MOST_MAIL_BYTES:
            raise Refused("too_large", size_mb=size // 1024 // 1024)
        return self._counted(super().read(size))

    def readline(self) -> bytes:
        return self._counted(super().readline())

    def _counted(self, said: bytes) -> bytes:
        self._line.left -= len(said)
        if self._line.left < 0:
            raise Refused("too_large", size_mb=MOST_RUN_BYTES // 1024 // 1024)
        return said


def _enter(line: _Line, account: Account) -> _Box:
    box = _Box(line)
    try:
        box.login(account.login, account.secret)
    except imaplib.IMAP4.abort:
        raise Unreachable("no_answer") from None
    except imaplib.IMAP4.error:
        raise LoginFailed("wrong_password") from None
    _said(box.select("INBOX", readonly=True))
    return box


def _find(box: _Box, account: Account, day: dt.date) -> list[Letter]:
    """The mails that speak of a day's statement; how large they are is asked before they are fetched."""
    until = day + dt.timedelta(days=DAYS)
    (found,) = _said(box.uid("SEARCH", "SINCE", _day(day), "BEFORE", _day(until)))
    uids = (found or b"").decode("ascii", "replace").split()[-MOST_MAILS:]
    wanted = []
    for start in range(0, len(uids), AT_ONCE):
        told = _said(box.uid("FETCH", ",".join(uids[start : start + AT_ONCE]), "(RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)])"))
        for letter in _letters(told):
            about = WORD in letter.subject and (day.isoformat() in letter.subject or f"{day:%Y%m%d}" in letter.subject)
            if not about or (account.sender and letter.sender != account.sender):
                continue
            if letter.size > MOST_MAIL_BYTES:
                raise Refused("too_large", size_mb=letter.size // 1024 // 1024)
            wanted.append(letter)
    if not wanted:
        raise NoOrders("no_mail")
    return wanted


def _letters(told: Sequence[tuple[bytes, bytes] | bytes]) -> list[Letter]:
    """What a server says of mails; its facts may stand before or behind the header."""
    found: list[tuple[bytes, bytes]] = []
    for part in told:
        if isinstance(part, tuple):
            found.append(part)
        elif found and part:
            found[-1] = (found[-1][0] + part, found[-1][1])
    letters = []
    for facts, header in found:
        uid, size = _UID.search(facts), _SIZE.search(facts)
        if uid is not None:
            letters.append(Letter(uid[1].decode(), int(size[1]) if size else 0, *_subject(header)))
    return letters


def _fetch(box: _Box, letters: Sequence[Letter]) -> list[Brought]:
    found: dict[str, Brought] = {}
    for letter in letters:
        told = _said(box.uid("FETCH", letter.uid, "(BODY.PEEK[])"))
        raw = next((part[1] for part in told if isinstance(part, tuple)), b"")
        for file in _files(email.message_from_bytes(raw, policy=policy)):
            found.setdefault(file.sha256, file)
        if len(found) > MOST_FILES:
            raise Refused("too_many_files")
    if not found:
        raise FormatChanged("no_attachment")
    return list(found.values())


def _files(mail: EmailMessage) -> list[Brought]:
    files = []
    for part in mail.walk():
        name = (part.get_filename() or "").replace("\\", "/").rsplit("/", 1)[-1]
        if not name.lower().endswith(_FILES):
            continue
        content = part.get_payload(decode=True) or b""
        files.append(Brought(name, content))
    return files


def _subject(header: bytes) -> tuple[str, str]:
    """Subject and sender of a header; several senders are nobody."""
    with contextlib.suppress(Exception):
        mail = email.message_from_bytes(header)
        senders = [address.lower() for _name, address in getaddresses(mail.get_all("From", []))]
        return str(make_header(decode_header(str(mail.get("Subject", ""))))), senders[0] if len(senders) == 1 else ""
    return "", ""


def _said(answer: tuple[str, list]) -> list:
    if answer[0] != "OK":
        raise Unreachable("no_answer")
    return answer[1]


def _day(day: dt.date) -> str:
    """As IMAP writes days, in English whatever the locale."""
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"
