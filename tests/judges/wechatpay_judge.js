// Runs in the npm judges' folder: does with `wechatpay-axios-plugin` what a question on standard input asks, and prints what came of it.
const { Wechatpay, Formatter, Rsa, Aes } = require('wechatpay-axios-plugin');

async function done(wxpay, account, step) {
  const given = step.args || {};
  try {
    switch (step.do) {
      case 'get':
      case 'post': {
        const chain = wxpay.chain(given.path);
        const config = { params: given.params, headers: given.headers };
        const reply = await (step.do === 'get' ? chain.get(config) : chain.post(given.data, config));
        return { code: reply.status, said: reply.data === '' ? null : reply.data };
      }
      case 'callback': {
        const body = Buffer.from(given.body, 'base64').toString();
        const { timestamp, nonce, signature, serial } = given;
        if (Math.abs(Formatter.timestamp() - timestamp) > 300) throw new Error('the notice is stale');
        if (!(serial in account.certs)) throw new Error(`unknown serial ${serial}`);
        if (!Rsa.verify(Formatter.response(timestamp, nonce, body), signature, account.certs[serial])) throw new Error('the signature is wrong');
        const { resource } = JSON.parse(body);
        const opened = Aes.AesGcm.decrypt(resource.ciphertext, account.apiv3_key, resource.nonce, resource.associated_data);
        return { opened: JSON.parse(opened) };
      }
      case 'verify':
        return { held: Rsa.verify(Buffer.from(given.message, 'base64').toString(), given.signature, given.certificate) };
      case 'seal':
        return { sealed: Rsa.encrypt(given.text, account.certs[given.serial]) };
      case 'bill':
        return Formatter.castCsvBill(Buffer.from(given.file, 'base64'));
      default:
        throw new Error(`no such step: ${step.do}`);
    }
  } catch (error) {
    return { refused: String(error.message), code: error.response ? error.response.status : null, said: error.response ? error.response.data : null };
  }
}

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const { account, steps } = JSON.parse(Buffer.concat(chunks).toString());
  const wxpay = new Wechatpay({
    mchid: account.mchid, serial: account.serial, privateKey: account.private_key, certs: { ...account.certs }, baseURL: account.base_url,
    timeout: 10000, proxy: false,
  });
  const answers = [];
  for (const step of steps) answers.push(await done(wxpay, account, step));
  process.stdout.write(JSON.stringify(answers));
}

main().catch((error) => { process.stderr.write(String(error.stack)); process.exit(1); });
