// What a slow network and a hasty thumb do to forms. Without this file they post as they are; the
// server keeps what was sent twice from counting twice, this only says that it is on its way.
(() => {
  "use strict";

  // A file may come as the answer, and then the page stays: pressable again after a while.
  const AGAIN_MS = 12000;
  const changed = new Set();
  let leaving = false;

  function label(button) {
    const texts = [...button.childNodes].filter(
      (node) => node.nodeType === Node.TEXT_NODE && node.data.trim(),
    );
    return texts[texts.length - 1];
  }

  function busy(form, button) {
    form.dataset.sending = "";
    const text = button && button.matches(".btn") ? label(button) : null;
    const before = text ? text.data : "";
    if (button) button.setAttribute("aria-busy", "true");
    const files = [...form.querySelectorAll("input[type=file]")].some((one) => one.files.length);
    if (text) text.data = files ? "正在上传…" : "正在提交…";
    const free = () => {
      leaving = false;
      delete form.dataset.sending;
      if (button) button.removeAttribute("aria-busy");
      if (text) text.data = before;
    };
    setTimeout(free, AGAIN_MS);
    // The page comes back as it was left when somebody goes back.
    window.addEventListener("pageshow", free, { once: true });
  }

  // Another part of the page has been changed and would be lost: asked once, not again.
  function unsaved(form) {
    const left = [...changed].find((one) => one !== form && one.isConnected);
    if (!left || left.querySelector("[data-unsaved-note]")) return false;
    const note = document.createElement("p");
    note.className = "notice notice-warning";
    note.setAttribute("role", "alert");
    note.dataset.unsavedNote = "";
    note.textContent = "这一部分改过，还没有保存。请先保存；不要这些改动，就再按一次刚才的按钮。";
    const button = left.querySelector("button[type=submit], button:not([type])");
    button.before(note);
    button.focus();
    note.scrollIntoView({ block: "center" });
    return true;
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-unsaved]");
    if (form) changed.add(form);
  });

  // On the window, so after those that send a form themselves.
  window.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.target === "_blank") return;
    if (form.hasAttribute("data-plain")) {
      // A file comes, and the page stays with what was typed.
      leaving = true;
      setTimeout(() => (leaving = false), 1000);
      return;
    }
    if ("sending" in form.dataset || unsaved(form)) {
      event.preventDefault();
      return;
    }
    leaving = true;
    busy(form, event.submitter);
  });
  window.addEventListener("pageshow", () => {
    leaving = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && [...changed].some((one) => one.isConnected)) event.preventDefault();
  });
})();
