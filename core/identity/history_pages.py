"""One address for the history of everything, in both houses: a panel that a page fetches when it is opened, a page where no script runs."""

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from core.database import Session
from core.errors import NotFound
from core.identity import history
from core.identity.actor import Actor
from core.identity.faces import Face
from core.web.i18n import gettext as _
from core.web.templating import render


def routes(face: Face) -> list[HTTPRouteHandler]:
    """The address in one house."""

    @get(f"{face.base}/history/{{subject:str}}/{{object_id:str}}", opt={"permission": "any", "side": face.side}, include_in_schema=False)
    async def object_history(
        request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], subject: FromPath[str], object_id: FromPath[str],
        cursor: FromQuery[str | None] = None,
    ) -> Response:
        """What happened to one object; its kind says which right is asked for, and the object's own feature whether it is within reach."""
        client = request.scope["state"]["client_profile"]
        plugins = request.app.state.platform.plugins
        known = next((one for one in history.subjects(face.side) if one.code == subject), None)
        if known is None or (known.plugin != "core" and (client is None or not client.has(known.plugin))):
            raise NotFound()
        names = {role.code: _(role.title) for _source, role in plugins.collect_all("register_roles")} | {c: _(i.title) for c, i in plugins.info.items()}
        page = await history.page(session, actor, face.side, subject, object_id, cursor, names)
        by_script = request.headers.get("HX-Request") == "true"
        return render(
            request, "identity/history_panel.html" if by_script else "identity/history.html", page_of=page, kinds=history.kind_words(),
            here=f"{face.base}/history/{subject}/{object_id}", layout=face.layout, home=face.base,
        )  # fmt: skip

    return [object_history]
