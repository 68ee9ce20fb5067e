"""The cryptography of UnionPay ACP 5.1.0: the double hash, the merchant's signing certificate, and whose word UnionPay's is.

Source: UnionPay sheet §3–§4; the genuine signed notification of its appendix is a test. Parsed keys and proved certificates are kept,
because reading a certificate costs far more than using its key.
"""

import base64
import binascii
import datetime as dt
import functools
import hashlib
from collections.abc import Mapping

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from core.payments.channels import rsa
from core.payments.channels.rsa import BadKey

UNIONPAY_NAME = "中国银联股份有限公司"
LONGEST_CHAIN = 4
_MALFORMED = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, UserWarning)
"""What reading a certificate that somebody made up may raise (a warning only where warnings are errors)."""


class BadCertificate(ValueError):
    """A signing certificate that is not UnionPay's: `chain`, `name`, `expired` or `content`."""


class Identity(msgspec.Struct, frozen=True):
    """Who signs for a merchant: the private key, and the decimal serial of its certificate (certId)."""

    cert_id: str
    key: RSAPrivateKey


class Signer(msgspec.Struct, frozen=True):
    """A proved signing certificate: its key, and the span in which every certificate of its chain is in date."""

    key: RSAPublicKey
    since: dt.datetime
    until: dt.datetime


def signed_text(fields: Mapping[str, str]) -> bytes:
    """What is hashed: every field but the signature, by name in ASCII order, raw values."""
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "signature").encode()


def digest(fields: Mapping[str, str]) -> bytes:
    """The lower-case hex SHA-256 of the signed text; RSA then hashes these 64 letters once more."""
    return hashlib.sha256(signed_text(fields)).hexdigest().encode()


def sign(key: RSAPrivateKey, fields: Mapping[str, str]) -> str:
    """The signature of a message: RSA with SHA-256 over the hex digest."""
    return rsa.sign(key, digest(fields))


def signed_by(key: RSAPublicKey, fields: Mapping[str, str]) -> bool:
    """Whether this key made the `signature` among the fields over all the others."""
    return rsa.signed_by(key, digest(fields), fields.get("signature", ""))


@functools.lru_cache(maxsize=4096)
def identity_in(container: str, password: str) -> Identity:
    """The identity in a PKCS12 file given in base64, as the banks hand it out."""
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(base64.b64decode(container, validate=True), password.encode())
    except (ValueError, binascii.Error) as error:
        raise BadKey("not a PKCS12 file, or another password") from error
    if not isinstance(key, RSAPrivateKey) or certificate is None:
        raise BadKey("no RSA key with a certificate inside")
    return Identity(str(certificate.serial_number), key)


@functools.lru_cache(maxsize=1024)
def configured(pems: str) -> tuple[x509.Certificate, ...]:
    """The certificates in a PEM text, in which several may follow one another."""
    try:
        return tuple(x509.load_pem_x509_certificates(pems.encode()))
    except ValueError as error:
        raise BadKey("not a certificate in PEM") from error


@functools.lru_cache(maxsize=1024)
def proved(pem: str, roots: str, middles: str) -> Signer:
    """The signer a message carries with itself, once its certificate leads to a configured root and names UnionPay.

    Without the chain anyone could sign, without the name every merchant of the same authority could (UnionPay sheet §4).
    Raises BadCertificate; whether the signer is in date is asked at each use.
    """
    try:
        leaf = x509.load_pem_x509_certificate(pem.encode())
        chain = _chain(leaf, configured(roots), configured(middles) if middles else ())
        key = leaf.public_key()
    except (BadCertificate, BadKey):
        raise
    except _MALFORMED as error:
        raise BadCertificate("content") from error
    if not isinstance(key, RSAPublicKey):
        raise BadCertificate("content")
    names = [str(name.value) for name in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if len(names) != 1 or names[0].split("@")[2:3] != [UNIONPAY_NAME]:
        raise BadCertificate("name")
    return Signer(key, max(c.not_valid_before_utc for c in chain), min(c.not_valid_after_utc for c in chain))


def signer(pem: str, roots: str, middles: str, at: dt.datetime) -> RSAPublicKey:
    """The key of a proved signer that is in date. Raises BadCertificate."""
    found = proved(pem, roots, middles)
    if not found.since <= at <= found.until:
        raise BadCertificate("expired")
    return found.key


def _chain(leaf: x509.Certificate, roots: tuple[x509.Certificate, ...], middles: tuple[x509.Certificate, ...]) -> list[x509.Certificate]:
    """The certificate and its issuers up to a root; only configured certificates issue."""
    chain = [leaf]
    while len(chain) <= LONGEST_CHAIN:
        if root := _issuer(chain[-1], roots):
            return [*chain, root]
        middle = _issuer(chain[-1], middles)
        if middle is None:
            break
        chain.append(middle)
    raise BadCertificate("chain")


def _issuer(certificate: x509.Certificate, held: tuple[x509.Certificate, ...]) -> x509.Certificate | None:
    for issuer in held:
        try:
            certificate.verify_directly_issued_by(issuer)
        except (*_MALFORMED, InvalidSignature):
            continue
        return issuer
    return None
