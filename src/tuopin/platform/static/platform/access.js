// The print button of pages that are made to be printed.
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
