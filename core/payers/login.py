"""A payer on another device: the phone is known, a code proves who holds it. Unknown phones look exactly the same."""

import re

from core.database import Session
from core.errors import InvalidRequest
from core.identity.vault import TenantKeys
from core.payers import bindings_repository as repository
from core.payers import codes, tries
from core.payers.access import Payer
from core.payers.binding import tidy
from core.tenancy.directory import ClientProfile

_PHONE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})", re.ASCII)


class BadPhone(InvalidRequest):
    code = "BAD_PHONE"
    message = "请填写 11 位手机号"


def phone_of(typed: str) -> str:
    """A mobile number as it is kept, from however it was typed."""
    found = _PHONE.fullmatch(re.sub(r"[\-()]", "", tidy(typed)))
    if found is None:
        raise BadPhone()
    return found.group(1)


async def send_code(session: Session, keys: TenantKeys, client: ClientProfile, payer: Payer, address: str, phone: str) -> None:
    """Send a code if the phone is a payer's; otherwise do everything but that."""
    await tries.check(session, tries.marks(keys, "login", device=payer.device, address=address, subject=phone))
    payer_id = await repository.find_payer_by_phone(session, keys.index("phone", phone))
    await codes.send(
        session,
        keys,
        purpose="login",
        device=payer.device,
        phone=phone,
        facts={"client": client.name},
        subject={"payer_id": str(payer_id or ""), "phone": keys.index("phone", phone).hex()},
        real=payer_id is not None,
    )


async def check_code(session: Session, keys: TenantKeys, payer: Payer, address: str, typed: str) -> codes.Checked:
    """Compare the code; `right` carries the payer's id. Used-up codes count against device, address and phone."""
    code_id = await codes.newest(session, purpose="login", device=payer.device)
    if code_id is None:
        return codes.Checked("expired")
    checked = await codes.check(session, keys, code_id, purpose="login", device=payer.device, typed=typed)
    if checked.state == "right" and not checked.subject["payer_id"]:
        return codes.Checked("wrong", checked.subject, 0)
    if checked.state == "wrong" and checked.tries_left == 0:
        marks = tries.marks(keys, "login", device=payer.device, address=address, subject=checked.subject["phone"])
        await tries.failed(session, marks)
    return checked
