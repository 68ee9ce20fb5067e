"""Runs inside the judge's environment: does with `standardwebhooks` what a question on standard input asks, and prints what came of it."""

import base64
import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError

asked = json.load(sys.stdin)
try:
    told = Webhook(asked["secret"]).verify(base64.b64decode(asked["body"]), asked["headers"])
    print(json.dumps({"believed": True, "type": told["type"]}))
except WebhookVerificationError as error:
    print(json.dumps({"believed": False, "why": str(error)}))
