"""A judge: the official `alipay-sdk-python`, in an environment of its own. A JSON question on standard input, a JSON answer on standard output.

Its `do_post` cannot reach another port than 80 (string + int, and the port is not used to connect), so it alone is replaced.
"""

import importlib
import json
import sys
import urllib.request

from alipay.aop.api import DefaultAlipayClient as client_module
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.util import SignatureUtils


def do_post(url, query_string=None, headers=None, params=None, charset="utf-8", timeout=15):
    """What the SDK sends, sent to the whole address."""
    body = client_module.url_encode(params, charset).encode(charset)
    request = urllib.request.Request(f"{url}?{query_string}", data=body, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=timeout) as reply:
        return reply.read()


def request_of(task):
    """The SDK's own request and model classes for a method."""
    name = "".join(part.capitalize() for part in task["method"].split("."))
    request = getattr(importlib.import_module(f"alipay.aop.api.request.{name}Request"), f"{name}Request")()
    model = getattr(importlib.import_module(f"alipay.aop.api.domain.{name}Model"), f"{name}Model")
    request.biz_model = model.from_alipay_dict(task["content"])
    for field in ("notify_url", "return_url"):
        if task.get(field):
            setattr(request, field, task[field])
    if task.get("app_auth_token"):
        request.add_other_text_param("app_auth_token", task["app_auth_token"])
    return request


class Judge:
    """What the SDK does with each kind of task."""

    def __init__(self, config):
        self.config = AlipayClientConfig()
        self.config.server_url = config["gateway"]
        self.config.app_id = config["app_id"]
        self.config.app_private_key = config["private_pkcs1"]
        self.config.alipay_public_key = config["public_bare"]
        self.client = client_module.DefaultAlipayClient(self.config)
        client_module.do_post = do_post
        client_module.THREAD_LOCAL.uuid, client_module.THREAD_LOCAL.logger = "", None  # set by `execute`, needed by its parts

    def call(self, task):
        return json.loads(self.client.execute(request_of(task)))

    def page(self, task):
        return self.client.page_execute(request_of(task), http_method="GET")

    def app(self, task):
        return self.client.sdk_execute(request_of(task))

    def notice(self, task):
        form = {name: value for name, value in task["form"].items() if name not in ("sign", "sign_type")}
        text = SignatureUtils.get_sign_content(form).encode()
        return SignatureUtils.verify_with_rsa(self.config.alipay_public_key, text, task["form"]["sign"])

    def answer(self, task):
        return json.loads(self.client._DefaultAlipayClient__parse_response(task["body"].encode()))

    def sign(self, task):
        text = SignatureUtils.get_sign_content(task["parameters"])
        return SignatureUtils.sign_with_rsa2(self.config.app_private_key, text, "utf-8")


def main():
    question = json.load(sys.stdin)
    judge, verdicts = Judge(question["config"]), []
    for task in question["tasks"]:
        try:
            verdicts.append({"said": getattr(judge, task["do"])(task)})
        except Exception as error:
            verdicts.append({"refused": f"{type(error).__name__}: {error}"})
    json.dump(verdicts, sys.stdout)


main()
