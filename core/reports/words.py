"""The words of reports that come from elsewhere."""

from collections.abc import Collection

from core.reports import collection
from core.web.i18n import gettext as _
from core.web.statuses import unit_kind


def level_title(by: str, plugins: Collection[str]) -> str:
    """What a dimension is called at a client with these plugins."""
    return _("收费项目") if by == collection.ITEM else unit_kind(by, plugins)
