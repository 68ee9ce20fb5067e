// How a payer goes on where a page alone is not enough: a form that posts itself once, Alipay's bridge, a card form of the gateway.
(() => {
  "use strict";

  const form = document.querySelector("form[data-auto-post]");
  if (form) {
    const here = new URL(location.href);
    here.searchParams.delete("go"); // the back button must not send the payer off again
    history.replaceState(null, "", here);
    form.submit();
  }

  const wallet = document.querySelector("[data-trade-pay]");
  if (wallet) {
    const pay = () => {
      wallet.classList.add("is-waiting");
      window.AlipayJSBridge.call("tradePay", JSON.parse(wallet.dataset.tradePay), () => location.reload());
    };
    wallet.addEventListener("click", () => {
      if (window.AlipayJSBridge) pay();
      else document.addEventListener("AlipayJSBridgeReady", pay, { once: true });
    });
  }

  const card = document.querySelector("form[data-card]");
  if (card && window.Stripe) {
    const given = JSON.parse(card.dataset.card);
    const gateway = window.Stripe(given.publishable_key);
    const elements = gateway.elements({ clientSecret: given.client_secret });
    elements.create("payment").mount("#card-fields");
    card.hidden = false;
    const told = card.querySelector("[role=alert]");
    card.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = card.querySelector("button");
      if (button.disabled) return;
      button.disabled = true;
      told.hidden = true;
      const answer = await gateway.confirmPayment({
        elements,
        confirmParams: { return_url: card.dataset.return },
        redirect: "if_required",
      });
      if (answer.error) {
        told.textContent = answer.error.message;
        told.hidden = false;
        button.disabled = false;
      } else {
        location.replace(card.dataset.return);
      }
    });
  }
})();
