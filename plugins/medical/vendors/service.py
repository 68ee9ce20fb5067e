"""The hospital's vendors: each with an app id, keys of its own and nothing of the others; a suspended one is answered nothing."""

from collections.abc import Sequence
from uuid import UUID

from core import ids
from core.database import Row, Session
from core.errors import InvalidRequest
from core.hookspecs import Role
from core.identity import audit, keys
from core.identity.actor import Actor
from core.platform import Platform
from plugins.medical.orders.states import SCENES
from plugins.medical.vendors import repository
from plugins.medical.vendors.errors import KeyWithoutVendor, VendorNotFound, VendorSuspended, VendorTaken
from plugins.medical.vendors.states import VENDOR

READ, MANAGE = "medical.vendor.read", "medical.vendor.manage"
ROLE = "med.vendor"
OBJECT = "vendor"


async def vendor_of(session: Session, actor: Actor) -> Row | None:
    """The vendor whose key asks; None for HIS and the hospital's own people. VendorSuspended (403) while it is stopped."""
    if actor.kind != "api_key":
        return None
    row = await repository.find_by_key(session, UUID(actor.id))
    if row is None:
        if ROLE in actor.roles:
            raise KeyWithoutVendor()
        return None
    if row.status != "active":
        raise VendorSuspended()
    return row


async def find(session: Session, vendor_id: UUID) -> Row:
    """One vendor; VendorNotFound otherwise."""
    row = await repository.find(session, vendor_id)
    if row is None:
        raise VendorNotFound()
    return row


async def find_by_app_id(session: Session, app_id: str) -> Row:
    """One vendor by app id; VendorNotFound otherwise."""
    row = await repository.find_by_app_id(session, app_id)
    if row is None:
        raise VendorNotFound()
    return row


async def list_vendors(session: Session) -> Sequence[Row]:
    """Every vendor, by app id, with how many keys are good."""
    return await repository.list_vendors(session)


async def list_keys(session: Session, vendor_id: UUID) -> Sequence[Row]:
    """A vendor's keys, the newest first; never the key itself."""
    return await repository.list_keys(session, vendor_id)


async def create(session: Session, app_id: str, name: str, scenes: Sequence[str], by: Actor) -> UUID:
    """A new vendor: an app id of lower-case letters, digits and dashes that its statements bear, a name, and the scenes it may order in."""
    app_id, name, scenes = _app_id(app_id), _name(name), _scenes(scenes)
    if taken := await repository.find_taken(session, app_id, name):
        same_id = taken.app_id == app_id
        raise VendorTaken(taken=app_id if same_id else name, field="app_id" if same_id else "name")
    vendor_id = ids.uuid7()
    facts = {"app_id": app_id, "name": name, "scenes": scenes}
    await repository.add(session, {"id": vendor_id, "status": "active", "made_by": by.id, **facts})
    await audit.record(session, by, "medical.vendor.create", OBJECT, vendor_id, after=facts)
    return vendor_id


async def change_scenes(session: Session, vendor_id: UUID, scenes: Sequence[str], by: Actor) -> None:
    """In which scenes a vendor may order from now on."""
    row = await _locked(session, vendor_id)
    scenes = _scenes(scenes)
    if scenes != row.scenes:
        await repository.change(session, vendor_id, {"scenes": scenes})
        await audit.record(
            session, by, "medical.vendor.scenes", OBJECT, vendor_id, before={"scenes": row.scenes}, after={"scenes": scenes}
        )  # fmt: skip


async def set_status(session: Session, vendor_id: UUID, status: str, reason: str, by: Actor) -> None:
    """Stop a vendor or let it work again; its keys stay."""
    row = await _locked(session, vendor_id)
    VENDOR.check(row.status, status)
    if not reason.strip():
        raise InvalidRequest("请填写原因")
    await repository.change(session, vendor_id, {"status": status})
    await audit.record(
        session, by, "medical.vendor.status", OBJECT, vendor_id, before={"status": row.status}, after={"status": status}, reason=reason.strip()
    )


async def issue_key(session: Session, platform: Platform, roles: dict[str, Role], vendor_id: UUID, by: Actor) -> tuple[UUID, str]:
    """A new key of a vendor; the token is told this once. The older keys go on until somebody ends them."""
    row = await _locked(session, vendor_id)
    if row.status != "active":
        raise VendorSuspended()
    key_id, token = await keys.create(session, platform.routes, platform.vault.route_hash, roles, by, name=row.name, held=[(ROLE, None)])
    await repository.add_key(session, key_id, vendor_id)
    return key_id, token


async def end_key(session: Session, vendor_id: UUID, key_id: UUID, by: Actor) -> None:
    """A vendor's key is answered no more."""
    if key_id not in {row.id for row in await repository.list_keys(session, vendor_id)}:
        raise VendorNotFound()
    await keys.end(session, by, key_id)


async def _locked(session: Session, vendor_id: UUID) -> Row:
    row = await repository.lock(session, vendor_id)
    if row is None:
        raise VendorNotFound()
    return row


def _app_id(typed: str) -> str:
    app_id = typed.strip()
    if not (3 <= len(app_id) <= 32 and app_id.isascii() and app_id.replace("-", "").isalnum() and app_id == app_id.lower()):
        raise InvalidRequest("应用编号为 3–32 个小写字母、数字或短横线", field="app_id")
    return app_id


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not 1 <= len(name) <= 60:
        raise InvalidRequest("请填写 1–60 个字的厂商名称", field="name")
    return name


def _scenes(given: Sequence[str]) -> list[str]:
    scenes = [scene for scene in SCENES if scene in given]
    if not scenes or set(given) - set(SCENES):
        raise InvalidRequest("请至少选择一个接入场景", field="scenes")
    return scenes
