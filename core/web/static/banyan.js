// Everything the pages do beyond plain HTML. Each part only improves what already works without it.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  const announce = (name) => {
    const place = document.getElementById("announce");
    if (place) place.textContent = place.dataset[name];
  };

  // One press, one request: the pressed button waits, a second submit of the same form is swallowed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    const button = event.submitter;
    setTimeout(() => button?.classList.add("is-waiting"));
  });
  addEventListener("pageshow", () => {
    for (const form of all("form[data-sent]")) delete form.dataset.sent;
    for (const button of all(".is-waiting")) button.classList.remove("is-waiting");
  });

  // htmx carries the proof of origin, tells screen readers what changed and never loses the focus.
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRF-Token"] = token();
  });
  let lost = false;  // whether the focus stands in what is about to be swapped: only then it is given back
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.target;
    if (lost && document.activeElement === document.body) document.getElementById(target?.id)?.focus({ preventScroll: true });
    if (!event.detail.elt.matches?.("[data-quiet]")) announce("updated");
    draw();
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => announce("failed"));
  document.addEventListener("htmx:beforeSwap", (event) => {
    lost = Boolean(event.detail.target?.contains(document.activeElement));
    if (event.detail.xhr.status === 422) event.detail.shouldSwap = true;
    if (event.detail.xhr.status === 401) location.reload();
  });

  // Drop-downs close on a click elsewhere and on Escape.
  document.addEventListener("click", (event) => {
    for (const open of all("details.by-drop[open]")) if (!open.contains(event.target)) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of all("details.by-drop[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  // A dialog takes the focus to its first field or to its safe button, keeps it, and gives it back.
  document.addEventListener("toggle", (event) => {
    const dialog = event.target;
    if (!dialog.matches?.(".by-dialog") || event.newState !== "open") return;
    dialog.setAttribute("aria-modal", "true");  // true with this script, which keeps the focus inside
    (dialog.querySelector("textarea") ?? dialog.querySelector("[popovertargetaction=hide]"))?.focus();
  }, true);

  document.addEventListener("keydown", (event) => {
    const dialog = event.key === "Tab" && document.querySelector(".by-dialog:popover-open");
    if (!dialog) return;
    const stops = all("a[href], button, input, select, textarea", dialog).filter((stop) => stop.checkVisibility() && !stop.disabled);
    const [first, last] = event.shiftKey ? [stops.at(-1), stops[0]] : [stops[0], stops.at(-1)];
    if (document.activeElement !== last && dialog.contains(document.activeElement)) return;
    event.preventDefault();
    first?.focus();
  });

  // Copy, tick all, file names, amounts.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await navigator.clipboard?.writeText(button.dataset.copy);
    const face = button.querySelector("span");
    const before = face.textContent;
    face.textContent = button.dataset.copied;
    setTimeout(() => { face.textContent = before; }, 1600);
  });
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.dataset.tickAll) {
      for (const box of all(`input[name="${field.dataset.tickAll}"]`, field.closest(".by-list"))) box.checked = field.checked;
    }
    if (field.dataset.fen) basket();
    if (field.matches("input[type=file]")) show_file(field);
  });
  document.addEventListener("focusout", (event) => {
    const field = event.target;
    if (!field.dataset?.money || !/^\s*[\d,]+(\.\d{1,2})?\s*$/.test(field.value)) return;
    const [whole, part = ""] = field.value.replace(/[\s,]/g, "").split(".");
    field.value = `${whole.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ",")}.${part.padEnd(2, "0")}`;
  });
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      event.target.closest?.("[data-drop]")?.classList.toggle("is-over", kind === "dragenter" || kind === "dragover");
    });
  }
  const show_file = (field) => {
    const name = field.closest("[data-drop]")?.querySelector("[data-file-name]");
    if (name) name.textContent = field.files[0]?.name ?? name.dataset.empty;
  };

  // The basket: the bar at the bottom adds up what is ticked; the server adds up again.
  const money = (fen) => `¥${Math.floor(fen / 100).toLocaleString("en-US")}.${String(fen % 100).padStart(2, "0")}`;
  const basket = () => {
    const sum = document.querySelector("[data-basket]");
    const pay = sum?.closest(".h5-bar").querySelector("button");
    const boxes = all("input[data-fen]").filter((box) => box.form === pay?.form);
    if (!sum || !boxes.length) return;
    const fixed = Number(document.querySelector("[data-fixed-fen]")?.dataset.fixedFen ?? 0);
    const fen = boxes.filter((box) => box.checked).reduce((total, box) => total + Number(box.dataset.fen), fixed);
    sum.textContent = money(fen);
    if (!pay.dataset.off) pay.disabled = fen === 0;
  };

  // A code may be sent again only after a while.
  for (const button of all("[data-wait]")) {
    let left = Number(button.dataset.wait);
    const face = button.textContent;
    button.disabled = true;
    const clock = setInterval(() => {
      left -= 1;
      button.textContent = left > 0 ? button.dataset.waitText.replace("{n}", left) : face;
      if (left <= 0) {
        button.disabled = false;
        clearInterval(clock);
      }
    }, 1000);
  }

  // A console page whose work is under way is fetched anew, unless somebody is typing in it or its job shows its own progress.
  const refresh = () => {
    const main = document.querySelector("main[data-refresh]");
    if (!main || !window.htmx) return;
    setTimeout(async () => {
      const busy = document.activeElement !== main && main.contains(document.activeElement);
      if (!busy && !document.querySelector(":popover-open") && !main.querySelector("[hx-trigger^=every], [data-events]")) {
        await htmx.ajax("GET", location.href, { source: main, target: main, select: "#main", swap: "outerHTML" }).catch(() => {});
        narrow();
      }
      refresh();
    }, Number(main.dataset.refresh));
  };

  // Charts: what draws them (chart.js, and ECharts behind it) comes only to pages that have one.
  const draw = () => {
    if (window.drawCharts) return window.drawCharts();
    const source = document.querySelector("script[data-charts]")?.dataset.charts;
    if (!source || !document.querySelector("[data-chart]") || document.querySelector("script[data-loading]")) return;
    const script = document.createElement("script");
    script.src = source;
    script.dataset.loading = "1";
    document.head.append(script);
  };

  // A section that only counts for one choice (data-when="kind=cash") is shown with that choice; several choices stand with blanks between.
  const narrow = () => {
    for (const section of all("[data-when]")) {
      const [name, value] = section.dataset.when.split("=");
      section.hidden = !value.split(" ").includes(section.form?.elements[name]?.value);
    }
  };
  document.addEventListener("change", narrow);

  const start = () => {
    (document.querySelector("[data-focus]") ?? document.querySelector("[aria-invalid=true]"))?.focus();
    narrow();
    basket();
    refresh();
    draw();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
