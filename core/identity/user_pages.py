"""Users and their roles, at `/console/users` for a client and `/bank/users` for the bank."""

from collections.abc import Mapping
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core.database import Session
from core.errors import PlatformError
from core.identity import accounts, audit, audit_words, grants
from core.identity.actor import Actor
from core.identity.faces import Face, offered_roles, places
from core.identity.schemas import GrantForm, ReasonForm, RenameForm, UserForm
from core.platform import Platform
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PAGE = 50
HISTORY = 30


def _uuid(text: str) -> UUID | None:
    return UUID(text) if text else None


async def timeline(
    session: Session, object_type: str, object_id: UUID, names: Mapping[str, str] | None = None
) -> list[dict[str, object]]:
    """An object's history for `show.timeline`: the newest entries, newest first; `names` are words for codes and ids."""
    rows = reversed((await audit.history(session, object_type, object_id))[-HISTORY:])
    return [
        {
            "at": row["at"],
            "title": audit_words.word_of(row["action"]),
            "by": row["actor_name"],
            "text": row["reason"] or audit_words.told(row["after"] or row["before"], names, object_type),
        }
        for row in rows
    ]


def routes(face: Face) -> list[HTTPRouteHandler]:
    """The pages of one house."""
    base = f"{face.base}/users"
    read = {"permission": "identity.user.read", "side": face.side}
    manage = {"permission": "identity.user.manage", "side": face.side}
    granting = {"permission": "identity.role.grant", "side": face.side}
    shown = {"layout": face.layout, "base": base, "home": face.base}

    @get(base, opt=read, include_in_schema=False)
    async def user_list(
        request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor],
        q: FromQuery[str] = "", status: FromQuery[str] = "", cursor: FromQuery[str] = "",
    ) -> Response:
        """Everyone who can log in here."""
        rows = await accounts.people(session, actor, words=q, status=status, after=cursor, limit=PAGE + 1)
        held = await accounts.grants_of(session, [row.id for row in rows[:PAGE]])
        more = rows[PAGE - 1].login if len(rows) > PAGE else None
        roles = {code: _(role.title) for code, role in offered_roles(request).items()}
        return render(request, "identity/users.html", users=rows[:PAGE], held=held, roles=roles, next_cursor=more, **shown)

    @get(f"{base}/new", opt=manage, include_in_schema=False)
    async def user_new(request: Request, session: NamedDependency[Session]) -> Response:
        """The form for a new user."""
        return render(request, "identity/user_new.html", data=UserForm(), errors={}, **shown)

    @post(base, opt=manage, include_in_schema=False)
    async def user_create(
        request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], data: URLEncodedBody[UserForm]
    ) -> Response:
        """Make the user and show the one-time password, once."""
        try:
            async with platform.database.tenant(asker.tenant_id) as session:
                user_id, password = await accounts.create(session, platform.routes, asker, login=data.login, name=data.name)
        except PlatformError as error:
            errors = {"name" if error.code == "NAME_MISSING" else "login": translated(error)}
            return render(request, "identity/user_new.html", status=error.status, data=data, errors=errors, **shown)
        login = accounts.login_name(data.login)
        return render(request, "identity/password_once.html", user_id=user_id, login=login, password=password, **shown)

    @get(base + "/{user_id:uuid}", opt=read, include_in_schema=False)
    async def user_page(
        request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID]
    ) -> Response:
        """One user: roles, state, history."""
        row = await accounts.find(session, user_id, actor.reach("identity.user.read"))
        roles, where = offered_roles(request), await places(session, face)
        held = (await accounts.grants_of(session, [user_id]))[user_id]
        return render(
            request, "identity/user.html", user=row, held=held, roles=roles, places=where,
            options=[(code, _(role.title)) for code, role in roles.items() if not role.for_keys],
            may_manage=actor.may("identity.user.manage") and str(user_id) != actor.id,
            may_grant=actor.may("identity.role.grant") and str(user_id) != actor.id, is_self=str(user_id) == actor.id, **shown,
        )  # fmt: skip

    @post(base + "/{user_id:uuid}/name", opt=manage, include_in_schema=False)
    async def user_rename(
        request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID],
        data: URLEncodedBody[RenameForm],
    ) -> Response:
        """Another name."""
        await accounts.rename(session, actor, user_id, data.name)
        return redirect(request, f"{base}/{user_id}", success=_("已保存"))

    @post(base + "/{user_id:uuid}/grants", opt=granting, include_in_schema=False)
    async def grant_add(
        request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID],
        data: URLEncodedBody[GrantForm],
    ) -> Response:
        """Give a role."""
        roles = offered_roles(request)
        role = roles.get(data.role)
        place = None if role is not None and role.scope in ("TENANT", "ALL") else _uuid(data.place)
        given = await grants.grant(session, roles, actor, user_id, data.role, place)
        return redirect(request, f"{base}/{user_id}", success=_("已授予，下一次操作起生效") if given else _("此人已有该角色"))

    @post(base + "/{user_id:uuid}/grants/{grant_id:uuid}/remove", opt=granting, include_in_schema=False)
    async def grant_remove(
        request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID],
        grant_id: FromPath[UUID],
    ) -> Response:
        """Take a role away."""
        await grants.revoke(session, offered_roles(request), actor, user_id, grant_id)
        return redirect(request, f"{base}/{user_id}", success=_("已收回，下一次操作起生效"))

    @post(base + "/{user_id:uuid}/password", opt=manage, include_in_schema=False)
    async def password_reset(
        request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID]
    ) -> Response:
        """A new one-time password, shown once."""
        password = await accounts.reset_password(session, actor, user_id)
        row = await accounts.find(session, user_id)
        return render(request, "identity/password_once.html", user_id=user_id, login=row.login, password=password, **shown)

    @post(base + "/{user_id:uuid}/second-factor", opt=manage, include_in_schema=False)
    async def factor_reset(
        request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID],
        data: URLEncodedBody[ReasonForm],
    ) -> Response:
        """Forget a lost authenticator."""
        await accounts.reset_second_factor(session, actor, user_id, data.reason)
        return redirect(request, f"{base}/{user_id}", success=_("动态验证码已重置"))

    @post(base + "/{user_id:uuid}/disable", opt=manage, include_in_schema=False)
    async def user_disable(
        request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID]
    ) -> Response:
        """Nobody logs in with this name any more."""
        await grants.set_status(session, offered_roles(request), actor, user_id, "disabled")
        return redirect(request, f"{base}/{user_id}", success=_("用户已停用，其登录已全部结束"))

    @post(base + "/{user_id:uuid}/enable", opt=manage, include_in_schema=False)
    async def user_enable(
        request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], user_id: FromPath[UUID]
    ) -> Response:
        """Let in again."""
        await grants.set_status(session, offered_roles(request), actor, user_id, "active")
        return redirect(request, f"{base}/{user_id}", success=_("用户已启用"))

    return [
        user_list, user_new, user_create, user_page, user_rename, grant_add, grant_remove, password_reset, factor_reset, user_disable,
        user_enable,
    ]  # fmt: skip
