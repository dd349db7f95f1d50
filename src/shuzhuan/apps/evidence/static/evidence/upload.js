/* Upload with progress. Without this file the form posts as it is. */
"use strict";
document.addEventListener("change", (event) => {
  const slot = event.target.closest("[data-upload] select[name=slot]");
  if (slot) {
    const form = slot.form, chosen = slot.selectedOptions[0];
    const files = form.querySelector("input[type=file][multiple]");
    if (files) files.accept = chosen.dataset.accept || "";
    const hint = form.querySelector("[data-upload-hint]");
    if (hint && chosen.dataset.hint) hint.textContent = chosen.dataset.hint;
  }
  // A photo has just been taken: it is sent as soon as the kind is known.
  if (event.target.matches("[data-upload] input[capture]") && event.target.files.length) {
    const form = event.target.form;
    if (form.reportValidity()) form.requestSubmit();
  }
});
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  if (!form || !window.FormData) return;
  event.preventDefault();
  const line = form.querySelector("[data-upload-progress]");
  const bar = line.querySelector("progress"), percent = line.querySelector("[data-upload-percent]");
  const button = form.querySelector("button[type=submit]");
  const body = new FormData(form);
  // Two inputs share one name, and one of them is empty: only chosen files are sent.
  for (const input of form.querySelectorAll("input[type=file]")) {
    body.delete(input.name);
  }
  for (const input of form.querySelectorAll("input[type=file]")) {
    for (const file of input.files) body.append(input.name, file);
  }
  const request = new XMLHttpRequest();
  const failed = () => {
    line.hidden = true; button.disabled = false;
    const note = document.createElement("p");
    note.className = "notice notice-error"; note.setAttribute("role", "alert");
    note.textContent = "没有传完：网络断开了。请重试，已经存入的不会重复。";
    form.querySelectorAll(".notice").forEach((old) => old.remove());
    form.append(note);
  };
  request.upload.addEventListener("progress", (step) => {
    if (!step.lengthComputable) return;
    const share = Math.floor(step.loaded * 100 / step.total);
    bar.value = share;
    percent.textContent = share < 100 ? share + "%" : "正在检查";
  });
  request.addEventListener("error", failed);
  request.addEventListener("load", () => {
    if (request.status >= 500) return failed();
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const fresh = page.querySelector("#content"), here = document.querySelector("#content");
    if (!fresh) return failed();
    here.replaceWith(document.adoptNode(fresh));
    if (request.status < 400) history.replaceState(null, "", request.responseURL);
    (document.querySelector("[data-error-summary]") || document.querySelector("#content")).focus();
  });
  line.hidden = false; button.disabled = true;
  request.open("POST", form.action);
  request.send(body);
});
