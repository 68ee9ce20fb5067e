"""`banyan tenants apply`: make the platform what the declarations say, showing the difference first; a second run changes nothing.

Every aspect compares and, when applied, changes in one transaction of one tenant; what a crash leaves out the next run does. People and
plugins that operators added by hand stay: a declaration says what must be there, not what must not.
CROSSES TENANTS: bank → each client, one by one; grep for this mark to find every such door.
"""

from pathlib import Path
from uuid import UUID

import msgspec

from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy import apply_bank, apply_client, declaration
from core.tenancy.changes import Change, Step
from core.tenancy.declaration import Declarations

RIGHTS = (
    "identity.org.manage",
    "identity.role.grant",
    "identity.user.manage",
    "tenancy.account.check",
    "tenancy.account.make",
    "tenancy.branch.manage",
    "tenancy.client.manage",
    "tenancy.merchant.manage",
    "tenancy.plugin.default",
    "tenancy.plugin.manage",
)


class Work(msgspec.Struct):
    """One run: compare only, or compare and change; `done` collects the lines."""

    platform: Platform
    declared: Declarations
    by: Actor
    changing: bool
    done: list[Change] = []

    def acting(self, tenant_id: UUID) -> Actor:
        """Who acts in a tenant: whoever runs this, with every right that a declaration can use."""
        return msgspec.structs.replace(self.by, tenant_id=tenant_id, rights=dict.fromkeys(RIGHTS))

    async def take(self, steps: list[Step]) -> None:
        """Note each difference, and make it where that is wanted and possible."""
        for step in steps:
            change = step.change
            if self.changing and step.do is not None:
                answer = await step.do()
                if isinstance(answer, str) and answer:
                    change = msgspec.structs.replace(change, once=answer)
            self.done.append(change)


async def plan(platform: Platform, folder: Path) -> list[Change]:
    """What `apply` would do; an empty list when everything is as declared."""
    return await _run(platform, folder, Actor(kind="system", id="declaration", name="租户声明", tenant_id=UUID(int=0)), changing=False)


async def apply(platform: Platform, folder: Path, by: Actor | None = None) -> list[Change]:
    """Do it; answers what was done and what is still pending (a sandbox that is away, an org unit not yet imported)."""
    by = by or Actor(kind="system", id="declaration", name="租户声明", tenant_id=UUID(int=0))
    return await _run(platform, folder, by, changing=True)


async def _run(platform: Platform, folder: Path, by: Actor, *, changing: bool) -> list[Change]:
    work = Work(platform, declaration.read(folder), by, changing, [])
    bank_id = await apply_bank.bank(work)
    await apply_bank.rows(work, bank_id)
    for code in work.declared.clients:
        await apply_client.client(work, bank_id, code)
    return work.done
