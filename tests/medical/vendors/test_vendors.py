"""Vendors and their keys: one vendor is asked for by its key, a stopped one is answered nothing, an ended key opens nothing."""

import pytest

from core.identity import history
from core.identity.actor import Actor
from plugins.medical.vendors import repository, service
from plugins.medical.vendors.errors import KeyWithoutVendor, VendorNotFound, VendorSuspended, VendorTaken
from tests.medical import hospitals


def caller(hospital, app_id: str, role: str = "med.vendor") -> Actor:
    return Actor(kind="api_key", id=str(hospital.keys[app_id].key_id), name=app_id, tenant_id=hospital.id, roles=frozenset({role}))


async def test_the_key_tells_the_vendor(platform, shared_hospital):
    async with platform.database.tenant(shared_hospital.id) as session:
        assert (await service.vendor_of(session, caller(shared_hospital, "kiosk"))).app_id == "kiosk"
        assert await service.vendor_of(session, caller(shared_hospital, "his", "med.his")) is None
        assert await service.vendor_of(session, shared_hospital.maker) is None


async def test_a_vendors_role_without_a_vendor_opens_nothing(platform, shared_hospital):
    """Made on the general page of keys: it must not pass for HIS, which sees all."""
    async with platform.database.tenant(shared_hospital.id) as session:
        with pytest.raises(KeyWithoutVendor):
            await service.vendor_of(session, caller(shared_hospital, "his", "med.vendor"))


async def test_a_suspended_vendor_is_refused_until_it_is_let_in_again(platform, quiet_hospital):
    vendor_id = quiet_hospital.vendors["kiosk"]
    await hospitals.do(platform, quiet_hospital, service.set_status, vendor_id, "suspended", "欠维护")
    with pytest.raises(VendorSuspended):
        await hospitals.new_key(platform, quiet_hospital, "kiosk")
    async with platform.database.tenant(quiet_hospital.id) as session:
        with pytest.raises(VendorSuspended):
            await service.vendor_of(session, caller(quiet_hospital, "kiosk"))
    await hospitals.do(platform, quiet_hospital, service.set_status, vendor_id, "active", "已续约")
    async with platform.database.tenant(quiet_hospital.id) as session:
        assert await service.vendor_of(session, caller(quiet_hospital, "kiosk"))


async def test_an_app_id_and_a_name_are_one_vendors(platform, quiet_hospital):
    with pytest.raises(VendorTaken, match="kiosk"):
        await hospitals.do(platform, quiet_hospital, service.create, "kiosk", "新厂商", ["window"])
    with pytest.raises(VendorTaken, match="自助机厂商"):
        await hospitals.do(platform, quiet_hospital, service.create, "kiosk-2", " 自助机厂商 ", ["window"])


async def test_another_vendors_key_is_not_ended(platform, quiet_hospital):
    with pytest.raises(VendorNotFound):
        await hospitals.do(platform, quiet_hospital, service.end_key, quiet_hospital.vendors["kiosk"], quiet_hospital.keys["inet"].key_id)
    await hospitals.do(platform, quiet_hospital, service.end_key, quiet_hospital.vendors["inet"], quiet_hospital.keys["inet"].key_id)
    async with platform.database.tenant(quiet_hospital.id) as session:
        (key,) = await repository.list_keys(session, quiet_hospital.vendors["inet"])
    assert key.ended_at is not None and key.tail == quiet_hospital.keys["inet"].token[-4:]


async def test_its_history_says_who_stopped_it_and_why(platform, quiet_hospital):
    vendor_id = quiet_hospital.vendors["kiosk"]
    await hospitals.do(platform, quiet_hospital, service.set_status, vendor_id, "suspended", "欠维护")
    await hospitals.do(platform, quiet_hospital, service.change_scenes, vendor_id, ["window"])
    async with platform.database.tenant(quiet_hospital.id) as session:
        told = await history.page(session, quiet_hospital.maker, "client", "medical.vendor", str(vendor_id), None, {})
    scenes, stopped = told.entries[:2]
    assert (scenes.title, scenes.changes) == ("变更接入场景", [("接入场景", "自助机", "窗口")])
    assert (stopped.title, stopped.reason, stopped.changes) == ("变更厂商状态", "欠维护", [("状态", "接入中", "已停用")])
    assert told.found.title == "自助机厂商"
