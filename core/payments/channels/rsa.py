"""RSA signatures with SHA-256 (PKCS#1 v1.5), and RSA keys in every dress channels hand them out in.

Parsed keys are kept, because reading a key costs far more than using it.
"""

import base64
import binascii
import functools
import re

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

_BARE = re.compile(r"[A-Za-z0-9+/=\s]+")


class BadKey(ValueError):
    """A text that is not the RSA key or certificate it should be."""


@functools.lru_cache(maxsize=4096)
def private_key(text: str) -> RSAPrivateKey:
    """A signing key from PEM, or from the bare base64 of PKCS#1 or PKCS#8 that Alipay's tools print."""
    try:
        key = (
            serialization.load_der_private_key(_der(text), password=None)
            if _BARE.fullmatch(text)
            else serialization.load_pem_private_key(text.encode(), password=None)
        )
    except (ValueError, TypeError) as error:
        raise BadKey("not a private key") from error
    if not isinstance(key, RSAPrivateKey):
        raise BadKey("not an RSA private key")
    return key


@functools.lru_cache(maxsize=4096)
def public_key(text: str) -> RSAPublicKey:
    """A verifying key from a PEM public key or certificate, or from the bare base64 of a public key."""
    try:
        if _BARE.fullmatch(text):
            key = serialization.load_der_public_key(_der(text))
        elif "BEGIN CERTIFICATE" in text:
            key = x509.load_pem_x509_certificate(text.encode()).public_key()
        else:
            key = serialization.load_pem_public_key(text.encode())
    except ValueError as error:
        raise BadKey("neither a public key nor a certificate") from error
    if not isinstance(key, RSAPublicKey):
        raise BadKey("not an RSA public key")
    return key


def sign(key: RSAPrivateKey, message: bytes) -> str:
    """The signature of a message, base64."""
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def signed_by(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    """Whether this key made this signature over exactly these bytes."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _der(text: str) -> bytes:
    return base64.b64decode("".join(text.split()), validate=True)
