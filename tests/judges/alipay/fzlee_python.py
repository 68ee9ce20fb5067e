"""A judge: `python-alipay-sdk` (fzlee), in an environment of its own. A JSON question on standard input, a JSON answer on standard output."""

import json
import sys

from alipay import AliPay, DCAliPay


class Judge:
    """What the SDK does with each kind of task."""

    def __init__(self, config):
        common = {"appid": config["app_id"], "app_private_key_string": config["private_pem"]}
        if "app_cert" in config:
            self.sdk = DCAliPay(
                **common,
                app_public_key_cert_string=config["app_cert"],
                alipay_public_key_cert_string=config["alipay_cert"],
                alipay_root_cert_string=config["root_cert"],
            )
        else:
            self.sdk = AliPay(**common, alipay_public_key_string=config["public_pem"])
        self.gateway = self.sdk._gateway = config["gateway"]

    @staticmethod
    def _more(task):
        return {name: task[name] for name in ("notify_url", "return_url", "app_auth_token") if task.get(name)}

    def call(self, task):
        return self.sdk.server_api(task["method"], dict(task["content"]), **self._more(task))

    def page(self, task):
        return f"{self.gateway}?{self.app(task)}"

    def app(self, task):
        return self.sdk.client_api(task["method"], dict(task["content"]), **self._more(task))

    def notice(self, task):
        form = dict(task["form"])
        sign = form.pop("sign")
        return self.sdk.verify(form, sign)

    def answer(self, task):
        return self.sdk._verify_and_return_sync_response(task["body"], task["method"].replace(".", "_") + "_response")

    def sign(self, task):
        text = "&".join(f"{name}={value}" for name, value in sorted(task["parameters"].items()))
        return self.sdk._sign(text)

    def serials(self, task):
        return [self.sdk.app_cert_sn, self.sdk.alipay_root_cert_sn]


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
