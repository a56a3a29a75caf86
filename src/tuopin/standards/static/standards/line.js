// The slider of the line: it stands beside the field, and asks the server for the numbers of the line it is on.
(function () {
  "use strict";

  function start() {
    const form = document.querySelector(".line-form");
    if (!form || !window.htmx) { return; }
    const field = form.querySelector("[name=line]");
    const slider = form.querySelector("[data-slider]");
    let timer = 0;
    const ask = (pause) => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => window.htmx.trigger(form, "move-line"), pause);
    };
    slider.hidden = false;
    slider.addEventListener("input", () => { field.value = slider.value; ask(120); });
    field.addEventListener("input", () => {
      if (Number(field.value) > 0) { slider.value = field.value; }
      ask(400);
    });
    form.addEventListener("submit", (event) => { event.preventDefault(); ask(0); });
    // The address says which line is shown, so that it can be shared; nothing but the line changes in it.
    form.addEventListener("htmx:afterRequest", () => {
      const address = new URL(window.location.href);
      address.search = new URLSearchParams(new FormData(form)).toString();
      window.history.replaceState(window.history.state, "", address);
    });
  }

  // After all deferred scripts: htmx is one of them.
  if (document.readyState === "complete") { start(); } else { document.addEventListener("DOMContentLoaded", start); }
})();
