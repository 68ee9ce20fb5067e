"""Who signed a month, as its statement says it. A document: Chinese whatever the language of the page."""

from core import clock
from core.settlement.schemas import MonthRead

STATES = {"open": "未签认", "proposed": "待复核签认", "signed": "已签认"}


def signed_facts(month: MonthRead) -> list[tuple[str, str]]:
    """The facts under the title."""
    signed_at = f"{month.signed_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" if month.signed_at else "—"
    return [("状态", STATES[month.status]), ("经办", month.made_by or "—"), ("复核签认", month.checked_by or "—"), ("签认时间", signed_at)]
