// Runs before the first paint: the page must not flash in the other brightness.
(() => {
  "use strict";
  const KEY = "shuzhuan-theme";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  function chosen() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be switched off; the system's wish then decides
    }
  }

  function apply() {
    const theme = chosen() || (dark.matches ? "dark" : "light");
    if (root.dataset.bsTheme === theme) return;
    root.dataset.bsTheme = theme;
    root.style.colorScheme = theme;
    document.dispatchEvent(new CustomEvent("shuzhuan:theme"));
  }

  dark.addEventListener("change", apply);
  apply();

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.hidden = false;
      const say = () => button.setAttribute("aria-pressed", String(root.dataset.bsTheme === "dark"));
      say();
      button.addEventListener("click", () => {
        const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
        try {
          // Going back to what the system wants forgets the choice.
          if ((next === "dark") === dark.matches) localStorage.removeItem(KEY);
          else localStorage.setItem(KEY, next);
        } catch {
          // without storage the choice holds for this page
        }
        root.dataset.bsTheme = next;
        root.style.colorScheme = next;
        document.dispatchEvent(new CustomEvent("shuzhuan:theme"));
        say();
      });
    }
  });
})();
