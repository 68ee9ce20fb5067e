"""Bring what was agreed with a client to its declaration: what channels cost its merchants, and whose statements it reconciles."""

from typing import Any
from uuid import UUID

from core import ids
from core.identity import audit
from core.tenancy import merchants_repository, numbers, terms_repository
from core.tenancy.changes import Change, Step
from core.tenancy.declaration import ClientDeclaration, MerchantFacts
from core.tenancy.terms import RateFacts, StatementMerchant


async def terms(work: Any, client_id: UUID | None, declared: ClientDeclaration) -> None:
    """Rates of every merchant, then numbers of others' collecting."""
    agreed: set[tuple[object, ...]] = set()
    numbers: set[tuple[str, str]] = set()
    if client_id is not None:
        async with work.platform.database.tenant(client_id) as session:
            agreed = {(row.merchant, row.channel, row.card_type, row.from_on) for row in await terms_repository.list_rates(session)}
            numbers = {(row.channel, row.number) for row in await terms_repository.list_numbers(session)}
    for merchant in declared.merchants:
        for rate in merchant.rates:
            if (merchant.code, rate.channel, rate.card_type, rate.from_on) not in agreed:
                await _agree(work, client_id, declared, merchant, rate)
    for facts in declared.statement_merchants:
        if (facts.channel, facts.number) not in numbers:
            await _know(work, client_id, declared, facts)


async def _agree(work: Any, client_id: UUID | None, declared: ClientDeclaration, merchant: MerchantFacts, rate: RateFacts) -> None:
    async def agree() -> None:
        async with work.platform.database.tenant(client_id) as session:
            by = work.acting(client_id)
            known = next(m for m in await merchants_repository.list_merchants(session) if m.code == merchant.code)
            await terms_repository.agree_rate(session, {"id": ids.uuid7(), "merchant_id": known.id, "made_by": by.name, **rate.row()}, rate.from_on)
            after = {"which": [f"{rate.channel} {rate.card_type} {rate.percent}%"], "from_on": rate.from_on.isoformat()}
            await audit.record(session, by, "onboarding.rate.agree", "merchant", known.id, after=after)

    name = f"{merchant.code} {rate.channel} {rate.card_type}".strip()
    await work.take([Step(Change(declared.client.code, "agree", "rate", name, f"{rate.percent}% {rate.from_on}"), agree)])


async def _know(work: Any, client_id: UUID | None, declared: ClientDeclaration, facts: StatementMerchant) -> None:
    async def know() -> None:
        async with work.platform.database.tenant(client_id) as session:
            by = work.acting(client_id)
            row = {"channel": facts.channel, "number": facts.number, "title": facts.title, "cut_minutes": facts.cut_minutes(), "made_by": by.name}
            await numbers.declare(session, work.platform.vault, facts.channel, facts.number)
            await terms_repository.add_number(session, ids.uuid7(), row)
            after = {"channel": facts.channel, "mchid": facts.number}
            await audit.record(session, by, "statements.merchant.add", "statement_merchant", facts.number, after=after)

    await work.take([Step(Change(declared.client.code, "create", "statement_merchant", f"{facts.channel} {facts.number}", facts.title), know)])
