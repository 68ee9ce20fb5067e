"""Runs inside the judge's environment: does with `wechatpayv3` what a question on standard input asks, and prints what came of it.

The SDK has its gateway's address built in; only the host of what it sends is replaced, so what it signs stays as it is.
"""

import base64
import json
import sys

import requests
from wechatpayv3 import SignType, WeChatPay, WeChatPayType
from wechatpayv3.utils import load_certificate, rsa_verify

REAL = "https://api.mch.weixin.qq.com"


def led_to(base_url: str, send):
    def sending(url, **options):
        return send(base_url + url[len(REAL):] if url.startswith(REAL) else url, **options)

    return sending


def judge_of(account: dict) -> WeChatPay:
    """The SDK set up as this merchant, in public-key mode if it has the key, else with certificates it fetches itself."""
    given, partner = account["credentials"], account["mode"] == "partner"
    return WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=given["sp_mchid"] if partner else account["mchid"],
        appid=given["sp_appid"] if partner else account["appid"],
        private_key=given["merchant_private_key"],
        cert_serial_no=given["merchant_serial"],
        apiv3_key=given["apiv3_key"],
        public_key=given.get("platform_public_key"),
        public_key_id=given.get("platform_public_key_id"),
        partner_mode=partner,
        timeout=(2, 10),
    )


def done(judge: WeChatPay, step: dict) -> dict:
    """What one step came to: an answer, or how the SDK refused."""
    given = dict(step.get("args", {}))
    try:
        match step["do"]:
            case "callback":
                return {"opened": judge.callback(given["headers"], base64.b64decode(given["body"]))}
            case "sign":
                return {"signature": judge.sign(given["lines"], SignType.RSA_SHA256)}
            case "verify":
                certificate = load_certificate(given["certificate"])
                held = rsa_verify(given["timestamp"], given["nonce"], given["body"], given["signature"], certificate.public_key())
                return {"held": held}
            case call:
                if "pay_type" in given:
                    given["pay_type"] = WeChatPayType[given["pay_type"]]
                code, message = getattr(judge, call)(**given)
                if isinstance(message, bytes):
                    return {"code": code, "file": base64.b64encode(message).decode()}
                return {"code": code, "said": json.loads(message) if message else None}
    except Exception as error:
        return {"refused": repr(error)}


question = json.load(sys.stdin)
base_url = question["account"]["base_url"]
requests.get, requests.post = led_to(base_url, requests.get), led_to(base_url, requests.post)
judge = judge_of(question["account"])
judge._core._gate_way = REAL
print(json.dumps([done(judge, step) for step in question["steps"]], ensure_ascii=False))
