// Small helps of the shell. Every page works without them.
(() => {
  "use strict";

  function ready(scope) {
    const summary = scope.querySelector("[data-error-summary]");
    if (summary && !summary.closest("[data-quiet]")) summary.focus();
    for (const button of scope.querySelectorAll("[data-print]")) {
      button.hidden = false;
      button.addEventListener("click", () => window.print());
    }
  }

  // A link of the error summary puts the cursor into the field itself, not only near it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-error-summary] a[href^='#']");
    if (!link) return;
    const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    field.focus();
    (field.closest(".field") || field).scrollIntoView({ block: "center" });
  });

  document.addEventListener("DOMContentLoaded", () => ready(document));
  document.addEventListener("htmx:afterSwap", (event) => ready(event.detail.target));
})();
