"""What `banyan audit` proves of the audit trail: the chain from its start, and every head that was kept outside the database."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from core.database import Session
from core.identity import audit
from core.jobs import nightly_repository as repository
from core.jobs.nightly import heads_file


async def chain_faults(session: Session) -> dict[str, Sequence[object]]:
    """Rows changed, rows gone, gaps in the numbers."""
    return {"chain": await audit.verify(session)}


async def head_faults(session: Session, data_dir: Path) -> list[str]:
    """Heads that were written to a file on some night and are no longer in the chain: somebody made the chain anew."""
    file = heads_file(data_dir, session.tenant_id)
    faults = []
    for line in file.read_bytes().splitlines() if file.exists() else []:
        head = msgspec.json.decode(line)
        if await repository.chain_hash(session, head["seq"]) != head["hash"]:
            faults.append(f"seal {head['seq']} is not the one that was kept outside on {head['at']}")
    return faults
