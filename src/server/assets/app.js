// What these pages do better with a script: send without reloading, and follow changes live. All of it works without, too.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const parse = (text) => new DOMParser().parseFromString(text, "text/html");

  // --- Merging a newly drawn page into this one -------------------------------------------------------------------------------

  // Somebody is filling something in here: it must not be taken from under their hands.
  const busy = (node) => $$("details.more[open]", node).length > 0
    || (node.contains(document.activeElement) && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName));

  const face = (node) => {
    const copy = node.cloneNode(true);
    $$(".changed", copy).forEach((n) => n.remove());
    $$("details", copy).forEach((n) => n.removeAttribute("open"));
    return ($("[data-card]", copy)?.dataset.revision ?? "") + "|" + copy.className.replace(/ ?fresh/, "") + "|"
      + $$(".door", copy).map((n) => n.className).join() + copy.textContent.replace(/\s+/g, " ");
  };

  const replace = (old, fresh) => {
    // The focus stays where it was: the same button in the new card, else the card's first control, else the page.
    const held = old.contains(document.activeElement);
    const index = held ? $$("button, summary, a, input, textarea, select", old).indexOf(document.activeElement) : -1;
    old.replaceWith(fresh);
    if (held) {
      const controls = $$("button, summary, a, textarea, select", fresh);
      (controls[Math.min(index, controls.length - 1)] ?? $("#main")).focus({ preventScroll: true });
    }
  };

  const mergeList = (here, there, force) => {
    const wanted = new Map([...there.children].map((node) => [node.id, node]));
    for (const node of [...here.children]) if (!wanted.has(node.id)) {
      if (!force && busy(node)) note(node, null); else node.remove();
    }
    let before = null;
    for (const [id, fresh] of wanted) {
      const old = document.getElementById(id);
      const node = document.importNode(fresh, true);
      if (!old || old.parentNode !== here) {
        node.classList.add("fresh");
        if (before) before.after(node); else here.prepend(node);
        before = node;
      } else if (face(old) === face(fresh)) {
        before = old;
      } else if (!force && busy(old)) {
        note(old, node);
        before = old;
      } else {
        replace(old, node);
        before = node;
      }
    }
  };

  // "This changed while you were at it": the person decides when to see it.
  const note = (node, fresh) => {
    const card = $("[data-card]", node) ?? node;
    if ($(".changed", card)) return;
    const line = document.createElement("p");
    line.className = "changed";
    line.setAttribute("role", "status");
    line.append("This changed while you were at it. ");
    const show = document.createElement("button");
    show.type = "button";
    show.className = "button plain";
    show.textContent = "Show how it stands";
    show.addEventListener("click", () => { if (fresh) replace(node, fresh); else node.remove(); $("#main").focus(); });
    line.append(show);
    card.prepend(line);
  };

  const atEnd = () => innerHeight + scrollY >= document.documentElement.scrollHeight - 160;
  // The newest is brought into view: to its end where all of it fits, else from its beginning, so that nobody has to scroll back to read.
  // What is newest: the person's last words, where they are near, and whatever was answered.
  const toEnd = (behavior = calm.matches ? "auto" : "smooth") => {
    const said = $$("#thread > li");
    const last = said.at(-1);
    const end = { top: document.documentElement.scrollHeight, behavior };
    if (!last) { scrollTo(end); return; }
    const composer = $("[data-composer]");
    const floor = composer ? Math.min(innerHeight, composer.getBoundingClientRect().top) : innerHeight;
    const roof = Math.max(0, ...$$(".bar").map((bar) => {
      const box = bar.getBoundingClientRect();
      // A bar across the top covers what is under it; one at the side or at the bottom does not.
      return box.top <= 0 && box.width > innerWidth / 2 && box.bottom < innerHeight / 2 ? box.bottom : 0;
    }));
    const room = floor - roof - 16;
    const height = (from) => last.getBoundingClientRect().bottom - from.getBoundingClientRect().top;
    const mine = said.findLastIndex((li) => li.matches(".mine"));
    const answers = mine < 0 ? [last] : said.slice(mine + 1);
    const from = [said[mine], answers[0], last].find((li) => li && li.isConnected && height(li) <= room) ?? null;
    if (from) { scrollTo(end); return; }
    // Even the last card alone is taller than the view: its top comes into view.
    scrollTo({ top: Math.max(0, scrollY + last.getBoundingClientRect().top - roof - 8), behavior });
  };

  const merge = (page, force) => {
    const follow = $("#thread") && (force || atEnd());
    const before = $("#thread")?.childElementCount;
    for (const here of $$("[data-live]")) {
      const there = page.getElementById(here.id);
      if (there) mergeList(here, there, force);
    }
    for (const here of $$("[data-live-text]")) {
      const there = page.getElementById(here.id);
      if (there && here.innerHTML !== there.innerHTML) here.replaceChildren(...[...there.childNodes].map((n) => document.importNode(n, true)));
      if (there) here.hidden = there.hidden;
    }
    const told = $("#told"), news = page.getElementById("told");
    if (told && news && news.childElementCount) told.replaceChildren(...[...news.children].map((n) => document.importNode(n, true)));
    if (follow && $("#thread").childElementCount !== before) toEnd();
  };

  // --- Sending without reloading ----------------------------------------------------------------------------------------------

  const problem = (form, page) => {
    $$(".problem").forEach((n) => n.remove());
    const from = page && $("[data-problem]", page);
    const box = document.createElement("div");
    box.className = "problem";
    box.setAttribute("role", "alert");
    const line = (text) => { const p = document.createElement("p"); p.textContent = text; box.append(p); };
    line(from ? $("h1", from).textContent : "That did not get through.");
    line(from ? $(".lead", from).textContent + " (" + $(".note", from).textContent.trim() + ")" : "Check your connection and send it again.");
    const fresh = from && $("#fresh", from);
    const card = form.closest("[data-card]");
    if (fresh && card) {
      const node = document.importNode(fresh, true);
      node.id = card.id;
      card.replaceWith(node);
      node.prepend(box);
    } else if (card) card.append(box);
    else form.before(box);
    box.tabIndex = -1;
    box.focus();
  };

  const finished = (form, page, url) => {
    $$(".problem").forEach((n) => n.remove());
    const panel = form.closest("details");
    const card = form.closest("li[id]");
    if (panel) panel.open = false;
    // A page of its own, where something has to be confirmed or is over.
    if (new URL(url).pathname.startsWith("/confirm/")) { location.assign(url); return; }
    if (!$("#thread") && !page.querySelector("[data-live]")) { location.assign(url); return; }
    merge(page, false);
    if (!document.activeElement || document.activeElement === document.body) {
      const next = card && card.isConnected ? $("button, summary, a", card) : $("[data-live] button, [data-live] summary");
      (next ?? $("#main")).focus({ preventScroll: true });
    }
    if ($("#thread")) toEnd();
  };

  // True when it got through.
  const post = async (form, body) => {
    try {
      const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "follow" });
      const page = parse(await answer.text());
      if (answer.ok) { finished(form, page, answer.url); return true; }
      if (answer.status === 401) location.assign("/"); else problem(form, page);
    } catch {
      problem(form, null);
    }
    return false;
  };

  const click = async (form, submitter) => {
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    await post(form, new URLSearchParams(new FormData(form, submitter)));
    form.removeAttribute("aria-busy");
  };

  // Messages go one after the other; the field is free for the next one at once. One that did not get through comes back.
  let line = Promise.resolve();
  const say = (form) => {
    const words = form.elements.words.value;
    const body = new URLSearchParams(new FormData(form));
    body.set("once", [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join(""));
    form.elements.words.value = "";
    form.elements.words.focus();
    line = line.then(async () => {
      if (!await post(form, body)) form.elements.words.value = [words, form.elements.words.value].filter(Boolean).join("\n");
    });
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-send]")) return;
    event.preventDefault();
    if (form.matches("[data-composer]")) say(form); else click(form, event.submitter);
  });

  // --- Following changes ------------------------------------------------------------------------------------------------------

  let asking = false, again = false;
  const look = async () => {
    if (asking) { again = true; return; }
    asking = true;
    try {
      const answer = await fetch(location.pathname, { credentials: "same-origin", headers: { "X-Follows": "1" } });
      if (answer.redirected && new URL(answer.url).pathname === "/") location.assign("/");
      else if (answer.ok) merge(parse(await answer.text()), false);
    } catch { /* The stream comes back by itself and asks again. */ } finally {
      asking = false;
      if (again) { again = false; look(); }
    }
  };

  if (document.body.dataset.events && (location.pathname.length > 1)) {
    const news = new EventSource(document.body.dataset.events);
    let lost = false;
    news.addEventListener("change", look);
    news.addEventListener("open", () => { document.body.dataset.live = "on"; if (lost) { lost = false; look(); } });
    news.addEventListener("error", () => { lost = true; delete document.body.dataset.live; });
    addEventListener("pagehide", () => news.close());
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  // --- Small comforts ---------------------------------------------------------------------------------------------------------

  // Enter sends, Shift+Enter makes a line.
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && target.matches("[data-composer] textarea")) {
      event.preventDefault();
      if (target.value.trim()) target.form.requestSubmit();
    }
    if (event.key === "Escape") {
      const open = target.closest?.("details.more[open]") ?? $("details.more[open]");
      if (open) { open.open = false; $("summary", open).focus(); }
    }
  });

  // What opens is ready to be filled in.
  document.addEventListener("toggle", (event) => {
    const panel = event.target;
    if (!panel.matches?.("details.more") || !panel.open) return;
    $("input:not([type=hidden]), textarea, select, button", panel)?.focus();
    panel.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  }, true);

  // Finding somebody while typing.
  const filter = $("[data-filter]");
  if (filter) filter.addEventListener("input", () => {
    const words = filter.value.trim().toLowerCase().split(/\s+/);
    const root = document.getElementById(filter.dataset.filter);
    let any = false;
    for (const group of $$("[data-group]", root)) {
      let some = false;
      for (const person of $$("[data-search]", group)) {
        person.hidden = !words.every((word) => person.dataset.search.includes(word));
        some ||= !person.hidden;
      }
      group.hidden = !some;
      any ||= some;
    }
    const nobody = $("[data-nobody]", root);
    if (nobody) nobody.hidden = any;
  });

  if ($("#thread .said")) {
    // A page opened anew begins at the newest, not where an earlier look at it was broken off.
    history.scrollRestoration = "manual";
    // The browser brings a field with the focus into view, which would move all the rest: it gets the focus here, and nothing moves.
    if (document.activeElement === document.body) $("[autofocus]")?.focus({ preventScroll: true });
    toEnd("auto");
  }
})();
