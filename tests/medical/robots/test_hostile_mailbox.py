"""Mail servers that lie, drip and never end: a robot stops at its limits, and what it was told goes nowhere."""

import asyncio
import contextlib
import datetime as dt
import re
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from plugins.medical.robots import mailbox
from plugins.medical.robots.account import Account
from plugins.medical.robots.endings import LoginFailed, NoOrders, Refused, Unreachable

DAY = dt.date(2026, 3, 1)
SECRET = "a secret ü of ours"


def mail(subject: str = f"账单 {DAY}", sender: str = "Bills <bills@platform.test>", names: tuple[str, ...] = ("bill.csv",)) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = sender, subject
    made.set_content("账单")
    for place, name in enumerate(names):
        made.add_attachment(f"{name}{place}".encode(), maintype="text", subtype="csv", filename=name)
    return made.as_bytes(policy=SMTP)


@contextlib.asynccontextmanager
async def server(mails=(), size: int | None = None, behind: bool = False, **said: bytes):
    """An IMAP server with some mails. `size` is what it claims of each, `behind` writes facts behind the header, `said` replaces its answers by verb."""
    talks = []

    async def talk(reader, writer):
        with contextlib.suppress(OSError):
            writer.write(said.get("greeting", b"* OK ready\r\n"))
            while line := await reader.readline():
                talks.append(line.decode())
                tag, _, rest = line.decode().strip().partition(" ")
                words = rest.removeprefix("UID ").split(" ", 1)
                if words[0] in said:
                    writer.write(said[words[0]].replace(b"TAG", tag.encode()))
                    continue
                if words[0] == "CAPABILITY":
                    writer.write(b"* CAPABILITY IMAP4rev1\r\n")
                elif words[0] == "SEARCH":
                    writer.write(b"* SEARCH %s\r\n" % " ".join(str(n + 1) for n in range(len(mails))).encode())
                elif words[0] == "FETCH":
                    for uid in words[1].split(" ")[0].split(","):
                        writer.write(told(int(uid), mails[int(uid) - 1], "HEADER" in words[1], size, behind))
                writer.write(f"{tag} OK done\r\n".encode())
                await writer.drain()
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"imap://127.0.0.1:{listening.sockets[0].getsockname()[1]}", talks
    finally:
        listening.close()


def told(uid: int, raw: bytes, header: bool, size: int | None, behind: bool) -> bytes:
    facts = f"UID {uid} RFC822.SIZE {len(raw) if size is None else size}".encode()
    if not header:
        return b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (uid, uid, len(raw), raw)
    head = b"\r\n".join(line for line in re.split(rb"\r\n(?![ \t])", raw.split(b"\r\n\r\n")[0]) if line[:5].lower() in (b"from:", b"subje")) + b"\r\n\r\n"
    shown = b"BODY[HEADER.FIELDS (SUBJECT FROM)] {%d}\r\n%b" % (len(head), head)
    return b"* %d FETCH (%b %b)\r\n" % ((uid, shown, facts) if behind else (uid, facts, shown))


async def read(address: str, sender: str = ""):
    async def still(step):
        return None

    return await mailbox.download(Account("meituan", address, "me@test", SECRET, "http://127.0.0.1:1", sender), DAY, still)


@pytest.mark.parametrize("behind", [False, True])
async def test_a_crowded_mailbox_is_read_in_few_questions_and_nothing_is_marked(behind):
    crowd = [mail("广告"), mail(f"账单 {DAY}", names=("a.csv",)), *[mail("通知")] * 250]
    async with server(crowd, behind=behind) as (address, talks):
        assert [file.content for file in await read(address)] == [b"a.csv0"]
    assert sum(" FETCH " in line for line in talks) == 4
    assert not [line for line in talks if "STORE" in line or "SELECT" in line or "BODY[" in line]


async def test_a_mail_that_is_larger_than_it_says_is_not_read(monkeypatch):
    monkeypatch.setattr(mailbox, "MOST_MAIL_BYTES", 50_000)
    async with server([mail(names=tuple(f"{n}.csv" for n in range(500)))], size=100) as (address, _):
        with pytest.raises(Refused, match="too_large"):
            await read(address)


async def test_a_mail_that_says_how_large_it_is_is_not_asked_for():
    async with server([mail()], size=40 * 1024 * 1024) as (address, talks):
        with pytest.raises(Refused, match="too_large"):
            await read(address)
    assert not [line for line in talks if "BODY.PEEK[]" in line]


async def test_a_server_that_talks_on_and_on_is_cut_off(monkeypatch):
    monkeypatch.setattr(mailbox, "MOST_RUN_BYTES", 200_000)
    async with server(SEARCH=b"* 1 EXISTS\r\n" * 50_000 + b"TAG OK\r\n") as (address, _):
        with pytest.raises(Refused, match="too_large"):
            await read(address)


async def test_a_server_that_never_finishes_its_greeting_does_not_hold_a_worker(monkeypatch):
    monkeypatch.setattr(mailbox, "RUN_SECONDS", 0.5)
    async with server(greeting=b"* OK rea") as (address, _):
        with pytest.raises(Unreachable, match="timeout"):
            await read(address)
    threads = asyncio.get_running_loop()._default_executor
    await asyncio.wait_for(asyncio.to_thread(lambda: None), 2)
    for _ in range(50):
        if threads._work_queue.empty() and threads._idle_semaphore._value >= len(threads._threads):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("a thread still reads")


async def test_many_attachments_are_not_opened():
    async with server([mail(names=tuple(f"{n}.csv" for n in range(21)))]) as (address, _):
        with pytest.raises(Refused, match="too_many_files"):
            await read(address)


async def test_only_the_known_senders_mails_are_read():
    forged = [mail(sender="bills@platform.test <eve@elsewhere.test>"), mail(sender="bills@platform.test, eve@elsewhere.test")]
    async with server(forged) as (address, _):
        with pytest.raises(NoOrders):
            await read(address, "bills@platform.test")
    async with server([*forged, mail(names=("true.csv",))]) as (address, _):
        assert [file.content for file in await read(address, "bills@platform.test")] == [b"true.csv0"]


async def test_what_the_server_says_of_a_secret_is_repeated_nowhere():
    async with server(LOGIN=f'TAG NO "{SECRET}" is wrong\r\n'.encode()) as (address, talks):
        with pytest.raises(LoginFailed) as told:
            await read(address)
    assert SECRET in "".join(talks)
    assert SECRET not in f"{told.value} {told.value.facts} {told.value.__cause__}"
