/* Files dropped or chosen are sent one by one, each with its progress; without this file the form sends them all. */
"use strict";

function send(address, token, file, line) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const bar = line.querySelector("progress");
    request.open("POST", address);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) { bar.max = event.total; bar.value = event.loaded; }
    });
    request.addEventListener("loadend", () => {
      let refused = [];
      try { refused = JSON.parse(request.responseText).refused || []; } catch { refused = null; }
      resolve(request.status === 200 ? [] : refused && refused.length ? refused : null);
    });
    const form = new FormData();
    form.append("files", file, file.name);
    request.send(form);
  });
}

async function begin(zone, token) {
  if (!zone.dataset.new) return { files: zone.action, page: "" };
  const answer = await fetch(zone.dataset.new, {
    method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" },
  });
  return answer.ok ? answer.json() : null;
}

async function take(zone, files) {
  if (!files.length || zone.dataset.busy) return;
  zone.dataset.busy = "1";
  const token = zone.querySelector("input[name=csrfmiddlewaretoken]").value;
  const list = zone.querySelector(".sending");
  list.replaceChildren();
  const set = await begin(zone, token).catch(() => null);
  if (!set) { delete zone.dataset.busy; list.textContent = zone.dataset.failed; return; }
  let kept = 0;
  let refused = 0;
  for (const file of files) {
    const line = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.value = 0;
    bar.max = 1;
    bar.setAttribute("aria-label", `${zone.dataset.sending} ${file.name}`);
    line.append(name, bar);
    list.append(line);
    const problems = await send(set.files, token, file, line);
    bar.remove();
    if (problems && !problems.length) { kept += 1; name.textContent = `✓ ${file.name}`; continue; }
    refused += 1;
    line.classList.add("refused");
    name.textContent = `✗ ${problems ? problems.join(" ") : `${file.name}: ${zone.dataset.failed}`}`;
  }
  delete zone.dataset.busy;
  zone.querySelector("input[type=file]").value = "";
  if (!kept) return;
  // the set is looked at: an empty hand-in begins that, and leads to its page
  const next = document.createElement("form");
  next.method = "post";
  next.action = set.files;
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = "csrfmiddlewaretoken";
  hidden.value = token;
  next.append(hidden);
  document.body.append(next);
  window.setTimeout(() => next.submit(), refused ? 4000 : 0);
}

for (const zone of document.querySelectorAll(".drop-zone")) {
  const input = zone.querySelector("input[type=file]");
  zone.addEventListener("submit", (event) => { event.preventDefault(); take(zone, [...input.files]); });
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take(zone, [...event.dataTransfer.files]);
  });
}
