"""The cryptography of Alipay's open platform: what is signed (RSA2), and how certificates are named.

Source: Alipay §2, §3, §7. The signature itself is `rsa.sign`: RSASSA-PKCS1-v1_5 with SHA-256, base64.
"""

import functools
import hashlib
import re
from collections.abc import Mapping

from cryptography import x509
from cryptography.x509.oid import NameOID

from core.payments.channels.rsa import BadKey

SIGN_TYPE = "RSA2"
_RSA_SIGNATURES = "1.2.840.113549.1.1."
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_SHORT_NAMES = {
    NameOID.COMMON_NAME: "CN",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.COUNTRY_NAME: "C",
}


def request_text(parameters: Mapping[str, str]) -> bytes:
    """What a request signs: everything but `sign` and empty values, sorted, values as they are; `sign_type` is included."""
    return _joined({name: value for name, value in parameters.items() if value and name != "sign"}).encode()


def notice_text(parameters: Mapping[str, str], *, empties: bool = True) -> bytes:
    """What a notification signs: neither `sign` nor `sign_type`; whether empty values count, Alipay does not say clearly (§7).

    Values are latin-1 pictures of the raw bytes, so that the charset plays no part in the check.
    """
    signed = {n: v for n, v in parameters.items() if n not in ("sign", "sign_type") and (v or empties)}
    return _joined(signed).encode("latin-1")


def _joined(parameters: Mapping[str, str]) -> str:
    return "&".join(f"{name}={parameters[name]}" for name in sorted(parameters))


@functools.lru_cache(maxsize=1024)
def certificate_serial(pem: str) -> str:
    """How Alipay names a certificate: MD5 of its issuer and its serial number (§2.1). Raises BadKey."""
    try:
        return _serial(x509.load_pem_x509_certificate(pem.encode()))
    except ValueError as error:
        raise BadKey("not a certificate in PEM") from error


@functools.lru_cache(maxsize=1024)
def root_serial(pems: str) -> str:
    """The names of the root certificates that sign with RSA, joined by `_`; the others (SM2) are passed over. Raises BadKey."""
    serials = [_serial(certificate) for certificate in map(_rsa_certificate, _PEM.findall(pems)) if certificate]
    if not serials:
        raise BadKey("no RSA root certificate in PEM")
    return "_".join(serials)


def _rsa_certificate(pem: str) -> x509.Certificate | None:
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        return certificate if certificate.signature_algorithm_oid.dotted_string.startswith(_RSA_SIGNATURES) else None
    except ValueError:
        return None


def _serial(certificate: x509.Certificate) -> str:
    issuer = ",".join(f"{_SHORT_NAMES.get(part.oid, part.rfc4514_attribute_name)}={part.value}" for part in reversed(list(certificate.issuer)))
    return hashlib.md5(f"{issuer}{certificate.serial_number}".encode(), usedforsecurity=False).hexdigest()
