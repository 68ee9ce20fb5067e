// The console's keyboard and search box. Everything here is a shorter way to something that a link or a form does too.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const typing = (element) => element?.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  // On a phone a list comes before its filters: those that choose nothing yet are folded away beside the search field (banyan.css says on which widths).
  for (const form of all("form.by-filters")) {
    const rest = all(":scope > .by-field:not(.by-search)", form);
    const button = form.querySelector(".by-unfold");
    const chosen = rest.some((field) => all("input, select", field).some((input) => (input.type === "checkbox" ? input.checked : input.value)));
    if (!button || rest.length < 2 || chosen) continue;
    const fold = (folded) => {
      form.classList.toggle("is-folded", folded);
      button.setAttribute("aria-expanded", String(!folded));
    };
    button.hidden = false;
    button.addEventListener("click", () => fold(!form.classList.contains("is-folded")));
    fold(true);
  }

  // The search box: what is found opens beneath it; arrows walk through it, Escape closes it, Enter leads to the page of all.
  const box = () => document.querySelector("[data-find]");
  const found = () => document.getElementById("found");
  const open = (wanted) => {
    const list = found();
    if (!list) return;
    list.hidden = !wanted || !list.childElementCount;
  };
  const search = () => {
    const field = box();
    if (!field?.checkVisibility()) return location.assign(document.querySelector(".by-find-link")?.href ?? location.href);
    scrollTo(0, 0);
    field.focus();
    field.select();
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const walking = event.detail.target?.id === "found" && found().contains(document.activeElement);
    if (walking) event.detail.shouldSwap = false;  // a late answer takes nobody's line away
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id === "found") open(document.activeElement === box());
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches?.("[data-find]")) {
      if (!found().childElementCount && window.htmx) htmx.trigger(event.target, "find");
      open(true);
    } else if (!event.target.closest?.(".by-find")) open(false);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(".by-find")) open(false);
  });
  const walk = (event) => {
    const links = all("a", found());
    const now = links.indexOf(document.activeElement);
    const next = now + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    open(true);
    if (next < 0) box().focus();
    else links[Math.min(next, links.length - 1)]?.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (!event.target.closest?.(".by-find") || !found()) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(event);
    else if (event.key === "Escape") {
      event.preventDefault();
      box().focus();
      open(false);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey) return;
    const held = event.ctrlKey || event.metaKey;
    const wanted = held ? event.key.toLowerCase() === "k" && !event.shiftKey : event.key === "/" && !typing(event.target);
    if (!wanted || document.querySelector(":popover-open.by-dialog")) return;
    event.preventDefault();
    search();
  });

  // Long work tells how far it is (server-sent events). Where they do not come, the card is asked for as it would be without them.
  const number = (value) => value.toLocaleString("en-US");
  const show = (card, { status, done, total }) => {
    const bar = card.querySelector("progress");
    const figure = card.querySelector(".by-progress b");
    if (!bar || !figure || !total) return;
    if (status !== card.dataset.status || !bar.hasAttribute("value")) return renew(card);
    bar.max = total;
    bar.value = done;
    const unit = figure.dataset.unit ? ` ${figure.dataset.unit}` : "";
    figure.textContent = `${number(done)} / ${number(total)}${unit} · ${(Math.floor((done * 1000) / total) / 10).toFixed(1)}%`;
  };
  const renew = (card) => window.htmx?.trigger(card, "news");
  const follow = () => {
    for (const card of all("[data-events]:not([data-followed])")) {
      card.dataset.followed = "1";
      const poll = () => setInterval(() => (card.isConnected ? renew(card) : clearInterval(timer)), 1500);
      let timer = null;
      if (!window.EventSource) {
        timer = poll();
        continue;
      }
      const source = new EventSource(card.dataset.events);
      const stop = () => source.close();
      source.addEventListener("progress", (event) => (card.isConnected ? show(card, JSON.parse(event.data)) : stop()));
      source.addEventListener("end", () => {
        stop();
        renew(card);
      });
      source.addEventListener("error", () => {
        if (source.readyState === EventSource.CLOSED && card.isConnected) timer = poll();
      });
      addEventListener("pagehide", stop, { once: true });
    }
  };
  document.addEventListener("htmx:afterSettle", follow);

  // Rows of a list: with a row's link in focus, up and down go to the next one. `?` tells all of this.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const row = event.target.closest?.(".by-table tbody tr");
    if (!row || typing(event.target)) return;
    const rows = all("tbody tr", row.closest("table")).filter((each) => each.querySelector("a[href]"));
    const next = rows[rows.indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.querySelector("a[href]").focus();
  });
  const first = () => document.querySelector("main .by-table tbody a[href]")?.focus();
  const step = (rel) => document.querySelector(rel)?.click();
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const help = document.getElementById("shortcuts");
    if (event.key === "?" && help) {
      event.preventDefault();
      help.togglePopover();
    } else if (document.querySelector(":popover-open")) return;
    else if (event.key === "j") first();
    else if (event.key === "n") step("main [rel=next]");
    else if (event.key === "f") {
      const field = document.querySelector("main .by-filters input[type=search], main .by-filters :is(input, select)");
      if (!field) return;
      event.preventDefault();
      field.focus();
    }
  });

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", follow);
  else follow();
})();
