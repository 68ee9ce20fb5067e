// A judge: the official npm `alipay-sdk`, run by Node. A JSON question on standard input, a JSON answer on standard output.
"use strict";
const { AlipaySdk } = require("alipay-sdk");

function judgeOf(config) {
  const sdk = new AlipaySdk({
    appId: config.app_id,
    privateKey: config.private_pem,
    keyType: "PKCS8",
    gateway: config.gateway,
    camelcase: false,
    ...(config.app_cert
      ? { appCertContent: config.app_cert, alipayPublicCertContent: config.alipay_cert, alipayRootCertContent: config.root_cert }
      : { alipayPublicKey: config.public_pem })
  });
  const params = (task) => {
    const given = { bizContent: task.content };
    if (task.notify_url) given.notifyUrl = task.notify_url;
    if (task.return_url) given.returnUrl = task.return_url;
    if (task.app_auth_token) given.appAuthToken = task.app_auth_token;
    return given;
  };
  return {
    call: (task) => sdk.exec(task.method, params(task), { validateSign: true }),
    page: (task) => sdk.pageExecute(task.method, "GET", params(task)),
    app: (task) => sdk.sdkExecute(task.method, params(task)),
    notice: (task) => sdk.checkNotifySignV2(task.form),
    answer: (task) => {
      const key = task.method.replaceAll(".", "_") + "_response";
      const parsed = JSON.parse(task.body);
      sdk.checkResponseSign(task.body, key, parsed.sign, "");
      return parsed[key];
    },
    sign: (task) => {
      const { biz_content: content, method, ...rest } = task.parameters;
      const text = sdk.sdkExecute(method, { ...rest, bizContent: JSON.parse(content) }, { bizContentAutoSnakeCase: false });
      return new URLSearchParams(text).get("sign");
    },
    serials: () => [sdk.config.appCertSn, sdk.config.alipayRootCertSn]
  };
}

async function main() {
  let read = "";
  for await (const chunk of process.stdin) read += chunk;
  const question = JSON.parse(read);
  const judge = judgeOf(question.config);
  const verdicts = [];
  for (const task of question.tasks) {
    try {
      verdicts.push({ said: await judge[task.do](task) });
    } catch (error) {
      verdicts.push({ refused: `${error.name}: ${error.message}` });
    }
  }
  process.stdout.write(JSON.stringify(verdicts));
}

main().then(() => process.exit(0));
