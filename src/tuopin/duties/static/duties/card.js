// The square code of a card brings the code behind a #, which no browser sends to anybody. It is put into the form,
// taken out of the address (history, sharing), and sent as somebody would who typed it.
"use strict";
(() => {
  const take = () => {
    const digits = window.location.hash.slice(1).replace(/[^0-9]/g, "");
    if (digits.length !== 20) return;
    window.history.replaceState(null, "", window.location.pathname);
    document.getElementById("code").value = digits.replace(/(.{4})(?=.)/g, "$1 ");
    document.getElementById("card-form").requestSubmit();
  };
  window.addEventListener("hashchange", take); // a second card, read while the page of the first stands open
  take();
})();
