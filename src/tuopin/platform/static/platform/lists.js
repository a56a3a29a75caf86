// Empty fields of a filter form do not go into the address: a shared link holds only what was chosen.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(".list-filters, .list-columns")) return;
  for (const field of form.elements) {
    if (field.name && field.value === "" && !field.disabled) {
      field.disabled = true;
      setTimeout(() => { field.disabled = false; }, 0);
    }
  }
});
// A page that comes back from the browser's memory has its fields as they were.
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll(".list-filters [disabled]")) field.disabled = false;
});
