// The wallet's bridge, for pages shown outside WeChat: WeixinJSBridge as WeChat injects it, answered by the sandbox.
(function () {
  "use strict";
  var origin = new URL(document.currentScript.src).origin;

  function pay(params, callback) {
    var frame = document.createElement("iframe");
    frame.title = "微信支付";
    frame.src = origin + "/cashier/jsapi?" + new URLSearchParams(params).toString();
    frame.style.cssText = "position:fixed;inset:0;width:100%;height:100%;border:0;z-index:2147483647;background:rgba(0,0,0,.5)";
    var before = document.activeElement;
    function listen(event) {
      if (event.origin !== origin || event.source !== frame.contentWindow || !event.data || !event.data.outcome) return;
      window.removeEventListener("message", listen);
      frame.remove();
      if (before && before.focus) before.focus();
      callback({ err_msg: "get_brand_wcpay_request:" + event.data.outcome });
    }
    window.addEventListener("message", listen);
    document.body.appendChild(frame);
    frame.focus();
  }

  window.WeixinJSBridge = {
    invoke: function (name, params, callback) {
      var reply = callback || function () {};
      if (name === "getBrandWCPayRequest") pay(params, reply);
      else reply({ err_msg: name + ":ok" });
    },
    call: function (name) {
      if (name === "closeWindow") window.close();
    },
    on: function () {}
  };
  document.dispatchEvent(new Event("WeixinJSBridgeReady"));
})();
