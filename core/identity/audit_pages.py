"""The audit trail as a page, for a client and for the bank."""

from functools import partial
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from core.database import Session
from core.identity import audit_words, repository
from core.identity.actor import Actor
from core.identity.faces import Face, offered_roles
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import render

PAGE = 50
SUBJECTS = (
    ("identity.", N_("用户与登录")),
    ("tenancy.", N_("客户与商户")),
    ("billing.", N_("收费与账单")),
    ("payments.", N_("支付")),
    ("approval.", N_("复核")),
    ("support.", N_("客服查看与工单")),
    ("education.", N_("教育")),
)


def routes(face: Face) -> list[HTTPRouteHandler]:
    """The page of one house."""

    @get(f"{face.base}/audit", opt={"permission": "identity.audit.read", "side": face.side}, include_in_schema=False)
    async def audit_page(
        request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor],
        subject: FromQuery[str] = "", q: FromQuery[str] = "", cursor: FromQuery[UUID | None] = None,
    ) -> Response:
        """Who did what, the newest first."""
        rows = await repository.list_audit(session, cursor, PAGE + 1, subject or None, q.strip())
        more = str(rows[PAGE - 1].id) if len(rows) > PAGE else None
        names = {code: _(role.title) for code, role in offered_roles(request).items()}
        names |= {code: _(info.title) for code, info in request.app.state.platform.plugins.info.items()}
        return render(
            request, "identity/audit.html", layout=face.layout, home=face.base, entries=rows[:PAGE], next_cursor=more,
            word_of=audit_words.word_of, lines=partial(audit_words.lines, names=names),
            subjects=[(code, _(title)) for code, title in SUBJECTS],
        )  # fmt: skip

    return [audit_page]
