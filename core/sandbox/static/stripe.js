// What a merchant's page loads from a card gateway: Stripe(key).elements() with a "card" or "payment" form,
// confirmCardPayment(secret, {...}) and confirmPayment({...}).
// The card's number is typed into a frame of the gateway; this script, which runs in the merchant's page, never sees it.
(function () {
  "use strict";
  var origin = new URL(document.currentScript.src).origin;
  var count = 0;

  function frameOf(path, title, style) {
    var frame = document.createElement("iframe");
    frame.title = title;
    frame.src = origin + path;
    frame.style.cssText = style;
    return frame;
  }

  function listen(frame, kinds, heard) {
    function hear(event) {
      if (event.origin !== origin || event.source !== frame.contentWindow || !event.data || kinds.indexOf(event.data.stripe) < 0) return;
      heard(event.data, function () { window.removeEventListener("message", hear); });
    }
    window.addEventListener("message", hear);
  }

  function CardElement(key) {
    var frame = frameOf("/stripe/card?key=" + encodeURIComponent(key), "银行卡信息", "width:100%;height:300px;border:0;display:block");
    var listeners = { ready: [], change: [] };
    listen(frame, ["ready", "change", "height"], function (told) {
      if (told.height) frame.style.height = told.height + "px";
      (listeners[told.stripe] || []).forEach(function (listener) { listener(told); });
    });
    this._frame = frame;
    this.mount = function (place) {
      var holder = typeof place === "string" ? document.querySelector(place) : place;
      holder.textContent = "";
      holder.appendChild(frame);
    };
    this.on = function (name, listener) { if (listeners[name]) listeners[name].push(listener); return this; };
    this.unmount = this.destroy = function () { frame.remove(); };
    this.focus = function () { frame.focus(); };
    this.clear = function () { frame.contentWindow.postMessage({ stripe: "clear" }, origin); };
    this._confirm = function (message) {
      var number = ++count;
      return new Promise(function (resolve) {
        listen(frame, ["result"], function (told, over) {
          if (told.number !== number) return;
          over();
          resolve(told.result);
        });
        frame.contentWindow.postMessage(Object.assign({ stripe: "confirm", number: number }, message), origin);
      });
    };
  }

  function authenticate(url) {
    var frame = frameOf(new URL(url).pathname + new URL(url).search, "持卡人验证",
      "position:fixed;inset:0;width:100%;height:100%;border:0;z-index:2147483647;background:rgba(0,0,0,.5)");
    var before = document.activeElement;
    return new Promise(function (resolve) {
      listen(frame, ["authenticated"], function (told, over) {
        over();
        frame.remove();
        if (before && before.focus) before.focus();
        resolve(told.result);
      });
      document.body.appendChild(frame);
      frame.focus();
    });
  }

  function confirm(element, secret) {
    return element._confirm({ client_secret: secret, return_url: "" }).then(function (result) {
      var action = result.paymentIntent && result.paymentIntent.next_action;
      if (!action) return result;
      return authenticate((action.use_stripe_sdk || {}).stripe_js || action.redirect_to_url.url);
    });
  }

  window.Stripe = function (key) {
    return {
      elements: function (options) {
        var made = {};
        return {
          create: function (type) {
            if (type !== "card" && type !== "payment") throw new Error("沙箱只有 card 与 payment 两种表单");
            made[type] = new CardElement(key);
            return made[type];
          },
          getElement: function (type) { return made[type] || null; },
          submit: function () { return Promise.resolve({}); },
          _paying: function () { return { element: made.payment || made.card, secret: (options || {}).clientSecret }; }
        };
      },
      confirmCardPayment: function (secret, data) {
        var card = data && data.payment_method && data.payment_method.card;
        if (!card || !card._confirm) return Promise.reject(new Error("payment_method.card 应为卡片表单"));
        return confirm(card, secret);
      },
      confirmPayment: function (given) {
        var paying = given.elements._paying();
        return confirm(paying.element, given.clientSecret || paying.secret).then(function (result) {
          var back = given.confirmParams && given.confirmParams.return_url;
          if (!result.error && back && given.redirect !== "if_required") window.location.assign(back);
          return result;
        });
      }
    };
  };
})();
