"""Time-based one-time codes (RFC 6238): enrolled once, checked at log-in, each code good for one use.

The clock of a phone may be one step (30 seconds) off. The secret is kept sealed with the tenant's key.
"""

import base64
import hmac
from uuid import UUID

import pyotp

from core import clock
from core.database import Session
from core.identity import accounts_repository as repository
from core.identity import audit
from core.identity.actor import Actor
from core.identity.errors import CodeRefused, LoginStepExpired, SecondFactorKnown
from core.identity.vault import CannotUnseal, TenantKeys

STEP_SECONDS = 30
DRIFT_STEPS = 1
ISSUER = "Banyan"


def _matching_step(secret: str, code: str, seconds: float) -> int | None:
    totp = pyotp.TOTP(secret)
    present = int(seconds) // STEP_SECONDS
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def _digits(code: str) -> str:
    return "".join(code.split())


async def check(session: Session, keys: TenantKeys, user, code: str) -> None:
    """Spend a code of an enrolled user; CodeRefused when it is wrong, too old, or was used before."""
    step = _matching_step(keys.open(user.totp_sealed), _digits(code), clock.now().timestamp())
    if step is None or not await repository.use_totp_step(session, user.id, step):
        raise CodeRefused()


def offer(keys: TenantKeys, user_id: UUID, login: str) -> tuple[str, str, str]:
    """A fresh secret for enrolment: the address for the QR, the secret to type, and a ticket that only we can open."""
    secret = pyotp.random_base32()
    ticket = base64.urlsafe_b64encode(keys.seal(f"{user_id} {secret}")).decode()
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER), secret, ticket


async def enrol(session: Session, keys: TenantKeys, by: Actor, user_id: UUID, ticket: str, code: str) -> None:
    """Bind the authenticator that shows the right code for the offered secret."""
    row = await repository.find_secrets(session, user_id, lock=True)
    if row.totp_sealed is not None:
        raise SecondFactorKnown()
    secret = _opened(keys, user_id, ticket)
    step = _matching_step(secret, _digits(code), clock.now().timestamp())
    if step is None:
        raise CodeRefused()
    await bind(session, keys, by, user_id, secret, step)


async def bind(session: Session, keys: TenantKeys, by: Actor, user_id: UUID, secret: str, step: int | None = None) -> None:
    """Keep a secret for a user; `step` is the time step already spent."""
    await repository.change_user(session, user_id, {"totp_sealed": keys.seal(secret), "totp_last_step": step})
    await audit.record(session, by, "identity.second_factor.enrol", "user", user_id)


async def drop(session: Session, by: Actor, user_id: UUID) -> None:
    """Do without from now on."""
    await repository.change_user(session, user_id, {"totp_sealed": None, "totp_last_step": None})
    await audit.record(session, by, "identity.second_factor.drop", "user", user_id)


def _opened(keys: TenantKeys, user_id: UUID, ticket: str) -> str:
    try:
        owner, _, secret = keys.open(base64.urlsafe_b64decode(ticket)).partition(" ")
    except (CannotUnseal, ValueError):
        raise LoginStepExpired() from None
    if owner != str(user_id):
        raise LoginStepExpired()
    return secret
