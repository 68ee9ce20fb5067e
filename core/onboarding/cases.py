"""The client's side of a case: filled in, handed in with its documents, taken back, signed. Runs in the client's transaction.

What identifies a person or an account is sealed at once and shown masked ever after.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.errors import InvalidRequest, StaleForm
from core.files import service as files
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys, Vault
from core.masking import mask_card, mask_id, mask_name, mask_phone
from core.onboarding import checking, rates, repository
from core.onboarding.errors import CaseClosedForChanges, CaseIncomplete, CaseNotFound, DocumentNotFound, DocumentRefused, FieldWrong
from core.onboarding.schemas import CaseWrite, Rate, Signature
from core.onboarding.states import CASE, MERCHANT_STATE
from core.tenancy import merchants
from core.web.i18n import gettext as _
from core.web.i18n import listed

READ, MANAGE, SIGN = "tenancy.merchant.read", "onboarding.case.manage", "onboarding.case.sign"
KEEP = dt.timedelta(days=3650)
"""Documents of a merchant stay for ten years."""
LARGEST = 10 * 1024 * 1024
MOST = 30
MEDIA = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_LINES = {"legal_name": 100, "scope": 300, "account_holder": 100, "account_bank": 100, "contact_name": 40}


async def begin(session: Session, by: Actor, code: str, name: str, channels: Mapping[str, Any]) -> UUID:
    """A new merchant and its case, both drafts."""
    merchant_id = await merchants.draft(session, by, code=code, name=name)
    case_id = ids.uuid7()
    first = [code for code in channels if code not in checking.AT_HOME][:1]
    await repository.add_case(session, {"id": case_id, "merchant_id": merchant_id, "status": "draft", "channels": first})
    await audit.record(session, by, "onboarding.case.begin", "onboarding_case", case_id, after={"code": code, "name": name})
    return case_id


async def save(session: Session, vault: Vault, by: Actor, case_id: UUID, given: CaseWrite, channels: Mapping[str, Any]) -> None:
    """Keep what was filled in; what is wrong in itself is refused now, what is missing is told when handing in."""
    row = await draft_of(session, case_id)
    if row.version != given.version:
        raise StaleForm()
    values: dict[str, Any] = {name: _line(getattr(given, name), limit) for name, limit in _LINES.items()}
    values["uscc"] = given.uscc.strip().upper()
    if values["uscc"]:
        _refuse(checking.fault_of_uscc(values["uscc"]))
    values["industry"] = given.industry if given.industry in checking.INDUSTRIES else ""
    values["settlement_days"] = given.settlement_days
    if not 0 <= given.settlement_days <= 30:
        raise FieldWrong(fault=_("结算周期应为 T+0 到 T+30"))
    values["channels"] = list(dict.fromkeys(given.channels))
    _refuse("" if set(values["channels"]) <= set(channels) else _("请从列表中选择支付渠道"))
    values |= _sealed(await vault.keys(session), given)
    await repository.set_case(session, case_id, values)
    await repository.set_merchant_facts(session, row.merchant_id, values["legal_name"] or row.merchant_name, values["uscc"] or None)
    shown = {name: values[name] for name in ("legal_name", "uscc", "account_holder", "account_masked", "channels") if values.get(name)}
    await audit.record(session, by, "onboarding.case.save", "onboarding_case", case_id, after=shown)


async def attach(session: Session, vault: Vault, by: Actor, case_id: UUID, kind: str, name: str, content: bytes) -> UUID:
    """Add a document: PDF or picture, as its first bytes say, whatever it is called."""
    await draft_of(session, case_id)
    if kind not in checking.DOCUMENTS:
        raise DocumentRefused(fault=_("请选择资料类别"))
    media = next((media for magic, media in MEDIA.items() if content.startswith(magic)), None)
    if media is None or len(content) > LARGEST:
        raise DocumentRefused(fault=_("请上传 10 MB 以内的 PDF、PNG 或 JPG 文件"))
    if len(await repository.list_documents(session, case_id)) >= MOST:
        raise DocumentRefused(fault=_("每个进件最多 %(most)s 份资料", most=MOST))
    told = re.sub(r"[\x00-\x1f/\\]", "", name)[-80:] or "文件"
    file_id = await files.store(session, vault, told, content, media, by=by, keep=KEEP, permission=READ)
    document_id = ids.uuid7()
    row = {"id": document_id, "case_id": case_id, "kind": kind, "file_id": file_id, "name": told, "size": len(content)}
    await repository.add_document(session, row | {"added_by": by.name})
    await audit.record(session, by, "onboarding.document.add", "onboarding_case", case_id, after={"kind": kind, "name": told})
    return document_id


async def detach(session: Session, by: Actor, case_id: UUID, document_id: UUID) -> None:
    """Take a document out again."""
    await draft_of(session, case_id)
    row = await repository.find_document(session, case_id, document_id)
    if row is None:
        raise DocumentNotFound()
    await repository.remove_document(session, document_id)
    await audit.record(session, by, "onboarding.document.remove", "onboarding_case", case_id, before={"kind": row.kind, "name": row.name})


async def open_document(session: Session, vault: Vault, by: Actor, case_id: UUID, document_id: UUID) -> files.StoredFile:
    """A document for whoever may see the case; written to the audit trail."""
    row = await repository.find_document(session, case_id, document_id)
    if row is None:
        raise DocumentNotFound()
    await audit.record(session, by, "onboarding.document.open", "onboarding_case", case_id, after={"kind": row.kind, "name": row.name})
    return await files.load(session, vault, row.file_id)


async def submit(session: Session, by: Actor, case_id: UUID, client_kind: str) -> None:
    """Hand it in, complete; the branch sees it from now on."""
    row = await held(session, case_id)
    faults = checking.lacking(row, await repository.list_documents(session, case_id), client_kind)
    CASE.check(row.status, "submitted")
    if faults:
        raise CaseIncomplete(faults=listed(faults))
    await move(session, by, row, "submitted", "client", "", submitted_by=by.id, submitted_by_name=by.name, results={}, rates=[])


async def take_back(session: Session, by: Actor, case_id: UUID) -> None:
    """Before the branch has begun it may be taken back; after a refusal it is taken up again."""
    row = await held(session, case_id)
    await move(session, by, row, "draft", "client", "")


async def sign(session: Session, by: Actor, case_id: UUID, word: Signature, today: dt.date) -> None:
    """The signatory agrees to rates and terms, and the merchant may collect; or does not, saying why. Not whoever handed it in."""
    row = await held(session, case_id)
    by.check_other(row.submitted_by or "")
    if word.outcome == "reject":
        await move(session, by, row, "signing_rejected", "client", reason_of(word.remark))
        return
    await move(session, by, row, "active", "client", word.remark)
    await rates.agree(session, by, row.merchant_id, msgspec.convert(row.rates, list[Rate]), today)


async def held(session: Session, case_id: UUID) -> Row:
    """A case, held while it moves."""
    row = await repository.lock_case(session, case_id)
    if row is None:
        raise CaseNotFound()
    return row


async def draft_of(session: Session, case_id: UUID) -> Row:
    """A case that may still be changed."""
    row = await held(session, case_id)
    if row.status != "draft":
        raise CaseClosedForChanges()
    return row


async def move(session: Session, by: Actor, row: Row, target: str, side: str, remark: str, **values: object) -> None:
    """One step of the case, its merchant in step with it, the history told."""
    status = CASE.check(row.status, target)
    await repository.set_case(session, row.id, {"status": status, **values})
    await merchants.walk(session, row.merchant_id, MERCHANT_STATE.get(status, status))
    step = {"id": ids.uuid7(), "case_id": row.id, "source": row.status, "target": status, "side": side, "by_name": by.name}
    await repository.add_event(session, step | {"remark": remark, "at": clock.now()})
    before, after = {"status": row.status}, {"status": status}
    await audit.record(
        session, by, f"onboarding.case.{status}", "onboarding_case", row.id, before=before, after=after, reason=remark or None
    )


def reason_of(remark: str) -> str:
    """Why something was refused: whoever mends it needs to know."""
    line = " ".join(remark.split())
    if len(line) < 2:
        raise InvalidRequest(_("请写明退回原因"))
    return line[:300]


def _line(value: str, limit: int) -> str:
    line = " ".join(value.replace("\0", "").split())
    if len(line) > limit:
        raise FieldWrong(fault=_("“%(text)s…”太长，最多 %(limit)s 个字", text=line[:12], limit=limit))
    return line


def _refuse(fault: str) -> None:
    if fault:
        raise FieldWrong(fault=fault)


def _sealed(keys: TenantKeys, given: CaseWrite) -> dict[str, Any]:
    """What was typed into the sealed entries; those left empty are not among them."""
    values: dict[str, Any] = {}
    if person := _line(given.person, 40):
        values |= {"person_sealed": keys.seal(person), "person_masked": mask_name(person)}
    if number := given.person_id.strip().upper():
        _refuse(checking.fault_of_number(number))
        values |= {"person_id_sealed": keys.seal(number), "person_id_masked": mask_id(number)}
    if account := re.sub(r"[\s-]", "", given.account_number):
        _refuse("" if checking.ACCOUNT.fullmatch(account) and account.isascii() else _("账号应为 8–30 位数字"))
        values |= {"account_sealed": keys.seal(account), "account_masked": mask_card(account)}
    if phone := re.sub(r"[\s-]", "", given.contact_phone):
        _refuse("" if checking.PHONE.fullmatch(phone) and phone.isascii() else _("请填写 11 位手机号"))
        values |= {"contact_phone_sealed": keys.seal(phone), "contact_phone_masked": mask_phone(phone)}
    return values
