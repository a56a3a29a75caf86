// The form of a visit: photos with progress over a slow line, where one stands. Without it the form works as it is.
"use strict";
(() => {
  const form = document.getElementById("visit");
  if (!form) return;
  const state = document.getElementById("state");
  const bar = document.getElementById("sending");
  const files = form.querySelector("input[type=file]");

  form.addEventListener("submit", (event) => {
    if (!files || files.files.length === 0) return;
    event.preventDefault();
    const button = form.querySelector(".go button");
    button.disabled = true;
    bar.hidden = false;
    state.textContent = state.dataset.sending;
    const sent = new XMLHttpRequest();
    const again = () => {
      button.disabled = false;
      bar.hidden = true;
      state.textContent = state.dataset.failed;
    };
    sent.upload.addEventListener("progress", (moved) => {
      if (moved.lengthComputable) bar.value = (100 * moved.loaded) / moved.total;
    });
    sent.addEventListener("load", () => {
      const next = sent.getResponseHeader("X-Location");
      if (sent.status === 204 && next) {
        window.location.assign(next);
        return;
      }
      // refused: the page that came back says why, with what was typed
      const page = new DOMParser().parseFromString(sent.responseText, "text/html");
      const told = page.querySelector(".problem[role=alert]");
      again();
      if (told) state.textContent = told.textContent;
    });
    sent.addEventListener("error", again);
    sent.open("POST", form.getAttribute("action") || window.location.href);
    sent.setRequestHeader("X-Visit", "1");
    sent.send(new FormData(form));
  });

  const locate = document.getElementById("locate");
  if (locate && "geolocation" in navigator) {
    locate.parentElement.hidden = false;
    const shown = document.getElementById("located");
    locate.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(
        (found) => {
          form.elements.latitude.value = found.coords.latitude.toFixed(5);
          form.elements.longitude.value = found.coords.longitude.toFixed(5);
          shown.textContent = locate.dataset.got;
        },
        () => {
          shown.textContent = locate.dataset.none;
        },
        { enableHighAccuracy: true, timeout: 15000 },
      );
    });
  }
})();
