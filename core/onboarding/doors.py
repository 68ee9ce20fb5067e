"""Where the bank's people act on a client's case: the client's row first, then the bank's note and its task.

CROSSES TENANTS: bank ↔ client; grep for this mark to find every such door.
What a crash leaves out is mended whenever the case is opened again by either side.
"""

import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

from core.database import Session
from core.files.service import StoredFile
from core.identity import audit
from core.identity.actor import Actor
from core.onboarding import cases, reading, repository, review
from core.onboarding.schemas import CaseRead, ChannelWord, Review
from core.platform import Platform
from core.tenancy import tasks_repository
from core.tenancy.threshold import admit, bank_rows, visiting

REVIEW, LOOK = "tenancy.merchant.manage", "tenancy.merchant.read"
TASK = "onboarding_review"
WAITING = ("submitted", "bank_review", "channel_review")
"""While a case stands here the branch has something to do."""


async def decide(platform: Platform, by: Actor, client_id: UUID, case_id: UUID, word: Review) -> None:
    """The branch's word on a case."""
    async with _visit(platform, by, client_id, REVIEW) as (session, visitor):
        await review.decide(session, platform.vault, visitor, case_id, word)
    await _noted(platform, by, client_id, case_id, f"onboarding.review.{word.outcome}", word.remark)


async def channel_said(platform: Platform, by: Actor, client_id: UUID, case_id: UUID, word: ChannelWord) -> None:
    """A channel's word on a case, as the branch or the channel's own system reports it."""
    async with _visit(platform, by, client_id, REVIEW) as (session, visitor):
        await review.channel_said(session, visitor, case_id, word)
    await _noted(platform, by, client_id, case_id, f"onboarding.channel.{word.outcome}", word.remark)


async def read(platform: Platform, by: Actor, client_id: UUID, case_id: UUID) -> CaseRead:
    """A case as the branch sees it; also mends the branch's task."""
    client = await admit(platform, by, client_id, LOOK)
    async with platform.database.tenant(client_id) as session:
        found = await reading.one(session, case_id, client.kind)
    await sync(platform, client_id)
    return found


async def list_of(platform: Platform, by: Actor, client_id: UUID) -> list[CaseRead]:
    """A client's cases, for those of the bank who may see its merchants."""
    await admit(platform, by, client_id, LOOK)
    async with platform.database.tenant(client_id) as session:
        return await reading.listed(session)


async def open_document(platform: Platform, by: Actor, client_id: UUID, case_id: UUID, document_id: UUID) -> StoredFile:
    """A document of a case, for the branch; both sides' trails say who opened it."""
    async with _visit(platform, by, client_id, REVIEW) as (session, visitor):
        found = await cases.open_document(session, platform.vault, visitor, case_id, document_id)
    await _noted(platform, by, client_id, case_id, "onboarding.document.open", found.name)
    return found


async def sync(platform: Platform, client_id: UUID) -> None:
    """Make the branch's tasks about a client's cases what the cases say."""
    async with platform.database.tenant(client_id) as session:
        rows = await repository.list_cases(session)
    waiting = {row.id: row for row in rows if row.status in WAITING}
    async with bank_rows(platform) as session:
        known = {row.object_id for row in await tasks_repository.list_tasks_of(session, client_id) if row.kind == TASK}
        for case_id in known - waiting.keys():
            await tasks_repository.end_task(session, client_id, TASK, case_id)
        for case_id in waiting.keys() - known:
            title, made_by = waiting[case_id].merchant_name, waiting[case_id].submitted_by or ""
            row = {"client_id": client_id, "kind": TASK, "object_id": case_id, "title": title, "made_by": made_by}
            await tasks_repository.add_task(session, row)


@contextlib.asynccontextmanager
async def _visit(platform: Platform, by: Actor, client_id: UUID, permission: str) -> AsyncIterator[tuple[Session, Actor]]:
    """The client's transaction, for somebody of the bank whose right reaches the client."""
    await admit(platform, by, client_id, permission)
    async with platform.database.tenant(client_id) as session:
        yield session, visiting(by, client_id)


async def _noted(platform: Platform, by: Actor, client_id: UUID, case_id: UUID, action: str, remark: str) -> None:
    async with bank_rows(platform) as session:
        await audit.record(session, by, action, "client", client_id, after={"case": str(case_id)}, reason=remark or None)
    await sync(platform, client_id)
