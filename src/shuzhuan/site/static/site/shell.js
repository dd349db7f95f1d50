// Small helps of the shell. Every page works without them.
(() => {
  "use strict";

  function ready(scope) {
    const summary = scope.querySelector("[data-error-summary]");
    if (summary && !summary.closest("[data-quiet]")) summary.focus();
    // On a phone the bar of rooms is wider than the page: show the room one is in.
    const room = scope.querySelector(".workbar [aria-current]");
    const bar = room && room.closest("ul");
    if (bar) bar.scrollLeft = room.offsetLeft - bar.offsetLeft - (bar.clientWidth - room.offsetWidth) / 2;
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

  // What a part of a page asked for was refused or did not arrive: say so, in the words of the
  // page that came instead. Nothing of the page is replaced, so what was typed stays.
  function tell(words) {
    const told = document.createElement("p");
    told.className = "notice notice-error page-width";
    told.setAttribute("role", "alert");
    told.textContent = words;
    document.querySelectorAll("[data-told]").forEach((before) => before.remove());
    told.dataset.told = "";
    document.getElementById("content").prepend(told);
    told.scrollIntoView({ block: "center" });
  }
  document.addEventListener("htmx:responseError", (event) => {
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const parts = page.querySelectorAll(".error-page h1, .error-page .lead, .error-reference");
    const words = [...parts].map((part) => part.textContent.trim()).join("：");
    tell(words || "没有办成，请刷新页面再试。");
  });
  document.addEventListener("htmx:sendError", () => {
    tell("网络没有连上，刚才的操作没有办成。请检查网络后再试。");
  });

  document.addEventListener("DOMContentLoaded", () => ready(document));
  document.addEventListener("htmx:afterSwap", (event) => ready(event.detail.target));
})();
