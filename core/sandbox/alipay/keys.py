"""Keys and certificates as Alipay hands them out: one root, and for every app a pair of its own and one that Alipay signs with."""

import datetime as dt
import secrets

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from core import clock

_CERTIFICATE_DAYS = 5 * 365


class KeyPair(msgspec.Struct, frozen=True):
    """A key in three forms: private, public, and certified by the root (PEM)."""

    private_pem: str
    public_pem: str
    certificate_pem: str


def root() -> tuple[str, str]:
    """A new root: private key and self-signed certificate (PEM)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = _name("Banyan Sandbox Root Authority R1")
    return _private_pem(key), _certified(key, name, name, key)


def certified(subject: str, root_private_pem: str) -> KeyPair:
    """A new RSA-2048 key with a certificate from the root."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    root_key = serialization.load_pem_private_key(root_private_pem.encode(), password=None)
    assert isinstance(root_key, rsa.RSAPrivateKey)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    certificate = _certified(key, _name(subject), _name("Banyan Sandbox Root Authority R1"), root_key)
    return KeyPair(_private_pem(key), public.decode(), certificate)


def _certified(key: rsa.RSAPrivateKey, subject: x509.Name, issuer: x509.Name, signer: rsa.RSAPrivateKey) -> str:
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(secrets.randbits(120) | 1 << 120)
        .not_valid_before(now - dt.timedelta(minutes=10))
        .not_valid_after(now + dt.timedelta(days=_CERTIFICATE_DAYS))
        .sign(signer, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def _name(common: str) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, "Banyan"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Sandbox Certification Authority"),
        (NameOID.COMMON_NAME, common),
    )
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _private_pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def digits(length: int) -> str:
    """Random decimal digits."""
    return "".join(secrets.choice("0123456789") for _ in range(length))
