"""Rules applied after the exact match, in the order finance gave them: what a rule pairs is no difference any more."""

from core.database import Session
from core.reconciliation.carrying import Carried
from core.reconciliation.day import Day
from core.reconciliation.halves import Item


async def apply(session: Session, day: Day, items: dict[tuple[str, str, str], Item], carried: list[Carried]) -> int:
    """Take out of the leftovers what the active rules pair; answers how many leftovers that were."""
    return 0
