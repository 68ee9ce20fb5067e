// A payer's page on a bad connection: it waits aloud, tries again by itself, and never pays twice. Without this script everything still works.
(() => {
  "use strict";
  const root = document.documentElement;
  const place = document.getElementById("connection");
  const pause = (ms) => new Promise((done) => {
    const over = () => {
      clearTimeout(clock);
      removeEventListener("online", over);
      document.removeEventListener("visibilitychange", over);
      done();
    };
    const clock = setTimeout(over, ms);
    addEventListener("online", over);
    document.addEventListener("visibilitychange", over);
  });

  // What the connection is like, in the sentences that the layout holds; `again` adds a button.
  let said = "";
  const say = (name, again) => {
    if (!place || said === name) return;
    said = name;
    place.textContent = name ? place.dataset[name] : "";
    if (!again) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = place.dataset.again;
    button.addEventListener("click", again);
    place.append(" ", button);
  };

  // On the way to the next page: its outline after a moment, a way to try again when it takes too long.
  let leaving = 0;
  let wanted = "";
  const stay = () => {
    clearTimeout(leaving);
    root.classList.remove("is-leaving");
  };
  const leave = (again) => {
    stay();
    leaving = setTimeout(() => {
      root.classList.add("is-leaving");
      leaving = setTimeout(() => {
        stay();
        say("slow", again);
      }, 12000);
    }, 500);
  };
  const open = (address) => {
    say("");
    leave(() => open(address));
    location.assign(address);
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.hasAttribute("download") || link.target || link.origin !== location.origin || link.getAttribute("href").startsWith("#")) return;
    if (navigator.onLine) return leave(() => open(link.href));
    event.preventDefault();
    wanted = link.href;
    say("offline");
  });
  addEventListener("offline", () => say("offline"));
  addEventListener("online", () => {
    say("");
    if (wanted) open(wanted);
  });
  if (!navigator.onLine) say("offline");

  // A form: nothing is sent without a connection. One that pays is sent with its own key until somebody answers: that is one payment.
  const rest = (form, button) => setTimeout(() => {
    delete form.dataset.sent;
    button?.classList.remove("is-waiting");
  });
  const send = async (form) => {
    const body = new URLSearchParams(new FormData(form));
    for (;;) {
      try {
        const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, signal: AbortSignal.timeout?.(20000) });
        const where = answer.headers.get("HX-Redirect");
        if (where) return open(where);
        return form.submit();
      } catch {
        say("retry");
        await pause(3000);
      }
    }
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (!navigator.onLine) {
      event.preventDefault();
      say("unsent");
      return rest(form, event.submitter);
    }
    if (!form.matches("[data-steady]")) return leave();
    event.preventDefault();
    send(form);
  });

  // "We are checking": look again until the answer is there; without a connection the page says so and keeps asking.
  const look = async () => {
    const waiting = document.querySelector("[data-poll]");
    if (!waiting) return;
    await pause(Number(waiting.dataset.poll));
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.redirected) return location.replace(answer.url);
      say(answer.status < 500 ? "" : "lost");
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const news = page.querySelector(".h5-main");
      const main = document.querySelector(".h5-main");
      const over = answer.ok && news && !news.querySelector("[data-poll]");
      if (over || (answer.ok && news && news.textContent !== main.textContent && !main.contains(document.activeElement))) {
        main.replaceWith(news);
        document.title = page.title;
        offer();
      }
      if (over) {
        news.tabIndex = -1;
        return news.focus();
      }
    } catch {
      say("lost");
    }
    return look();
  };

  // Back from the wallet or by the back button: an old copy of a page about money is never shown.
  addEventListener("pageshow", (event) => {
    if (event.persisted) return location.reload();
    stay();
  });

  // The bar at the bottom says what will be paid as it is chosen; the server reckons again.
  const money = (fen) => `¥${Math.floor(fen / 100).toLocaleString("en-US")}.${String(fen % 100).padStart(2, "0")}`;
  const follow = (event) => {
    const label = document.querySelector("[data-now]");
    const form = event.target.form;
    if (!label || !form?.matches("[data-steady]")) return;
    const sum = document.querySelector("[data-basket]");
    const typed = form.elements.amount?.value.replace(/[\s,，]/g, "").match(/^(\d{1,12})(?:\.(\d{1,2}))?$/);
    const chosen = form.querySelector("[data-pay-fen]:checked");
    const fen = typed ? Number(typed[1]) * 100 + Number((typed[2] ?? "").padEnd(2, "0")) : Number(chosen?.dataset.payFen ?? sum.dataset.basket);
    label.textContent = label.dataset.now;
    sum.textContent = money(fen);
  };
  document.addEventListener("input", follow);
  document.addEventListener("change", follow);

  // Buttons that need the phone's own sharing stand only where it has one.
  const offer = () => {
    for (const button of document.querySelectorAll("[data-share]")) {
      if (!navigator.share || !button.hidden) continue;
      button.hidden = false;
      button.addEventListener("click", () => navigator.share({ title: document.title, url: button.dataset.share }).catch(() => {}));
    }
  };
  offer();
  look();
})();
