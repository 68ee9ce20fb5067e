"""What needs doing today: every feature and plugin says what it counts, each person sees what is theirs."""

from collections.abc import Collection

from core.database import Session
from core.identity.actor import Actor
from core.identity.faces import Face
from core.plugin_manager import PluginManager
from core.web.i18n import gettext as _


async def worklist(
    session: Session, by: Actor, plugins: PluginManager, face: Face, enabled: Collection[str] = ()
) -> list[dict[str, object]]:
    """The lines of a person's work list, those with work first, for `show.worklist`."""
    offered = [item for code, item in plugins.collect_all("register_worklist") if code == "core" or code in enabled]
    lines = []
    for item in sorted(offered, key=lambda i: (i.position, i.code)):
        if item.side == face.menu_side and by.may(item.permission):
            line = {"label": _(item.title), "href": item.path, "hint": _(item.hint) if item.hint else ""}
            count = await item.count(session, by)
            if count is not None:
                lines.append({"count": count, **line})
    return sorted(lines, key=lambda line: line["count"] == 0)
