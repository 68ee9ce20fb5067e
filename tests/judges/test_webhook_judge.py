"""What we push is believed by the library of the Standard Webhooks specification, and nothing that was changed is."""

import base64
from pathlib import Path

import pytest

from core import clock
from core.webhooks import signing
from tests.judges.environments import ask, python_judge

pytestmark = pytest.mark.slow
BODY = '{"id":"0199","type":"payment.succeeded","timestamp":"2026-11-22T10:00:00+08:00","data":{"amount_fen":95000,"note":"学费"}}'.encode()


@pytest.fixture(scope="module")
def judge():
    python = python_judge("standardwebhooks")

    def says(secret: str, headers: dict[str, str], body: bytes) -> dict:
        question = {"secret": secret, "headers": headers, "body": base64.b64encode(body).decode()}
        return ask([python, Path(__file__).with_name("webhook_judge.py")], question)

    return says


def test_the_specifications_own_library_believes_us(judge):
    secret = signing.new_secret()
    headers = signing.headers(secret, "0199", int(clock.now().timestamp()), BODY)
    assert judge(secret, headers, BODY) == {"believed": True, "type": "payment.succeeded"}
    assert not judge(secret, headers, BODY.replace(b"95000", b"95001"))["believed"]
    assert not judge(secret, headers | {"webhook-id": "0200"}, BODY)["believed"]
    assert not judge(signing.new_secret(), headers, BODY)["believed"]
    old = signing.headers(secret, "0199", int(clock.now().timestamp()) - 330, BODY)
    assert not judge(secret, old, BODY)["believed"]
