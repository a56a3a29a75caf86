/* What every page adds to htmx: the token of its forms for requests that change something, and a word when the
   server cannot be reached or refuses. Pages are whole without this file. */
"use strict";
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.value;
});
