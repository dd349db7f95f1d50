// Answers are never lost, at the desk or on site. Each is kept in this browser from the first touch until the server has
// confirmed it; every save is one request with its own key, so that a save whose answer got lost
// counts once. All items are fetched once, so that the next one comes without the network. Without
// this file the pages post as plain forms.
(() => {
  "use strict";
  const RETRY_MS = 4000;
  const SETTLE_MS = 400;
  const PATIENCE_MS = 2000;
  const OFFLINE = "没有网络，已存在本机，恢复后自动保存";
  const NO_PHOTO = "照片和资料没有传上去，有网络时请再选一次；答案和文字没有丢";
  const SIGNED_OUT = "登录已过期，已存在本机。重新登录后回到这里会自动保存";
  const root = document.querySelector("[data-level]");
  if (!root) return;
  const STORE = `shuzhuan.level:${root.dataset.level}`;
  const stage = root.querySelector("[data-stage]");
  const articles = new Map(); // item → its page, alive with what was typed
  const timers = new Map();
  const busy = new Map(); // items with a request under way, and its end
  let retrying = 0;

  // -- what is kept in the browser ------------------------------------------------------------
  // {item: {sent, want, seen, clash, wrong}}: ``sent`` may have reached the server, and is repeated
  // with its key; ``want`` has not been tried yet. Each is {key, fields}.

  let memory = {}; // where storage is switched off

  function all() {
    try {
      return JSON.parse(localStorage.getItem(STORE)) || {};
    } catch {
      return memory;
    }
  }

  function write(kept) {
    memory = kept;
    try {
      if (Object.keys(kept).length) localStorage.setItem(STORE, JSON.stringify(kept));
      else localStorage.removeItem(STORE);
    } catch {
      // Storage is switched off or full: what is typed stays in the page.
    }
  }

  function change(item, edit) {
    const kept = all();
    const entry = kept[item] || {};
    edit(entry);
    if (entry.sent || entry.want || entry.clash) kept[item] = entry;
    else delete kept[item];
    write(kept);
    return entry;
  }

  function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // -- the page of an item --------------------------------------------------------------------

  const shown = () => stage && stage.querySelector("[data-item]");
  const formOf = (article) => article.querySelector("[data-answer]");

  function fieldsOf(form) {
    const skip = new Set(["csrfmiddlewaretoken", "key", "seen", "item", "photo", "document"]);
    return [...new FormData(form)].filter(([name]) => !skip.has(name));
  }

  function fill(form, fields) {
    for (const control of form.elements) {
      if (control.name === "option") {
        control.checked = fields.some(([name, value]) => name === "option" && value === control.value);
      } else if (["percent", "part", "whole", "points", "finding", "remark"].includes(control.name)) {
        const found = fields.find(([name]) => name === control.name);
        if (found) control.value = found[1];
      }
    }
  }

  function say(article, text, state) {
    const line = article.querySelector("[data-line]");
    line.textContent = text;
    line.dataset.state = state || "";
  }

  function complain(article, text) {
    const place = article.querySelector("[data-error]");
    place.textContent = text;
    place.hidden = !text;
  }

  function adopt(article) {
    articles.set(article.dataset.item, article);
    const form = formOf(article);
    if (!form) return;
    form.dataset.was = JSON.stringify(fieldsOf(form));
    const entry = all()[article.dataset.item];
    if (entry) {
      fill(form, (entry.want || entry.sent || { fields: [] }).fields);
      if (entry.wrong) complain(article, entry.wrong);
      if (entry.clash) clash(article, entry.clash);
      say(article, "未保存", "unsaved");
    }
    for (const button of article.querySelectorAll("[data-plain-only]")) button.hidden = true;
  }

  // -- typing ---------------------------------------------------------------------------------

  function exclusive(target) {
    if (target.name === "option" && target.type === "checkbox" && target.checked) {
      for (const other of target.form.querySelectorAll("input[name=option]")) {
        if (other !== target && (target.hasAttribute("data-alone") || other.hasAttribute("data-alone"))) {
          other.checked = false;
        }
      }
    }
    if (!target.dataset.way || (target.type !== "radio" && !target.value)) return;
    for (const other of target.form.querySelectorAll("[data-way]")) {
      if (other.dataset.way === target.dataset.way) continue;
      if (other.type === "radio") other.checked = false;
      else other.value = "";
    }
  }

  function typed(event) {
    const form = event.target.closest("[data-answer]");
    if (!form) return;
    const article = form.closest("[data-item]");
    const item = article.dataset.item;
    exclusive(event.target);
    const fields = fieldsOf(form);
    const text = JSON.stringify(fields);
    if (text === form.dataset.was) return; // the same value again, as on leaving a field
    form.dataset.was = text;
    complain(article, "");
    change(item, (entry) => {
      entry.want = { key: newKey(), fields };
      entry.seen = entry.seen ?? form.elements.seen.value;
      delete entry.wrong;
    });
    say(article, navigator.onLine ? "未保存" : OFFLINE, navigator.onLine ? "unsaved" : "offline");
    clearTimeout(timers.get(item));
    // A number or a sentence is saved when it is finished, a tick at once.
    if (!event.target.hasAttribute("data-late")) timers.set(item, setTimeout(() => send(item), SETTLE_MS));
  }

  root.addEventListener("input", typed);
  root.addEventListener("change", (event) => {
    typed(event);
    const article = event.target.closest("[data-item]");
    if (event.target.hasAttribute("data-carry")) {
      if (event.target.value) carry(event.target.form);
    } else if (article && event.target.hasAttribute("data-late") && !half(event.target)) {
      send(article.dataset.item);
    }
  });

  // One of two counts alone is not an answer yet.
  function half(target) {
    if (target.dataset.way !== "counts") return false;
    const counts = [...target.form.querySelectorAll("[data-way=counts]")];
    return counts.some((one) => one.value) && counts.some((one) => !one.value);
  }

  // -- saving ---------------------------------------------------------------------------------

  function send(item) {
    clearTimeout(timers.get(item));
    if (!busy.has(item)) busy.set(item, attempt(item).finally(() => busy.delete(item)));
    return busy.get(item);
  }

  async function attempt(item) {
    const waiting = all()[item];
    if (!waiting || waiting.wrong || waiting.clash || !(waiting.sent || waiting.want)) return;
    const article = articles.get(item);
    if (!navigator.onLine) {
      if (article) say(article, OFFLINE, "offline");
      return;
    }
    const entry = change(item, (kept) => {
      if (!kept.sent) {
        kept.sent = kept.want;
        delete kept.want;
      }
    });
    if (article) say(article, "正在保存", "unsaved");
    let reply = null;
    try {
      reply = await post(item, entry);
    } catch {
      // No answer: it is not known whether the save arrived. The same key is sent again.
    }
    if (reply) settle(item, reply);
    else retryLater(item);
  }

  async function post(item, entry) {
    const body = new URLSearchParams(entry.sent.fields);
    body.set("item", item);
    body.set("key", entry.sent.key);
    body.set("seen", entry.seen ?? "0");
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const answer = await fetch(root.dataset.keep, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": token },
      redirect: "error",
      keepalive: true,
    });
    const json = (answer.headers.get("content-type") || "").includes("json");
    if (answer.status === 401 || answer.status === 403) return { signedOut: true };
    if (!json) throw new Error(String(answer.status));
    return { ok: answer.ok, ...(await answer.json()) };
  }

  function settle(item, reply) {
    const article = articles.get(item);
    if (reply.signedOut) {
      if (article) say(article, SIGNED_OUT, "offline");
      pendingLine(SIGNED_OUT);
      return;
    }
    if (reply.closed) {
      // Submitted meanwhile: it can be read, not changed. What is kept here has no place any more.
      write({});
      location.assign(reply.closed);
      return;
    }
    if (reply.conflict) {
      change(item, (entry) => {
        entry.want = entry.want || entry.sent;
        delete entry.sent;
        entry.clash = reply.conflict;
      });
      if (article) clash(article, reply.conflict);
    } else if (reply.error) {
      const entry = change(item, (kept) => {
        if (!kept.want) {
          kept.want = kept.sent;
          kept.wrong = reply.error;
        }
        delete kept.sent;
      });
      if (!entry.wrong) {
        again(item); // what was refused has been corrected meanwhile
      } else if (article) {
        complain(article, reply.error);
        say(article, "未保存：请改正后再试", "offline");
      }
    } else {
      confirmed(item, reply, article);
    }
    pendingLine();
    attention();
  }

  function confirmed(item, reply, article) {
    const entry = change(item, (kept) => {
      delete kept.sent;
      kept.seen = String(reply.saves);
    });
    if (article) {
      formOf(article).elements.seen.value = reply.saves;
      say(article, reply.has_answer ? `已保存 ${reply.at}` : "还没有作答", reply.has_answer ? "saved" : "");
    }
    for (const place of root.querySelectorAll("[data-answered]")) place.textContent = reply.answered;
    for (const place of root.querySelectorAll("[data-progress]")) place.value = reply.answered;
    for (const [group, count] of Object.entries(reply.groups)) {
      const place = root.querySelector(`[data-group="${group}"]`);
      if (place) place.textContent = count;
    }
    if (entry.want) again(item); // it was changed while the save was under way
  }

  function again(item) {
    timers.set(item, setTimeout(() => send(item)));
  }

  function retryLater(item) {
    const article = articles.get(item);
    if (article) say(article, OFFLINE, "offline");
    pendingLine(OFFLINE);
    clearTimeout(retrying);
    retrying = setTimeout(flush, RETRY_MS);
  }

  function flush() {
    return Promise.all(Object.keys(all()).map(send));
  }

  window.addEventListener("online", flush);
  window.addEventListener("offline", () => {
    const article = shown();
    if (article) say(article, "没有网络，可以接着填，恢复后自动保存", "offline");
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") flush();
  });

  // -- photographs: they need the network, and what was typed goes first ----------------------
  async function carry(form, more) {
    const article = form.closest("[data-item]");
    const { item } = article.dataset;
    const carriers = [...form.querySelectorAll("[data-carry]")];
    const names = new Set(carriers.map((control) => control.name));
    const carried = [...new FormData(form)].filter(([name]) => names.has(name));
    for (const control of carriers) control.value = "";
    complain(article, "");
    // What was typed while a save was under way needs one more.
    for (let tries = 0; all()[item] && tries < 3; tries += 1) await send(item);
    if (all()[item]) {
      complain(article, all()[item].wrong || NO_PHOTO);
      return;
    }
    const body = new FormData(form);
    for (const name of names) body.delete(name);
    for (const [name, value] of carried) body.append(name, value);
    if (form === formOf(article)) body.set("do", "stay");
    if (more) body.set(...more);
    say(article, "正在上传", "unsaved");
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector(`[data-item="${item}"]`);
      const told = page.querySelector(".messages .notice-error, .error-summary li");
      if (!fresh && !told) throw new Error(String(answer.status));
      if (fresh) adopt(document.adoptNode(fresh));
      if (fresh && shown() === article) article.replaceWith(fresh);
      if (!fresh) say(article, "", "");
      if (told) complain(fresh || article, told.textContent);
    } catch {
      complain(article, NO_PHOTO);
      say(article, "", "");
    }
  }

  // -- two answers to one item ----------------------------------------------------------------

  function clash(article, told) {
    const box = article.querySelector("[data-clash]");
    const item = article.dataset.item;
    box.replaceChildren();
    box.className = "notice notice-warning clash-box";
    box.setAttribute("role", "alert");
    const add = (tag, text, parent) => {
      const node = document.createElement(tag);
      node.textContent = text;
      (parent || box).append(node);
      return node;
    };
    add("p", `${told.by}在 ${told.at} 保存了不同的答案，没有覆盖。请选一个：`);
    const mine = add("button", `保留我填的：${told.mine}`);
    const theirs = add("button", `用已保存的：${told.theirs}`);
    for (const button of [mine, theirs]) {
      button.type = "button";
      button.className = "btn";
    }
    mine.addEventListener("click", () => {
      box.hidden = true;
      change(item, (entry) => {
        entry.seen = String(told.saves);
        entry.want = { ...entry.want, key: newKey() };
        delete entry.clash;
      });
      send(item);
    });
    theirs.addEventListener("click", () => {
      change(item, (entry) => {
        delete entry.sent;
        delete entry.want;
        delete entry.clash;
      });
      location.assign(article.dataset.url);
    });
    box.hidden = false;
    say(article, "未保存：有两个答案，请选一个", "offline");
  }

  // -- from item to item ----------------------------------------------------------------------

  function go(item, push) {
    const article = articles.get(item);
    const before = shown();
    if (!article || article === before) return Boolean(article);
    before.replaceWith(article);
    attention();
    document.title = article.dataset.title;
    if (push) history.pushState({ item }, "", article.dataset.url);
    article.querySelector("h1").focus({ preventScroll: true });
    window.scrollTo(0, 0);
    return true;
  }

  root.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-answer]");
    if (!form) return;
    event.preventDefault();
    const article = form.closest("[data-item]");
    const item = article.dataset.item;
    let button = event.submitter;
    if (button && button.name === "remove") {
      carry(form, ["remove", button.value]);
      return;
    }
    if (!button || button.hidden) button = article.querySelector(".assess-bar [value=next]");
    const saving = send(item);
    // A tick is always possible; a number may be refused, and is better corrected at once.
    if (form.querySelector("input[data-late]")) {
      await Promise.race([saving, new Promise((done) => setTimeout(done, PATIENCE_MS))]);
    }
    const entry = all()[item];
    if (entry && (entry.wrong || entry.clash)) {
      article.querySelector("[data-error]:not([hidden]), [data-clash]").scrollIntoView({ block: "center" });
      return;
    }
    const target = button.dataset.go;
    if (!(target && go(target, true))) leave(button.dataset.href);
  });

  // For a page that only the server has: what is kept goes first.
  async function leave(address) {
    await flush();
    location.assign(address);
  }

  window.addEventListener("popstate", () => {
    if (!stage) return;
    const found = [...articles.values()].find((one) => one.dataset.url === location.pathname);
    if (found) go(found.dataset.item, false);
    else location.reload();
  });

  async function fetchAll() {
    const answer = await fetch(root.dataset.every, { redirect: "error" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const article of page.querySelectorAll("[data-item]")) {
      if (!articles.has(article.dataset.item)) adopt(document.adoptNode(article));
    }
  }

  // Items left behind that need another look: refused, or answered differently by somebody else.
  function attention() {
    const place = root.querySelector("[data-attention]");
    if (!place) return;
    const here = shown().dataset.item;
    const items = Object.entries(all()).filter(([item, e]) => item !== here && (e.wrong || e.clash));
    place.hidden = items.length === 0;
    place.replaceChildren("还没有保存，请再看一下：");
    for (const [item] of items) {
      const link = document.createElement("a");
      link.href = new URL(`../${item}/`, location.href).href;
      link.textContent = (articles.get(item)?.dataset.title || item).split(" · ")[0];
      link.addEventListener("click", (event) => {
        if (go(item, true)) event.preventDefault();
      });
      place.append(link, " ");
    }
  }

  // -- overview and commitment: what is still here is sent, then the page is read again --------

  function pendingLine(why) {
    const line = root.querySelector("[data-pending]");
    if (!line) return;
    const items = Object.keys(all());
    line.hidden = items.length === 0;
    line.textContent = `有 ${items.length} 项还没有存到服务器。${why || "正在保存。"}`;
    const clashing = items.filter((item) => all()[item].clash || all()[item].wrong);
    for (const item of clashing) {
      const link = root.querySelector(`[data-entry="${item}"] .itemlist-state`);
      if (link) {
        link.textContent = "请再看一下";
        link.classList.add("itemlist-open");
      }
    }
    if (clashing.length) line.textContent = `有 ${items.length} 项还没有存到服务器，其中 ${clashing.length} 项要您再看一下。`;
  }

  const first = shown();
  if (first) adopt(first);
  if (first && root.dataset.every) {
    fetchAll()
      .catch(() => {})
      .finally(() => {
        attention();
        flush();
      });
  } else if (Object.keys(all()).length) {
    pendingLine();
    flush().then(() => {
      if (!Object.keys(all()).length) location.reload();
    });
  }
})();
