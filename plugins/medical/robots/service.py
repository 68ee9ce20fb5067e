"""Robots: made by those who run them, their secret sealed and never shown again."""

from collections.abc import Sequence
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.jobs import service as jobs
from core.platform import Platform
from core.web.i18n import N_
from plugins.medical.robots import addresses, repository
from plugins.medical.robots.errors import RobotBroken, RobotNameTaken, RobotNotFound, RobotStoreUnknown
from plugins.medical.robots.schemas import RobotWrite

READ, OPERATE = "medical.robot.read", "medical.robot.operate"
OBJECT = "robot"


async def save(session: Session, keys: TenantKeys, given: RobotWrite, by: Actor, sandbox_url: str = "", robot_id: UUID | None = None) -> UUID:
    """Make a robot, switched off, or change one. Raises RobotBroken naming the field, RobotNameTaken, RobotNotFound.

    A login as it is shown and an empty secret leave what is there.
    A change of account or stores leaves every authorisation as it is; one that does not cover what the robot is now lets nothing run.
    """
    known = await _held(session, robot_id) if robot_id else None
    address = addresses.check(given.address, given.way, sandbox_url)
    secret = given.secret
    if not secret and known is None:
        raise RobotBroken(why=N_("请填写密码"), field="secret")
    login = given.login.strip()
    kept = known is not None and login == known.login
    if not (login + secret).isprintable():
        raise RobotBroken(why=N_("账号和密码不能含有换行等不可见字符"), field="login")
    if not given.name.strip() or not login:
        raise RobotBroken(why=N_("请填写名称与账号"), field="name")
    stores = await _stores(session, given)
    row_id = known.id if known else ids.uuid7()
    if await repository.name_taken(session, given.name.strip(), row_id):
        raise RobotNameTaken(name=given.name.strip())
    row = {
        "id": row_id, "name": given.name.strip(), "platform": given.platform, "way": given.way, "address": address,
        "login": known.login if kept else mask_login(login), "login_sealed": known.login_sealed if kept else keys.seal(login),
        "secret_sealed": keys.seal(secret) if secret else known.secret_sealed, "sender": given.sender.strip().lower(), "hour": given.hour,
        "status": known.status if known else "off",
        "made_by": known.made_by if known else by.name, "next_on": known.next_on if known else None,
    }  # fmt: skip
    await repository.write_robot(session, row, [{"robot_id": row_id, "platform_store": number, "store_id": store} for number, store in stores.items()])
    after = {"name": row["name"], "platform": row["platform"], "address": address, "stores": len(stores), "secret_changed": bool(secret)}
    await audit.record(session, by, "medical.robot.save", OBJECT, row_id, after=after)
    return row_id


async def switch(session: Session, robot_id: UUID, on: bool, by: Actor) -> None:
    """Have a robot run every day, or not any more."""
    row = await _held(session, robot_id)
    status = "on" if on else "off"
    if row.status == status:
        return
    await repository.change_robot(session, robot_id, status=status, next_on=clock.today() if on else None)
    await jobs.call_worker(session)
    await audit.record(session, by, "medical.robot.switch", OBJECT, robot_id, before={"status": row.status}, after={"status": status})


async def find(session: Session, robot_id: UUID, reach: Sequence[UUID] | None) -> Row:
    """A robot as it is shown; RobotNotFound outside the reach."""
    found = await repository.list_robots(session, reach, "", "", None, 1, only=robot_id)
    if not found:
        raise RobotNotFound()
    return found[0]


def sandbox_of(platform: Platform) -> str:
    """The sandbox's address where one may be connected: in a demo."""
    return platform.settings.sandbox_url if platform.settings.demo else ""


def mask_login(login: str) -> str:
    """An account's name as it may be shown."""
    return login[:2] + "****" + login[-1:] if len(login) > 4 else "****"


async def _stores(session: Session, given: RobotWrite) -> dict[str, UUID]:
    found = await repository.stores_by_code(session, [link.store_code.strip() for link in given.stores])
    stores: dict[str, UUID] = {}
    for link in given.stores:
        if link.store_code.strip() not in found:
            raise RobotStoreUnknown(store=link.store_code.strip()[:40], field="stores")
        if link.platform_store.strip() in stores or not link.platform_store.strip():
            raise RobotBroken(why=N_("每个平台门店ID须填写，且只能出现一次"), field="stores")
        stores[link.platform_store.strip()] = found[link.store_code.strip()]
    return stores


async def _held(session: Session, robot_id: UUID) -> Row:
    row = await repository.lock_robot(session, robot_id)
    if row is None:
        raise RobotNotFound()
    return row
