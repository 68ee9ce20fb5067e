// The button that calls the wallet inside WeChat; the page itself then finds out what became of the payment.
(() => {
  "use strict";
  const button = document.querySelector("[data-wechat-pay]");
  if (!button) return;
  const pay = () => {
    button.classList.add("is-waiting");
    window.WeixinJSBridge.invoke("getBrandWCPayRequest", JSON.parse(button.dataset.wechatPay), () => location.reload());
  };
  button.addEventListener("click", () => {
    if (window.WeixinJSBridge) pay();
    else document.addEventListener("WeixinJSBridgeReady", pay, { once: true });
  });
})();
