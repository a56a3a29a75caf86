// Y, N and L answer a pair. The page works without this.
"use strict";
document.addEventListener("keydown", (event) => {
  const form = document.querySelector("[data-answers]");
  if (!form || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target instanceof Element && event.target.closest("input, select, textarea")) return;
  const answer = { y: "yes", n: "no", l: "later" }[event.key.toLowerCase()];
  const button = answer && form.querySelector(`button[value="${answer}"]`);
  if (button) {
    event.preventDefault();
    form.requestSubmit(button);
  }
});
