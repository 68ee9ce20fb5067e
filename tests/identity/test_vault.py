"""Secrets at rest: sealed per tenant, found by blind index, readable after a rotation, useless without the key."""

import base64
import datetime as dt
from uuid import uuid4

import pytest

from core.identity import vault as vaults
from core.identity.vault import CannotUnseal, Vault, load_master_keys

OLD, NEW = ("old", b"o" * 32), ("new", b"n" * 32)


async def keys_of(platform, vault, tenant):
    async with platform.database.tenant(tenant) as session:
        return await vault.keys(session)


async def test_what_is_sealed_opens_for_the_same_tenant_only(platform, tenant):
    vault = Vault([OLD])
    keys = await keys_of(platform, vault, tenant)
    sealed = keys.seal("350582201801010014")
    assert b"3505" not in sealed
    assert keys.seal("350582201801010014") != sealed
    assert keys.open(sealed) == "350582201801010014"
    other = await keys_of(platform, vault, uuid4())
    with pytest.raises(CannotUnseal):
        other.open(sealed)
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(CannotUnseal):
        keys.open(changed)


async def test_equal_values_are_found_without_being_read(platform, tenant):
    keys = await keys_of(platform, Vault([OLD]), tenant)
    assert keys.index("id", " 35058220180101001x ") == keys.index("id", "35058220180101001X")
    assert keys.index("id", "1") != keys.index("phone", "1")
    other = await keys_of(platform, Vault([OLD]), uuid4())
    assert other.index("id", "1") != keys.index("id", "1")


async def test_master_keys_rotate_and_nothing_is_lost(platform, tenant, monkeypatch):
    monkeypatch.setattr(vaults, "SEALS_AFTER", dt.timedelta(0))
    before = await keys_of(platform, Vault([OLD]), tenant)
    sealed, index = before.seal("机密"), before.index("id", "1")
    rotating = Vault([NEW, OLD])
    async with platform.database.tenant(tenant) as session:
        assert await rotating.rotate(session) == 2
    after = await keys_of(platform, rotating, tenant)
    assert after.open(sealed) == "机密"
    assert after.index("id", "1") == index
    fresh = after.seal("机密")
    assert fresh[1:3] != sealed[1:3], "new data is sealed with the new data key"

    without_old = await keys_of(platform, Vault([NEW]), tenant)
    assert (without_old.open(sealed), without_old.open(fresh)) == ("机密", "机密")
    with pytest.raises(CannotUnseal):
        await keys_of(platform, Vault([OLD]), tenant)


async def test_a_process_that_has_not_heard_of_the_rotation_still_opens_old_data(platform, tenant):
    vault = Vault([OLD])
    stale = await keys_of(platform, vault, tenant)
    sealed = stale.seal("旧")
    async with platform.database.tenant(tenant) as session:
        await Vault([OLD]).rotate(session)
    assert stale.open(sealed) == "旧"
    renewed = await keys_of(platform, Vault([OLD]), tenant)
    assert renewed.open(stale.seal("仍用旧钥")) == "仍用旧钥"


async def test_a_new_key_seals_only_when_every_process_has_read_it(platform, tenant, monkeypatch):
    running = Vault([OLD])
    first = await keys_of(platform, running, tenant)
    async with platform.database.tenant(tenant) as session:
        await Vault([OLD]).rotate(session)
    started = await keys_of(platform, Vault([OLD]), tenant)
    assert (await keys_of(platform, running, tenant)).open(started.seal("新进程写的")) == "新进程写的"
    assert await keys_of(platform, running, tenant) is first, "within a minute nothing is read again"
    monkeypatch.setattr(vaults, "SEALS_AFTER", dt.timedelta(0))
    running._known.clear()  # the minute is over
    later = (await keys_of(platform, Vault([OLD]), tenant)).seal("换钥之后")
    assert later[1:3] != first.seal("换钥之前")[1:3]
    assert (await keys_of(platform, running, tenant)).open(later) == "换钥之后"


def test_a_key_file_is_made_once_and_closed_to_others(tmp_path):
    first = load_master_keys("", tmp_path / "data")
    assert load_master_keys("", tmp_path / "data") == first
    assert (tmp_path / "data" / "master.key").stat().st_mode & 0o777 == 0o600


def test_master_keys_of_a_wrong_length_stop_the_start():
    with pytest.raises(ValueError, match="32 bytes"):
        load_master_keys("k:" + base64.b64encode(b"short").decode(), None)
