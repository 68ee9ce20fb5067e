"""The cryptography of WeChat Pay API v3: messages to sign and sealed resources; keys and signatures are those of every channel (`rsa`).

Source: WeChat Pay v3 §2–§4; the four official vectors of its appendix are tests.
"""

import base64
import binascii
import functools
import secrets

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.payments.channels.rsa import BadKey, private_key, public_key, sign, signed_by

__all__ = [
    "BadKey", "answer_message", "certificate_keys", "client_message", "new_nonce", "private_key", "public_key", "request_message", "seal",
    "seal_field", "sign", "signed_by", "unseal", "unseal_field",
]  # fmt: skip

SIGNATURE_TYPE = "WECHATPAY2-SHA256-RSA2048"
PUBLIC_KEY_PREFIX = "PUB_KEY_ID_"
PROBE_PREFIX = "WECHATPAY/SIGNTEST/"
CLOCK_WINDOW_SECONDS = 300
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # SHA-1 is what WeChat Pay prescribes here


def request_message(method: str, target: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """The five lines a request signs; `target` is path and query exactly as sent, `body` the raw bytes."""
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_message(timestamp: str, nonce: str, body: bytes) -> bytes:
    """The three lines a response or a notification signs; the body is empty for a 204."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def client_message(appid: str, timestamp: str, nonce: str, package: str) -> bytes:
    """The four lines a wallet call signs: JSAPI has `prepay_id=…` last, APP the bare id."""
    return f"{appid}\n{timestamp}\n{nonce}\n{package}\n".encode()


def new_nonce() -> str:
    """32 random letters and digits."""
    return secrets.token_hex(16).upper()


@functools.lru_cache(maxsize=1024)
def certificate_keys(pems: str) -> dict[str, RSAPublicKey]:
    """Serial (upper-case hex) → key of every certificate in a PEM text, in which several may follow one another."""
    try:
        certificates = x509.load_pem_x509_certificates(pems.encode())
    except ValueError as error:
        raise BadKey("not a certificate in PEM") from error
    return {f"{c.serial_number:040X}": c.public_key() for c in certificates}


def seal(apiv3_key: str, nonce: str, associated: str, plaintext: bytes) -> str:
    """AEAD_AES_256_GCM under the 32-byte APIv3 key: base64 of ciphertext and tag."""
    return base64.b64encode(AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), plaintext, associated.encode())).decode()


def unseal(apiv3_key: str, nonce: str, associated: str, ciphertext: str) -> bytes:
    """The plaintext of a sealed resource; raises BadSeal when one bit of it, or the key, is not what it was."""
    try:
        sealed = base64.b64decode(ciphertext, validate=True)
        return AESGCM(apiv3_key.encode()).decrypt(nonce.encode(), sealed, associated.encode())
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise BadSeal("the sealed resource does not open") from error


def seal_field(key: RSAPublicKey, text: str) -> str:
    """A name or an account number for WeChat Pay's eyes only: RSA-OAEP with SHA-1, base64 (WeChat Pay v3 §2)."""
    return base64.b64encode(key.encrypt(text.encode(), _OAEP)).decode()


def unseal_field(key: RSAPrivateKey, sealed: str) -> str:
    """The text of a sealed field. Raises BadSeal."""
    try:
        return key.decrypt(base64.b64decode(sealed, validate=True), _OAEP).decode()
    except (binascii.Error, ValueError) as error:
        raise BadSeal("the sealed field does not open") from error


class BadSeal(ValueError):
    """Sealed text that does not open: altered, or sealed with another key."""
