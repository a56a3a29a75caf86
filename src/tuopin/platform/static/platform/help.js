/* Remembers whether the reader keeps “what is this page” open: on every page of this browser, for a year. */
"use strict";
document.addEventListener("toggle", (event) => {
  if (!event.target.classList || !event.target.classList.contains("page-help")) return;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `tuopin_help=${event.target.open ? 1 : 0}; path=/; max-age=31536000; samesite=lax${secure}`;
}, true);
