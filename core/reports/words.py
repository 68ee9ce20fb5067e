"""The words of reports that come from elsewhere."""

from core.reports import collection
from core.web.filters import status_label
from core.web.i18n import gettext as _


def level_title(by: str) -> str:
    """What a dimension is called: plugins name the kinds of their units (`statuses.extend("org_kind", …)`)."""
    return _("收费项目") if by == collection.ITEM else status_label(by, "org_kind")
