"""A ticket's life: raised by a client's member of staff, answered, asked back, solved, opened again, closed.

Every function runs in the client's transaction; the bank's people stand in it as visitors (`core.tenancy.threshold.visiting`).
"""

import datetime as dt
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.errors import InvalidRequest
from core.files import service as files
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import Vault
from core.support import copies_repository as copies
from core.support.errors import ReopenTooLate, TicketNotFound
from core.support.states import ANSWER_WITHIN, SEVERITIES, SOLVE_WITHIN, TICKET
from core.support.tickets import repository

OBJECT = "support_ticket"
LONGEST_TITLE, LONGEST_TEXT = 100, 4000
LARGEST = 10 * 1024 * 1024
REOPEN_WITHIN = dt.timedelta(days=14)
CLOSED_AFTER = dt.timedelta(days=7)
KEEP_PAPERS = dt.timedelta(days=3_650)


class Paper(msgspec.Struct, frozen=True):
    """A file beside what was written."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


class Raise(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody reports: where it was seen, in words, how bad it is."""

    title: str
    text: str
    severity: str = "normal"
    page: str = ""
    page_title: str = ""
    job_id: UUID | None = None


def _words(text: str, most: int, missing: str) -> str:
    text = text.replace("\0", "").strip()
    if not text:
        raise InvalidRequest(missing)
    if len(text) > most:
        raise InvalidRequest(f"最多 {most} 个字，请写短一些")
    return text


async def raise_ticket(session: Session, vault: Vault, by: Actor, said: Raise, paper: Paper | None = None) -> UUID:
    """Report a problem; the clock of its severity begins."""
    if said.severity not in SEVERITIES:
        raise InvalidRequest("请选择紧急程度")
    now, ticket_id = clock.now(), ids.uuid7()
    title = _words(said.title, LONGEST_TITLE, "请用一句话写明问题")
    text = _words(said.text, LONGEST_TEXT, "请写明看到了什么、原本应该怎样")
    answer_due_at = now + ANSWER_WITHIN[said.severity]
    row = {
        "id": ticket_id, "client_id": session.tenant_id, "number": ids.number("T", f"{clock.today():%y%m%d}", 6), "title": title,
        "severity": said.severity, "status": "open", "page": said.page, "page_title": said.page_title, "job_id": said.job_id,
        "made_by": by.id, "made_by_name": by.name, "answer_due_at": answer_due_at, "due_at": answer_due_at, "created_at": now,
    }  # fmt: skip
    await repository.add(session, row)
    await _write(session, vault, by, ticket_id, "raised", text, paper)
    await copies.wake(session, now)
    after = {"number": row["number"], "title": title, "severity": said.severity, "page": said.page_title}
    await audit.record(session, by, "support.ticket.raise", OBJECT, ticket_id, after=after)
    return ticket_id


async def reply(session: Session, vault: Vault, by: Actor, ticket_id: UUID, text: str, paper: Paper | None = None) -> None:
    """The client's side writes: it answers what was asked back, adds something, or says that it is not solved after all."""
    row = await held(session, ticket_id)
    values: dict[str, object] = {}
    if row.status == "waiting_client":
        waited = clock.now() - row.waiting_at
        values = {"status": "in_progress", "waiting_at": None, "due_at": row.due_at + waited}
    elif row.status in ("resolved", "closed"):
        values = _again(row)
    await _write(session, vault, by, ticket_id, "reopened" if row.status in ("resolved", "closed") else "replied", text, paper)
    await _move(session, by, row, values, "support.ticket.reopen" if row.status in ("resolved", "closed") else "support.ticket.reply")


def _again(row: Row) -> dict[str, object]:
    now = clock.now()
    if now > row.resolved_at + REOPEN_WITHIN:
        raise ReopenTooLate(days=REOPEN_WITHIN.days)
    return {"status": TICKET.check(row.status, "in_progress"), "resolved_at": None, "due_at": now + SOLVE_WITHIN[row.severity]}


async def close(session: Session, vault: Vault, by: Actor, ticket_id: UUID) -> None:
    """The client's side is content, or needs no answer any more."""
    row = await held(session, ticket_id)
    steps = ["closed"] if row.status == "resolved" else ["resolved", "closed"]
    for before, target in zip([row.status, *steps], steps, strict=False):
        TICKET.check(before, target)
    await _write(session, vault, by, ticket_id, "closed", "", None)
    values = {"status": "closed", "resolved_at": row.resolved_at or clock.now(), "waiting_at": None}
    await _move(session, by, row, values, "support.ticket.close")


async def take(session: Session, vault: Vault, by: Actor, ticket_id: UUID) -> None:
    """A support person looks after it from now on."""
    row = await held(session, ticket_id)
    status = TICKET.check(row.status, "in_progress") if row.status == "open" else row.status
    await _write(session, vault, by, ticket_id, "taken", "", None)
    await _move(session, by, row, {"status": status, "owner_id": by.id, "owner_name": by.name}, "support.ticket.take")


async def answer(session: Session, vault: Vault, by: Actor, ticket_id: UUID, target: str, text: str, paper: Paper | None = None) -> None:
    """Support writes: an answer (`in_progress`), a question back (`waiting_client`), the solution (`resolved`)."""
    row = await held(session, ticket_id)
    now = clock.now()
    if target not in ("in_progress", "waiting_client", "resolved"):
        raise InvalidRequest("请选择答复的方式")
    if not (row.status == target == "in_progress"):
        TICKET.check(row.status, target)
    values: dict[str, object] = {"status": target, "owner_id": row.owner_id or by.id, "owner_name": row.owner_name or by.name}
    due_at = row.due_at
    if row.answered_at is None:
        due_at = row.created_at + SOLVE_WITHIN[row.severity]
        values |= {"answered_at": now}
    if row.waiting_at:
        due_at += now - row.waiting_at
    values |= {"due_at": due_at, "waiting_at": now if target == "waiting_client" else None, "resolved_at": now if target == "resolved" else None}
    what = {"in_progress": "answered", "waiting_client": "asked_back", "resolved": "resolved"}[target]
    await _write(session, vault, by, ticket_id, what, text, paper)
    await _move(session, by, row, values, f"support.ticket.{what}")


async def held(session: Session, ticket_id: UUID) -> Row:
    """One ticket, held against a second change at the same moment."""
    row = await repository.find(session, ticket_id, lock=True)
    if row is None:
        raise TicketNotFound()
    return row


async def papers(session: Session, vault: Vault, by: Actor, ticket_id: UUID, entry_id: UUID) -> files.StoredFile:
    """A file beside a ticket; each download stands in the trail."""
    entry = await repository.find_entry(session, entry_id)
    if entry is None or entry.ticket_id != ticket_id or entry.file_id is None:
        raise TicketNotFound()
    file = await files.load(session, vault, entry.file_id)
    await audit.record(session, by, "files.file.download", "file", entry.file_id, after={"name": file.name, "bytes": len(file.content)})
    return file


async def _write(session: Session, vault: Vault, by: Actor, ticket_id: UUID, what: str, text: str, paper: Paper | None) -> None:
    if what not in ("closed", "taken") and not (paper and not text.strip()):
        text = _words(text, LONGEST_TEXT, "请写明内容")
    file_id = file_name = None
    if paper and paper.content:
        if len(paper.content) > LARGEST:
            raise InvalidRequest("附件最大 10 MB，请压缩后再上传")
        file_name = (paper.name.replace("\0", "").rsplit("/", 1)[-1].rsplit("\\", 1)[-1] or "附件")[:120]
        file_id = await files.store(session, vault, file_name, paper.content, paper.media_type, by=by, keep=KEEP_PAPERS)
    sealed = (await vault.keys(session)).seal(text.strip())
    side = "bank" if by.kind == "bank" else "client"
    row = {"id": ids.uuid7(), "ticket_id": ticket_id, "side": side, "by_id": by.id, "by_name": by.name, "what": what, "text_sealed": sealed}
    await repository.add_entry(session, row | {"file_id": file_id, "file_name": file_name})


async def _move(session: Session, by: Actor, row: Row, values: dict[str, object], action: str) -> None:
    if values:
        await repository.change(session, row.id, values)
        await copies.wake(session, clock.now())
    status = values.get("status", row.status)
    await audit.record(session, by, action, OBJECT, row.id, before={"status": row.status}, after={"status": status, "number": row.number})
