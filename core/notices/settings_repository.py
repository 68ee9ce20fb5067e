"""A client's notice settings, templates and what its payers leave out: every statement."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from core.database.tables import encode_json
from core.notices.models import optout, setting, template

_SAVE = text("""
    INSERT INTO core.notice_setting (code, value, secret_sealed) VALUES (:code, CAST(:value AS jsonb), :secret)
    ON CONFLICT (tenant_id, code) DO UPDATE SET value = excluded.value, version = core.notice_setting.version + 1,
           secret_sealed = coalesce(excluded.secret_sealed, core.notice_setting.secret_sealed)
""")

_SAVE_TEMPLATE = text("""
    INSERT INTO core.notice_template (event, language, words, changed_by) VALUES (:event, :language, CAST(:words AS jsonb), :by)
    ON CONFLICT (tenant_id, event, language) DO UPDATE
    SET words = excluded.words, changed_by = excluded.changed_by, changed_at = now(), version = core.notice_template.version + 1
""")

_BILL = text("""
    SELECT b.id, b.number, b.title, b.amount_fen - b.paid_fen AS open_fen, b.amount_fen, b.due_on, p.name, b.org_id
    FROM core.bill b JOIN core.party p ON p.id = b.party_id
    WHERE (CAST(:number AS text) IS NULL OR b.number = :number) AND (CAST(:org_ids AS uuid[]) IS NULL OR b.org_id = ANY(CAST(:org_ids AS uuid[])))
    ORDER BY b.id DESC LIMIT 1
""")


async def find(session: Session, code: str) -> Row | None:
    """One setting."""
    return await session.one_or_none(select(setting).where(setting.c.code == code))


async def save(session: Session, code: str, value: dict[str, object], secret: bytes | None) -> None:
    """Write it; without a secret the one that is there stays."""
    await session.execute(_SAVE, {"code": code, "value": encode_json(value), "secret": secret})


async def list_templates(session: Session) -> Sequence[Row]:
    """The client's own words, all of them."""
    return await session.all(select(template))


async def find_template(session: Session, event: str, language: str) -> Row | None:
    """The client's own words for one event and language."""
    return await session.one_or_none(select(template).where(template.c.event == event, template.c.language == language))


async def save_template(session: Session, event: str, language: str, words: str, by: str) -> None:
    """Write them."""
    await session.execute(_SAVE_TEMPLATE, {"event": event, "language": language, "words": words, "by": by})


async def delete_template(session: Session, event: str, language: str) -> bool:
    """Back to the product's words; False when there were none of the client's."""
    done = await session.execute(delete(template).where(template.c.event == event, template.c.language == language))
    return bool(done.rowcount)


async def find_bill(session: Session, number: str | None, org_ids: list[UUID] | None) -> Row | None:
    """A bill to try words on: of a number, or the newest, within reach."""
    return await session.one_or_none(_BILL, {"number": number, "org_ids": org_ids})


async def list_optouts(session: Session, payer_id: UUID) -> set[str]:
    """What a payer leaves out."""
    return {row.kind for row in await session.all(select(optout.c.kind).where(optout.c.payer_id == payer_id))}


async def set_optout(session: Session, payer_id: UUID, kind: str, out: bool) -> bool:
    """Leave a kind out, or have it again; False when it was so already."""
    if out:
        statement = insert(optout).values(payer_id=payer_id, kind=kind).on_conflict_do_nothing()
    else:
        statement = delete(optout).where(optout.c.payer_id == payer_id, optout.c.kind == kind)
    return bool((await session.execute(statement)).rowcount)
