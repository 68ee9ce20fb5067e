"""Runs inside the judge's environment: does with stripe-python what a question on standard input asks, and prints what came of it.

`{"key", "base", "steps": [{"call": "payment_intents.create", "params", "options"}]}`: "$0.id" in a step means the id of the first answer.
`{"webhooks": [{"body", "header", "secret"}]}`: what `construct_event` makes of each, body in base64.
"""

import base64
import json
import sys

import stripe


def done(client: stripe.StripeClient, step: dict, before: list[dict]) -> dict:
    """What one call came to: the object, or how the library names the refusal."""
    *arguments, params = _filled([*step.get("path", []), step.get("params", {})], before)
    called = client.v1
    for name in step["call"].split("."):
        called = getattr(called, name)
    try:
        answer = called(*arguments, params, step.get("options", {}))
    except stripe.StripeError as error:
        facts = {"code": error.code, "status": error.http_status, "decline_code": getattr(error.error, "decline_code", None)}
        return {"refused": type(error).__name__, **facts, "param": getattr(error, "param", None)}
    replayed = answer.last_response.headers.get("idempotent-replayed") if answer.last_response else None
    return json.loads(json.dumps(answer.to_dict(), default=str)) | {"_replayed": replayed}


def _filled(value: object, before: list[dict]) -> object:
    if isinstance(value, str) and value.startswith("$"):
        at, name = value[1:].split(".", 1)
        return before[int(at)][name]
    if isinstance(value, dict):
        return {name: _filled(held, before) for name, held in value.items()}
    return [_filled(held, before) for held in value] if isinstance(value, list) else value


def believed(webhook: dict) -> str:
    """The type of a webhook the library believes; its name for the refusal otherwise."""
    try:
        return stripe.Webhook.construct_event(base64.b64decode(webhook["body"]), webhook["header"], webhook["secret"]).type
    except (ValueError, stripe.StripeError) as error:
        return f"refused: {type(error).__name__}"


question = json.load(sys.stdin)
answers = []
if "steps" in question:
    asking = stripe.StripeClient(question["key"], base_addresses={"api": question["base"]}, max_network_retries=0)
    for asked in question["steps"]:
        answers.append(done(asking, asked, answers))
else:
    answers = [believed(webhook) for webhook in question["webhooks"]]
json.dump(answers, sys.stdout)
