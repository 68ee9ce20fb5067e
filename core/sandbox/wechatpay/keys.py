"""Keys and certificates for merchants and for the platform itself, as WeChat Pay hands them out."""

import datetime as dt
import secrets
import string

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from core import clock

_LETTERS = string.ascii_letters + string.digits
_CERTIFICATE_DAYS = 5 * 365


class KeyPair(msgspec.Struct, frozen=True):
    """A serial (or key id), the private key, and what others verify with."""

    serial: str
    private_pem: str
    public_pem: str


def certificate(subject: str) -> KeyPair:
    """A new RSA-2048 key with a certificate for it; the serial is 40 upper-case hex digits."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    serial = secrets.randbits(156) | 1 << 156
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Banyan Sandbox Root CA")]))
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - dt.timedelta(minutes=10))
        .not_valid_after(now + dt.timedelta(days=_CERTIFICATE_DAYS))
        .sign(key, hashes.SHA256())
    )
    return KeyPair(f"{serial:040X}", _private_pem(key), made.public_bytes(serialization.Encoding.PEM).decode())


def public_key() -> KeyPair:
    """A new WeChat Pay public key with its id; it has no expiry date."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return KeyPair(f"PUB_KEY_ID_{digits(30)}", _private_pem(key), pem.decode())


def digits(length: int) -> str:
    """Random decimal digits."""
    return "".join(secrets.choice(string.digits) for _ in range(length))


def letters(length: int) -> str:
    """Random letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _private_pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def read_certificate(pem: str) -> x509.Certificate:
    """A certificate from its PEM."""
    return x509.load_pem_x509_certificate(pem.encode())
