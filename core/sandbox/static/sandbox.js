// Goes on by itself where a real wallet would: after consent, after paying, and back to the page that opened the sheet.
(function () {
  "use strict";
  var result = document.querySelector("[data-outcome]");
  if (result && window.parent !== window) {
    var tell = function () { window.parent.postMessage({ outcome: result.dataset.outcome }, "*"); };
    document.querySelectorAll("[data-done]").forEach(function (button) { button.hidden = false; button.addEventListener("click", tell); });
    window.setTimeout(tell, Number(result.dataset.wait));
    return;
  }
  document.querySelectorAll("a[data-go]").forEach(function (link) {
    window.setTimeout(function () { link.click(); }, Number(link.dataset.go));
  });
})();
