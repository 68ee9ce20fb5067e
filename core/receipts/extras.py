"""What tickets show besides core's own facts, as the plugins of their bills say it (domain book §2.8)."""

from collections.abc import Sequence
from uuid import UUID

from core.database import Row, Session
from core.plugin_manager import PluginManager
from core.receipts import repository
from core.tenancy.directory import ClientProfile

MOST, LABEL, VALUE = 16, 40, 100
"""How many a ticket has room for, and how long each may be."""


async def add(session: Session, plugins: PluginManager, client: ClientProfile, numbered: Sequence[Row]) -> None:
    """Ask once for all tickets that were numbered together; a red one keeps what the blue one said."""
    blue = [row for row in numbered if row.kind == "blue"]
    bill_ids = sorted({row.bill_id for row in blue})
    answers = await plugins.ask("propose_ticket_facts", client.plugins, session=session, bill_ids=bill_ids) if blue else []
    found: dict[UUID, list[tuple[str, str]]] = {}
    for answer in answers:
        for bill_id, pairs in answer.items():
            found[bill_id] = [*found.get(bill_id, []), *((label[:LABEL], value[:VALUE]) for label, value in pairs if label and value)][:MOST]
    if found:
        await repository.add_extras(session, [row.id for row in blue], found)
