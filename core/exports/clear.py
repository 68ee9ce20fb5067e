"""A list with names in clear: asked for with a reason, agreed to by another person, made once, traceable in the file and in the audit trail."""

import json
from collections.abc import Collection, Mapping
from uuid import UUID, uuid5

from core.approvals import service as approvals
from core.database import Session
from core.exports import personal, service
from core.exports.agreement import KIND, MAKE
from core.exports.errors import NothingMasked
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _

_SAME = UUID("6d1c3d0e-5d5b-4a55-9a4f-6c0d0c8e2f31")
"""Under which the same wish of the same person has one id, so that it waits once."""


def codes(platform: Platform, client: ClientProfile, by: Actor) -> frozenset[str]:
    """The lists of which somebody may ask for a file in clear."""
    if not by.may(MAKE):
        return frozenset()
    return frozenset(code for code, export in service.exports(platform, client, by).items() if personal.titles(export))


async def ask(
    session: Session, platform: Platform, client: ClientProfile, code: str, filters: dict[str, str], reason: str, *, by: Actor,
    left_out: Collection[str] = (),
) -> UUID:
    """Ask another person for a list with names in clear; answers the approval's id, which the job will bear too.

    Raises NothingMasked for a list (or a choice of its columns) in which nothing is masked, AlreadyWaiting for the same asked twice.
    """
    export = service.find_export(platform, client, code)
    by.need(MAKE)
    params = service.params_of(export, filters, by, left_out)
    columns = personal.titles(export, params.get("left_out", ()))
    if not columns:
        raise NothingMasked(title=_(export.title))
    proposal = {"code": code, "export": export.title, "readable": columns, "filters": params["filters"], "_params": params, "_maker": by.id, "_kind": by.kind}
    wish = json.dumps([by.id, params], sort_keys=True, ensure_ascii=False)
    return await approvals.propose(
        session, by, kind=KIND, title=f"明文导出 {export.title}", subject_id=uuid5(_SAME, wish), proposal=proposal, reason=reason,
    )  # fmt: skip


async def start(session: Session, _subject_id: UUID, proposal: Mapping, by: Actor) -> None:
    """The other person agreed: the job begins, for whoever asked, under the approval's own number, so that there is one at most."""
    maker = Actor(kind=proposal["_kind"], id=proposal["_maker"], name=proposal["made_by"], tenant_id=by.tenant_id)
    agreed = {"approval_id": proposal["approval_id"], "reason": proposal["reason"], "checked_by": by.name}
    await service.start_job(session, proposal["export"], {**proposal["_params"], "clear": agreed}, by=maker, job_id=UUID(proposal["approval_id"]))


def describe(proposal: Mapping) -> list[tuple[str, str, str]]:
    """What the other person is asked: which list, narrowed how, and which columns would be readable."""
    filters = "，".join(f"{name}={value}" for name, value in sorted(proposal["filters"].items()))
    columns = "、".join(_(title) for title in proposal["readable"])
    title = proposal["export"]
    return [(_("清单"), "", _(title)), (_("筛选条件"), "", filters or _("全部")), (columns, _("脱敏"), _("明文"))]
