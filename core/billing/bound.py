"""Bills that follow something outside: what they come to is corrected there, so here nobody adjusts them or moves money from or onto them."""

from core.billing.errors import BillBound
from core.billing.schemas import BillRead
from core.web.i18n import gettext

_BOUND: dict[str, str] = {}


def register(plugin: str, why: str) -> None:
    """The bills of a plugin follow its own orders; `why` says where they are corrected (marked with `N_`)."""
    _BOUND[plugin] = why


def is_bound(bill: BillRead) -> bool:
    """Whether a bill is corrected elsewhere."""
    return bill.plugin in _BOUND


def check_free(*bills: BillRead) -> None:
    """BillBound for the first one that is corrected elsewhere."""
    for bill in bills:
        if is_bound(bill):
            raise BillBound(number=bill.number, why=gettext(_BOUND[bill.plugin]))
