// What script adds to pages that work without it: answers are saved while they
// are written, a search shows what it finds while it is typed, a run tells how
// far it has come, and lists are walked through with the keyboard. Nothing here
// decides anything; the server does, from the same forms.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const later = (ms, act) => { let t; return (...args) => { clearTimeout(t); t = setTimeout(() => act(...args), ms); }; };

  // parts takes parts of the page, by id, from an answer of the server's.
  const parts = (html, ids) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    for (const id of ids) {
      const now = document.getElementById(id), then = fresh.getElementById(id);
      if (now && then) now.replaceChildren(...then.childNodes);
    }
    return fresh;
  };

  // <form data-autosave="on"> is saved field by field, as each is left and two
  // seconds after the last key, by its own address. The answer says when, and
  // gives hidden fields that are new since. A line below the form tells it. With
  // "wait" something older waits to be decided on: nothing is saved until then.
  for (const form of $$("form[data-autosave]")) {
    const line = document.createElement("p");
    line.className = "saved";
    line.setAttribute("role", "status");
    form.append(line);
    const say = (text) => { if (line.textContent !== text) line.textContent = text; };
    if (form.dataset.autosave === "wait") {
      form.addEventListener("input", () => say(form.dataset.unsaved));
      continue;
    }
    const typed = () => {
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
      body.set("autosave", "yes");
      return body;
    };
    let dirty = false, saving = false, sent = false, send = null, timer;
    const soon = (ms) => { clearTimeout(timer); timer = setTimeout(save, ms); };
    const save = async () => {
      clearTimeout(timer);
      if (!dirty || sent) return;
      if (saving) { soon(500); return; }
      saving = true;
      dirty = false;
      let ok = false, text = "";
      try {
        const answer = await fetch(form.action, { method: "POST", body: typed(), headers: { Accept: "application/json" } });
        const told = await answer.json();
        ok = answer.ok;
        text = told.text;
        for (const [key, value] of Object.entries(told)) {
          const field = key.startsWith("field.") && form.elements.namedItem(key.slice(6));
          if (field && !sent) field.value = value;
        }
        if (answer.status === 422) ok = true; // it will not be saved by trying again
      } catch { /* the button saves, too */ }
      saving = false;
      if (sent) return;
      if (send) { const go = send; send = null; go(); return; }
      say(text || form.dataset.unsaved);
      if (!ok) { dirty = true; soon(8000); }
    };
    form.addEventListener("input", () => { dirty = true; soon(2000); });
    form.addEventListener("change", () => { dirty = true; save(); });
    form.addEventListener("focusout", save);
    form.addEventListener("submit", (e) => {
      clearTimeout(timer);
      if (saving) { e.preventDefault(); send = () => form.requestSubmit(e.submitter); } // with the hidden fields that its answer gives
      else sent = true;
    });
    addEventListener("pageshow", (e) => { if (e.persisted) sent = false; });
    addEventListener("pagehide", () => {
      if (dirty && !sent) fetch(form.action, { method: "POST", body: typed(), keepalive: true }).catch(() => null);
    });
  }

  // <form data-live="found"> shows what it finds while it is typed.
  for (const form of $$("form[data-live]")) {
    let asked = 0;
    const find = later(250, async () => {
      const mine = ++asked, address = form.getAttribute("action") + "?" + new URLSearchParams(new FormData(form));
      try {
        const html = await (await fetch(address)).text();
        if (mine !== asked) return;
        parts(html, form.dataset.live.split(" "));
        history.replaceState(null, "", address);
      } catch { /* the button searches, too */ }
    });
    form.addEventListener("input", find);
  }

  // <section data-events="/cases/…/run/events" id="run"> follows a run.
  for (const place of $$("[data-events]")) {
    const source = new EventSource(place.dataset.events);
    source.addEventListener("part", (e) => parts(e.data, [place.id]));
    source.addEventListener("over", () => { source.close(); location.reload(); });
  }

  // Lists: j and k go down and up, Enter opens, / goes to the search.
  const items = () => $$("[data-item] a[href], .card > a[href], tbody th a[href]");
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
    const search = $('input[type="search"]');
    if (e.key === "/" && search) { e.preventDefault(); search.focus(); return; }
    if (e.key !== "j" && e.key !== "k") return;
    const all = items();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    const next = all[Math.min(Math.max(at + (e.key === "j" ? 1 : at < 0 ? 1 : -1), 0), all.length - 1)];
    next.focus();
  });
})();
