"""What a person's home shows: what waits for them today, since when and from whom, and below it the key figures of their role.

Every feature and plugin says what it counts (`register_worklist`); each person sees what is theirs. An item that counts answers a number or
`Waiting`; one that answers a `Figure` is a key figure; one that answers None has nothing to say to this person.
"""

import datetime as dt
from collections.abc import Collection

import msgspec

from core.database import Session
from core.identity.actor import Actor
from core.identity.faces import Face
from core.plugin_manager import PluginManager
from core.web.i18n import gettext as _

MANY_WORDS = 24


class Waiting(msgspec.Struct, frozen=True):
    """How many wait, since when the oldest of them, and who is behind that one."""

    count: int
    since: dt.datetime | dt.date | None = None
    who: str = ""


class Figure(msgspec.Struct, frozen=True):
    """A key figure in words (`¥1,234.50`, `63.4%`), a remark, how it is made, how it looks (`good` `warn` `bad`), and its rows if not the item's."""

    text: str
    hint: str = ""
    formula: str = ""
    tone: str = ""
    href: str = ""


class Home(msgspec.Struct, frozen=True):
    """The work list, those with work first, and the key figures, as templates show them."""

    work: list[dict[str, object]]
    figures: list[dict[str, object]]

    @property
    def busy(self) -> bool:
        """Whether anything waits."""
        return any(line["count"] for line in self.work)


async def home(session: Session, by: Actor, plugins: PluginManager, face: Face, enabled: Collection[str] = ()) -> Home:
    """Everything that one person's home shows."""
    offered = [item for code, item in plugins.collect_all("register_worklist") if code == "core" or code in enabled]
    made = Home([], [])
    for item in sorted(offered, key=lambda i: (i.position, i.code)):
        if item.side != face.menu_side or not by.may(item.permission):
            continue
        found = await item.count(session, by)
        if isinstance(found, Figure):
            made.figures.append({"label": _(item.title), **msgspec.structs.asdict(found), "href": found.href or item.path})
        elif found is not None:
            waits = found if isinstance(found, Waiting) else Waiting(found)
            line = {"label": _(item.title), "href": item.path, "hint": _(item.hint) if item.hint else ""}
            made.work.append({"count": waits.count, "since": waits.since, "who": waits.who[:MANY_WORDS], **line})
    made.work.sort(key=lambda line: line["count"] == 0)
    return made


async def worklist(session: Session, by: Actor, plugins: PluginManager, face: Face, enabled: Collection[str] = ()) -> list[dict[str, object]]:
    """The lines of a person's work list alone."""
    return (await home(session, by, plugins, face, enabled)).work
