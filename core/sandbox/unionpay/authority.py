"""Certificates as the Chinese authorities issue them: a root, a middle one, and signing certificates with names like 041@…@name@…."""

import base64
import datetime as dt
import functools
import secrets

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from core import clock
from core.payments.channels.rsa import private_key
from core.payments.channels.unionpay.crypto import UNIONPAY_NAME

LIFE = dt.timedelta(days=5 * 365)


class Pair(msgspec.Struct, frozen=True):
    """A private key and its certificate, both PEM."""

    private_pem: str
    certificate_pem: str

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate, read."""
        return x509.load_pem_x509_certificate(self.certificate_pem.encode())

    @property
    def cert_id(self) -> str:
        """The serial as UnionPay writes it: decimal."""
        return str(self.certificate.serial_number)

    @property
    def travelling_pem(self) -> str:
        """The certificate as `signPubKeyCert` carries it: lines end with CRLF, the last one with nothing."""
        return "\r\n".join(self.certificate_pem.splitlines())

    def container(self, password: str) -> str:
        """Key and certificate as a PKCS12 file in base64."""
        closing = serialization.BestAvailableEncryption(password.encode())
        return base64.b64encode(pkcs12.serialize_key_and_certificates(b"merchant", private_key(self.private_pem), self.certificate, None, closing)).decode()


class Authority(msgspec.Struct, frozen=True):
    """A root, and the middle certificate that signs for everybody."""

    root: Pair
    middle: Pair


def found(name: str) -> Authority:
    """A new authority."""
    root = issue(f"{name} ROOT", None)
    return Authority(root, issue(f"{name} OCA1", root, authority=True))


def issue(name: str, by: Pair | None, *, authority: bool = False, since: dt.datetime | None = None, life: dt.timedelta = LIFE) -> Pair:
    """A new key with a certificate; without an issuer it vouches for itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    since = since or clock.now() - dt.timedelta(days=365)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(0x10_0000_0000 + secrets.randbits(32))
        .not_valid_before(since)
        .not_valid_after(since + life)
        .add_extension(x509.BasicConstraints(ca=authority or by is None, path_length=None), critical=True)
        .sign(private_key(by.private_pem) if by else key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Pair(private.decode(), made.public_bytes(serialization.Encoding.PEM).decode())


def unionpay_name() -> str:
    """A certificate name of UnionPay's own."""
    return f"041@8310000000083040@{UNIONPAY_NAME}@{secrets.randbelow(10**8):08d}"


def merchant_name(mchid: str, name: str) -> str:
    """A certificate name of a merchant: the same authority vouches for it, but it is not UnionPay's."""
    return f"041@{mchid}@{name.replace('@', '')[:20]}@{secrets.randbelow(10**8):08d}"


@functools.lru_cache(maxsize=1)
def foreign_signer() -> Pair:
    """A certificate in UnionPay's name that an authority of somebody's own vouches for."""
    return issue(unionpay_name(), found("Somebody").middle)
