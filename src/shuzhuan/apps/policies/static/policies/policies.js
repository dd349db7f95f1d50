// Small helps of the policy pages. Every page works without them.
(() => {
  "use strict";

  async function copy(field) {
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch {
      field.focus();
      field.select(); // an old or insecure page: the person presses copy
      return document.execCommand("copy");
    }
  }

  function ready(scope) {
    for (const button of scope.querySelectorAll("[data-copy]")) {
      const field = document.querySelector(button.dataset.copy);
      if (!field) continue;
      const label = button.querySelector("span");
      const words = label.textContent;
      label.setAttribute("aria-live", "polite");
      button.hidden = false;
      button.addEventListener("click", async () => {
        label.textContent = (await copy(field)) ? "已复制" : "请按 Ctrl+C 复制";
        setTimeout(() => { label.textContent = words; }, 2500);
      });
    }
  }

  document.addEventListener("DOMContentLoaded", () => ready(document));
})();
