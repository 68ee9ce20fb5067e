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
SUBJECTS = {
    "identity": N_("用户与登录"),
    "tenancy": N_("客户与商户"),
    "approval": N_("复核"),
    "billing": N_("收费与账单"),
    "payments": N_("支付"),
    "counter": N_("窗口收费"),
    "refunds": N_("退款"),
    "receipts": N_("票据"),
    "payers": N_("缴费人绑定"),
    "notices": N_("通知"),
    "printing": N_("海报与通知单"),
    "statements": N_("对账文件"),
    "recon": N_("对账"),
    "settlement": N_("结算"),
    "sharing": N_("分账"),
    "onboarding": N_("进件"),
    "golive": N_("上线"),
    "imports": N_("导入"),
    "exports": N_("导出"),
    "files": N_("文件下载"),
    "jobs": N_("任务"),
    "webhooks": N_("推送"),
    "support": N_("客服查看与工单"),
    "portfolio": N_("客户总览"),
}
"""How the actions of each part of core begin; those of a plugin begin with its code."""


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
        plugins = {code: _(info.title) for code, info in request.app.state.platform.plugins.info.items()}
        profile = request.scope["state"]["client_profile"]
        own = {code: plugins[code] for code in sorted(profile.plugins)} if profile else {}
        return render(
            request, "identity/audit.html", layout=face.layout, home=face.base, entries=rows[:PAGE], next_cursor=more,
            word_of=audit_words.word_of, lines=partial(audit_words.lines, names=names | plugins),
            subjects=[(f"{code}.", title) for code, title in (own | {code: _(title) for code, title in SUBJECTS.items()}).items()],
        )  # fmt: skip

    return [audit_page]
