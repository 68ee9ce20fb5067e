// The wallet's bridge, for pages shown outside Alipay: AlipayJSBridge.call("tradePay") as the wallet injects it, answered by the sandbox.
(function () {
  "use strict";
  var origin = new URL(document.currentScript.src).origin;
  var codes = { ok: "9000", cancel: "6001", fail: "4000" };

  function pay(tradeNO, callback) {
    var frame = document.createElement("iframe");
    frame.title = "支付宝";
    frame.src = origin + "/alipay/trade-pay?" + new URLSearchParams({ tradeNO: tradeNO }).toString();
    frame.style.cssText = "position:fixed;inset:0;width:100%;height:100%;border:0;z-index:2147483647;background:rgba(0,0,0,.5)";
    var before = document.activeElement;
    function listen(event) {
      if (event.origin !== origin || event.source !== frame.contentWindow || !event.data || !event.data.outcome) return;
      window.removeEventListener("message", listen);
      frame.remove();
      if (before && before.focus) before.focus();
      callback({ resultCode: codes[event.data.outcome] || "4000" });
    }
    window.addEventListener("message", listen);
    document.body.appendChild(frame);
    frame.focus();
  }

  window.AlipayJSBridge = {
    call: function (name, params, callback) {
      var reply = callback || function () {};
      if (name === "tradePay") pay(params.tradeNO, reply);
      else reply({});
    }
  };
  document.dispatchEvent(new Event("AlipayJSBridgeReady"));
})();
