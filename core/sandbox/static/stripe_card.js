// Inside the gateway's own frame: reads the card form when the merchant's page says so, and tells that page the outcome only.
(function () {
  "use strict";
  var form = document.querySelector("[data-card-form]");
  var told = document.querySelector("[data-told]");
  var inside = window.parent !== window;

  function tell(message) { if (inside) window.parent.postMessage(message, "*"); }

  if (told) {
    tell({ stripe: "authenticated", result: JSON.parse(told.dataset.told) });
    return;
  }
  if (!form) return;
  var problem = form.querySelector("[data-problem]");

  document.querySelectorAll("[data-test-card]").forEach(function (button) {
    button.addEventListener("click", function () {
      form.number.value = button.dataset.testCard;
      form.expiry.value = form.expiry.value || "12/34";
      form.cvc.value = form.cvc.value || "123";
      changed();
    });
  });

  function changed() {
    var values = [form.number.value.trim(), form.expiry.value.trim(), form.cvc.value.trim()];
    tell({ stripe: "change", complete: values.every(Boolean), empty: !values.some(Boolean), elementType: "card" });
  }

  function say(error) {
    problem.textContent = error ? error.message : "";
    problem.hidden = !error;
    tell({ stripe: "height", height: document.documentElement.scrollHeight });
  }

  form.addEventListener("input", changed);
  if (!inside) return;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  window.addEventListener("message", function (event) {
    if (event.source !== window.parent || !event.data) return;
    if (event.data.stripe === "clear") { form.reset(); changed(); return; }
    if (event.data.stripe !== "confirm") return;
    var number = event.data.number;
    var body = new URLSearchParams(new FormData(form));
    body.set("client_secret", event.data.client_secret);
    body.set("return_url", event.data.return_url || "");
    say(null);
    fetch("/stripe/card/confirm", { method: "POST", body: body })
      .then(function (reply) { return reply.json(); })
      .catch(function () { return { error: { type: "api_connection_error", message: "网络不通，请稍后再试" } }; })
      .then(function (result) {
        say(result.error && result.error.type === "validation_error" ? result.error : null); // a decline is the page's to show
        tell({ stripe: "result", number: number, result: result });
      });
  });
  new ResizeObserver(function () { tell({ stripe: "height", height: document.documentElement.scrollHeight }); }).observe(document.body);
  tell({ stripe: "ready" });
})();
