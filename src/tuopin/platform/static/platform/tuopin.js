/* What every page adds to htmx: the token of its forms for requests that change something, and a word when the
   server cannot be reached or refuses. On a phone the conditions of a list are folded. Pages are whole without this file. */
"use strict";
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.value;
});

if (window.matchMedia("(max-width: 40rem)").matches) {
  for (const box of document.querySelectorAll("details.list-box")) box.open = false;
}

// An open group of pages closes when something else is touched, or by Escape, which gives the focus back to its name.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

// A table that scrolls sideways can be reached and scrolled by the keys.
function reachable() {
  for (const box of document.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}
reachable();
window.addEventListener("resize", reachable);
document.addEventListener("htmx:afterSettle", reachable);
