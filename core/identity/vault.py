"""Secrets at rest: a master key wraps one data key per tenant; equality look-ups use keyed blind indexes (architecture §11.9)."""

import base64
import datetime as dt
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core import clock
from core.database import Session
from core.errors import PlatformError
from core.identity import repository

FORMAT = b"\x01"
REMEMBER_SECONDS = 60.0
SEALS_AFTER = dt.timedelta(minutes=2)
"""A new data key opens at once and seals when every process has read it: by then all have looked again."""


class CannotUnseal(PlatformError):
    code = "CANNOT_UNSEAL"
    message = "密文无法解开：密钥不存在或数据被改动"


def load_master_keys(text: str, data_dir: Path) -> list[tuple[str, bytes]]:
    """Master keys `(id, 32 bytes)`, the first one seals. Without a setting a key file is made in the data folder (development only)."""
    if not text:
        path = data_dir / "master.key"
        if not path.exists():
            data_dir.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(f"local:{base64.b64encode(secrets.token_bytes(32)).decode()}")
        text = path.read_text().strip()
    keys = []
    for part in text.split(","):
        key_id, _, encoded = part.strip().partition(":")
        key = base64.b64decode(encoded)
        if not key_id or len(key) != 32:
            raise ValueError("BANYAN_MASTER_KEYS wants id:base64 of 32 bytes, separated by commas")
        keys.append((key_id, key))
    return keys


class TenantKeys:
    """One tenant's keys in memory: seal and open personal data, index it for equality."""

    def __init__(self, tenant_id: UUID, data_keys: dict[int, bytes], index_key: bytes, sealing: int) -> None:
        self._tenant = tenant_id.bytes
        self._ciphers = {version: AESGCM(key) for version, key in data_keys.items()}
        self._sealing = sealing
        self._index_key = index_key

    def seal(self, plain: str | bytes) -> bytes:
        """Encrypt (AES-256-GCM); the result names the key's version, so that keys rotate."""
        nonce = os.urandom(12)
        data = plain.encode() if isinstance(plain, str) else plain
        sealed = self._ciphers[self._sealing].encrypt(nonce, data, self._tenant)
        return FORMAT + self._sealing.to_bytes(2) + nonce + sealed

    def open_bytes(self, sealed: bytes) -> bytes:
        """Decrypt; CannotUnseal for another tenant's data, a lost key or a changed byte."""
        cipher = self._ciphers.get(int.from_bytes(sealed[1:3]))
        if sealed[:1] != FORMAT or cipher is None:
            raise CannotUnseal()
        try:
            return cipher.decrypt(sealed[3:15], sealed[15:], self._tenant)
        except InvalidTag:
            raise CannotUnseal() from None

    def open(self, sealed: bytes) -> str:
        """Decrypt text."""
        return self.open_bytes(sealed).decode()

    def index(self, purpose: str, value: str) -> bytes:
        """A keyed hash by which equal values of one tenant and purpose are found without reading them."""
        return hmac.digest(self._index_key, f"{purpose}\0{value.strip().upper()}".encode(), hashlib.sha256)


class Vault:
    """Wraps and unwraps tenant keys with the master keys; keeps unwrapped ones in memory for a minute."""

    def __init__(self, master_keys: Sequence[tuple[str, bytes]]) -> None:
        self._master = dict(master_keys)
        self._sealing_id = master_keys[0][0]
        self._route_key = hashlib.sha256(b"banyan route\0" + master_keys[-1][1]).digest()
        self._known: dict[UUID, tuple[float, TenantKeys]] = {}

    def route_hash(self, kind: str, value: str) -> bytes:
        """The keyed hash under which `core.route` finds a tenant. The last master key makes it: keep that one when rotating."""
        return hmac.digest(self._route_key, f"{kind}\0{value}".encode(), hashlib.sha256)

    async def keys(self, session: Session) -> TenantKeys:
        """The keys of the session's tenant, made on first use."""
        tenant_id = session.tenant_id
        remembered = self._known.get(tenant_id)
        if remembered and remembered[0] > time.monotonic():
            return remembered[1]
        rows = await repository.list_keys(session)
        if not rows:
            for purpose in ("data", "index"):
                await repository.add_key(session, purpose, 1, self._sealing_id, self._wrap(tenant_id, purpose, 1, secrets.token_bytes(32)))
            rows = await repository.list_keys(session)
        unwrapped = {(r.purpose, r.version): self._unwrap(tenant_id, r.purpose, r.version, r.master_key_id, r.wrapped) for r in rows}
        data = {version: key for (purpose, version), key in unwrapped.items() if purpose == "data"}
        known_to_all = clock.now() - SEALS_AFTER
        sealing = max((r.version for r in rows if r.purpose == "data" and r.created_at <= known_to_all), default=min(data))
        keys = TenantKeys(tenant_id, data, unwrapped["index", 1], sealing)

        async def remember() -> None:
            self._known[tenant_id] = (time.monotonic() + REMEMBER_SECONDS, keys)

        session.after_commit(remember)
        return keys

    async def rotate(self, session: Session) -> int:
        """Wrap the tenant's keys with the newest master key and add a new data key version, which seals two minutes later; answers that version.

        Old versions stay, so that what they sealed still opens; a re-seal is done as rows are next written.
        """
        rows = await repository.list_keys(session)
        for row in rows:
            key = self._unwrap(session.tenant_id, row.purpose, row.version, row.master_key_id, row.wrapped)
            wrapped = self._wrap(session.tenant_id, row.purpose, row.version, key)
            await repository.rewrap_key(session, row.purpose, row.version, self._sealing_id, wrapped)
        version = max((row.version for row in rows if row.purpose == "data"), default=0) + 1
        wrapped = self._wrap(session.tenant_id, "data", version, secrets.token_bytes(32))
        await repository.add_key(session, "data", version, self._sealing_id, wrapped)

        async def forget() -> None:
            self._known.pop(session.tenant_id, None)

        session.after_commit(forget)
        return version

    def _wrap(self, tenant_id: UUID, purpose: str, version: int, key: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(self._master[self._sealing_id]).encrypt(nonce, key, f"{tenant_id}{purpose}{version}".encode())

    def _unwrap(self, tenant_id: UUID, purpose: str, version: int, master_key_id: str, wrapped: bytes) -> bytes:
        master = self._master.get(master_key_id)
        if master is None:
            raise CannotUnseal()
        try:
            return AESGCM(master).decrypt(wrapped[:12], wrapped[12:], f"{tenant_id}{purpose}{version}".encode())
        except InvalidTag:
            raise CannotUnseal() from None
