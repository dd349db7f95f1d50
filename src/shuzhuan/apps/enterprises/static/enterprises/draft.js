// Nothing typed is ever lost. The server keeps a draft of every section; while it cannot be
// reached, this keeps what is being typed in the browser and sends it when the network is back.
// The copy in the browser lives only until the server has confirmed the same text.
(() => {
  "use strict";

  const RETRY_MS = 4000;
  const PREFIX = "shuzhuan.draft:";
  const OFFLINE = "没有网络。写的内容已存在本机，网络恢复后自动保存。";
  const SIGNED_OUT = "登录已过期。写的内容已存在本机，重新登录后回到本页会自动恢复。";

  function stored(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  function forget(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      // Storage is switched off: then there is nothing to forget.
    }
  }

  // The archive page says which section has just been saved.
  for (const mark of document.querySelectorAll("[data-saved]")) forget(PREFIX + mark.dataset.saved);

  const form = document.querySelector("form[data-draft]");
  const keeper = form && form.querySelector("[data-keeper]");
  if (!form || !keeper) return;
  const key = PREFIX + form.dataset.draft;
  const line = document.getElementById("draft-state");
  let typed = 0; // counts changes, to know whether a confirmed draft is the latest
  let sent = 0;
  let timer = 0;

  function say(text, state) {
    line.textContent = text;
    line.dataset.state = state || "";
  }

  function values() {
    const found = {};
    for (const [name, value] of new FormData(form)) {
      if (name !== "csrfmiddlewaretoken" && name !== "version") found[name] = value;
    }
    return found;
  }

  function keep() {
    typed += 1;
    try {
      localStorage.setItem(key, JSON.stringify(values()));
    } catch {
      // Storage is switched off or full: the draft on the server remains.
    }
  }

  function retryLater() {
    clearTimeout(timer);
    timer = setTimeout(retry, RETRY_MS);
  }

  function retry() {
    if (stored(key)) window.htmx.trigger(keeper, "retry");
  }

  function fill(kept) {
    let differs = false;
    for (const control of form.elements) {
      if (!control.name || !(control.name in kept)) {
        if (control.type === "radio" && !control.name.startsWith("was.")) control.checked = false;
        continue;
      }
      if (control.type === "radio" || control.type === "checkbox") {
        const wanted = kept[control.name] === control.value;
        if (control.checked !== wanted) differs = true;
        control.checked = wanted;
      } else if (control.name !== "csrfmiddlewaretoken" && control.type !== "submit") {
        if (control.value !== kept[control.name] && control.type !== "hidden") differs = true;
        control.value = kept[control.name];
      }
    }
    for (const group of form.querySelectorAll("details.group")) {
      const used = [...group.querySelectorAll("input, select, textarea")].some((c) => c.value);
      if (used) group.open = true;
    }
    return differs;
  }

  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target === keeper) sent = typed;
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== keeper) return;
    if (event.detail.successful) {
      line.dataset.state = "";
      if (sent === typed) forget(key);
    } else if (event.detail.xhr && event.detail.xhr.status === 403) {
      say(SIGNED_OUT, "offline");
    } else {
      say(OFFLINE, "offline");
      retryLater();
    }
  });
  window.addEventListener("online", retry);
  window.addEventListener("offline", () => say(OFFLINE, "offline"));

  const kept = stored(key);
  if (kept) {
    if (fill(kept)) {
      say("已恢复上次没有存到服务器的内容。");
      window.addEventListener("load", retry);
    } else {
      forget(key);
    }
  }
})();
