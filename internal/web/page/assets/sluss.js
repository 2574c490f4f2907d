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

  // <form data-autosave data-parts="estimate"> is saved a second after the last
  // key, by its own address; the answer gives the new version, and the parts of
  // the page that follow from the answers.
  for (const form of $$("form[data-autosave]")) {
    const note = $("[data-saved]");
    let saving = false, again = false;
    const save = async () => {
      if (saving) { again = true; return; }
      saving = true;
      try {
        const body = new FormData(form);
        for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
        body.set("autosave", "yes");
        const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(body), headers: { Accept: "text/html" } });
        const html = await answer.text();
        const fresh = parts(html, (form.dataset.parts || "").split(" ").filter(Boolean));
        const version = $('input[name="version"]', fresh.querySelector("form[data-autosave]") || fresh);
        if (answer.ok && version) {
          for (const v of $$('input[name="version"]')) v.value = version.value;
          if (note) note.textContent = ($("[data-saved]", fresh) || note).textContent;
        }
      } catch { /* the button saves, too */ }
      saving = false;
      if (again) { again = false; save(); }
    };
    form.addEventListener("input", later(1000, save));
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
