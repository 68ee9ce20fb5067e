"""Which bills payers have seen: the first time that a page showed one is kept, once and for all."""

from collections.abc import Sequence
from uuid import UUID

from core.billing import viewing_repository as repository
from core.database import Session, looking


async def seen(session: Session, bill_ids: Sequence[UUID], payer_id: UUID | None) -> None:
    """A payer's page shows these bills; what was seen before costs a look-up and no write."""
    if bill_ids and not looking.only_looks():
        await repository.add_views(session, bill_ids, payer_id)
