// Draws every [data-chart] from the option beside it; the option names colours by role.
(() => {
  "use strict";
  const PAPER = {
    ink: "#000", muted: "#333", rule: "#bbb", sunk: "#eee", paper: "#fff", accent: "#000",
    series1: "#222", onseries1: "#fff", series2: "#777", series3: "#c4c4c4", series4: "#888",
  };
  const drawn = new Map();

  function colour(role, paper) {
    if (paper) return PAPER[role] || "#000";
    return getComputedStyle(document.documentElement).getPropertyValue(`--z-${role}`).trim();
  }

  function filled(value, paper) {
    if (typeof value === "string" && value.startsWith("$")) return colour(value.slice(1), paper);
    if (Array.isArray(value)) return value.map((item) => filled(item, paper));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, paper)]));
    }
    return value;
  }

  // The names around a radar need room beside it; a narrow column takes it from the figure.
  const NAME_PX = 66;
  function fitted(option, width, height) {
    if (option.radar) {
      const share = parseFloat(option.radar.radius) / 100;
      const radius = Math.min((Math.min(width, height) / 2) * share, width / 2 - NAME_PX);
      option.radar.radius = Math.max(40, Math.floor(radius));
    }
    return option;
  }

  function draw(figure, paper = false) {
    const canvas = figure.querySelector(".plot-canvas");
    const source = document.getElementById(figure.dataset.chart);
    canvas.style.height = `${canvas.dataset.height}px`;
    const old = drawn.get(figure);
    if (old) old.dispose();
    canvas.replaceChildren(); // the sentence that stands here without scripts
    const chart = window.echarts.init(canvas, null, { renderer: "svg" });
    const option = filled(JSON.parse(source.textContent), paper);
    chart.setOption(fitted(option, chart.getWidth(), chart.getHeight()));
    // With a view box the drawing shrinks with its column on paper.
    const svg = canvas.querySelector("svg");
    svg.setAttribute("viewBox", `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
    drawn.set(figure, chart);
  }

  function drawIn(scope) {
    for (const figure of scope.querySelectorAll("[data-chart]")) draw(figure);
  }

  function redraw(paper) {
    for (const figure of drawn.keys()) {
      if (figure.isConnected) draw(figure, paper);
      else drawn.delete(figure);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    drawIn(document);
    document.documentElement.dataset.chartsDrawn = String(drawn.size);
  });
  document.addEventListener("htmx:afterSwap", (event) => drawIn(event.detail.target));
  document.addEventListener("shuzhuan:theme", () => redraw(false));
  window.addEventListener("beforeprint", () => redraw(true));
  window.addEventListener("afterprint", () => redraw(false));
  window.addEventListener("resize", () => {
    for (const chart of drawn.values()) chart.resize();
  });
})();
