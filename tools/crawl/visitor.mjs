// A visitor of the pages, who works in one of three ways:
//
//   script    a mouse, and a browser that runs our script
//   noscript  a mouse, and a browser that runs none
//   keyboard  Tab to the element, then Enter, Space, arrows and typing; never
//             the mouse. What has focus must show it (an outline that has a colour, or a ring), nothing may
//             be further away than 150 Tabs, and focus never leaves the page.
//
// A visitor finds things as a journey names them: fields by name, buttons by
// the address they send to, links by where they lead. Submissions are forms
// that were sent; clicks are links and buttons that were used to send or to go
// somewhere, the submissions among them.
import { readFileSync } from "node:fs";

const farthest = 150; // Tabs to anything
const patience = 15_000; // ms for a page to arrive

// Refusal is what a journey stumbles over.
export class Refusal extends Error {}
const refuse = (text) => { throw new Refusal(text); };

// withoutLanguage is an address as the journeys write it.
const withoutLanguage = (href) => href.replace(/([?&])lang=..(&|$)/, (_, a, b) => (b ? a : "")).replace(/#.*$/, "");

export class Visitor {
  // page is a tab of Playwright's; way and lang are how its visitor works.
  constructor(page, base, way, lang) {
    Object.assign(this, { page, base, way, lang, submissions: 0, clicks: 0, tabs: 0, farthest: 0, status: 0 });
    // Asked for from the beginning: asked for at the key press, a busy browser
    // may open its own dialogue first, which nobody can answer.
    if (way === "keyboard") page.on("filechooser", () => null);
  }

  // open goes to an address, as somebody who was sent a link.
  async open(path) {
    const answer = await this.page.goto(this.base + path + (path.includes("?") ? "&" : "?") + "lang=" + this.lang, { waitUntil: "load", timeout: patience });
    await this.arrived(answer);
    return this;
  }

  // arrived looks at a page that has just come.
  async arrived(answer) {
    this.status = answer.status();
    const at = await this.standing((at) => this.status !== 422 || at.on === "problems");
    if (this.status !== 200 && this.status !== 422) refuse(`${this.path()} answers ${this.status}`);
    if (at.lang !== this.lang) refuse(`${this.path()} is in ${at.lang}, want ${this.lang}`);
    if (!at.focus) refuse(`${this.path()}: focus is lost`);
    if (this.status === 422 && at.on !== "problems") refuse(`${this.path()}: a refusal puts focus on ${at.on || "nothing"}, not on what is to be mended`);
  }

  // standing is where focus is, as soon as it is as wished: a browser puts
  // autofocus where it belongs when it draws the page, which a busy machine
  // does a while after the page has loaded. What never comes is told as it is.
  async standing(wished) {
    const until = Date.now() + patience;
    for (;;) {
      const at = await this.page.evaluate(() => ({ lang: document.documentElement.lang, focus: document.hasFocus() && !!document.activeElement, on: document.activeElement?.id ?? "" }));
      if (wished(at) || Date.now() > until) return at;
      await new Promise((wait) => setTimeout(wait, 50));
    }
  }

  path() { return new URL(this.page.url()).pathname; }

  // pick is the first element that one of the selectors finds, visible or in
  // a part of the page that can be opened.
  async pick(what, ...selectors) {
    for (const s of selectors) {
      const handle = await this.page.$(s);
      if (handle) return handle;
    }
    refuse(`${this.path()} has no ${what}`);
  }

  // linkTo is the link of the page's main part to an address.
  async linkTo(path) {
    const all = await this.page.$$eval("main a[href]", (links) => links.map((a) => a.getAttribute("href")));
    const n = all.findIndex((href) => withoutLanguage(href) === path);
    if (n >= 0) return (await this.page.$$("main a[href]"))[n];
    refuse(`${this.path()} has no link to ${path}`);
  }

  // button is what sends a form to an address.
  button(action) {
    const form = `main form[action*="${action}?"], main form[action$="${action}"]`.split(", ");
    return this.pick(`form to ${action}`, `button[formaction*="${action}?"]`, `button[formaction$="${action}"]`,
      ...form.map((f) => `${f} button.primary`), ...form.map((f) => `${f} .form-end button`), ...form.map((f) => `${f} button:not([tabindex="-1"])`));
  }

  // reach brings the focus to an element by Tab, or to its group of choices.
  async reach(element) {
    let path = "";
    for (let n = 0; n <= farthest; n++) {
      const at = await element.evaluate((e) => {
        const a = document.activeElement, s = a && getComputedStyle(a);
        // Within a field for days the browser's own calendar button can have the
        // focus, and shows it itself; the field then does not match :focus.
        const shown = a === document.body || a.type === "date" && !a.matches(":focus") || a.tabIndex < 0 || s.boxShadow !== "none" ||
          s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 && !/^rgba\(.*, 0\)$/.test(s.outlineColor);
        return { here: a === e || e.type === "radio" && a?.type === "radio" && a.name === e.name && a.form === e.form, shown, lost: !document.hasFocus(), what: a ? a.tagName.toLowerCase() + (a.id ? "#" + a.id : a.name ? `[${a.name}]` : "") : "" };
      });
      if (at.lost) refuse(`${this.path()}: focus has left the page after ${path}`);
      if (!at.shown) refuse(`${this.path()}: focus does not show on ${at.what}`);
      if (at.here) { this.farthest = Math.max(this.farthest, n); return; }
      path = at.what;
      await this.page.keyboard.press("Tab");
      this.tabs++;
    }
    refuse(`${this.path()}: ${await element.evaluate((e) => e.tagName.toLowerCase() + ` ${e.name || e.textContent.trim()}`)} is more than ${farthest} Tabs away`);
  }

  // unfold opens what an element is folded into.
  async unfold(element) {
    const summary = (await element.evaluateHandle((e) => e.parentElement.closest("details:not([open])")?.querySelector("summary") ?? null)).asElement();
    if (!summary) return;
    await this.unfold(summary.asElement());
    await this.use(summary);
    this.clicks++;
  }

  // use presses a link or a button.
  async use(element, key = "Enter") {
    if (this.way !== "keyboard") return element.click({ timeout: 5000 });
    await this.reach(element);
    await this.page.keyboard.press(key);
  }

  // leave uses an element that leads to another page, and waits for it.
  async leave(element) {
    await this.unfold(element);
    const answered = this.page.waitForNavigation({ waitUntil: "load", timeout: patience });
    answered.catch(() => null);
    await this.use(element);
    this.clicks++;
    await this.arrived(await answered.catch(() => refuse(`${this.path()}: nothing came`)));
  }

  // follow follows a link.
  async follow(path) {
    await this.leave(await this.linkTo(path));
    return this;
  }

  // send fills in a form and sends it; status is what it should answer.
  async send(action, values = {}, status = 200) {
    const button = await this.button(action);
    await this.answer(button, values);
    this.submissions++;
    await this.leave(button);
    if (this.status !== status) refuse(`${action} answers ${this.status}, want ${status}: ${(await this.texts("#problems, .problem")).join(" | ").slice(0, 400)}`);
    return this;
  }

  // answer fills in fields of a button's form by name, in the page's order.
  async answer(button, values) {
    const form = await button.evaluateHandle((b) => b.form);
    const order = await form.evaluate((f) => [...f.elements].map((e) => e.name));
    for (const name of Object.keys(values)) if (!order.includes(name)) refuse(`${this.path()} has no field ${name}`);
    const sorted = Object.entries(values).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
    for (const [name, value] of sorted) {
      const fields = await form.$$(`[name="${name}"]`);
      await this.unfold(fields[0]);
      const kind = await fields[0].evaluate((e) => (e.tagName === "INPUT" ? e.type : e.tagName.toLowerCase()));
      if (kind === "radio") await this.choose(name, fields, value);
      else if (kind === "checkbox") for (const f of fields) await this.check(f, [].concat(value).includes(await f.getAttribute("value")));
      else if (kind === "select") await this.select(fields[0], value);
      else if (kind === "file") await this.upload(fields[0], value);
      else await this.type(fields[0], kind, value);
    }
  }

  async type(field, kind, text) {
    if (this.way !== "keyboard") return field.fill(text);
    await this.reach(field);
    if (kind === "date") return this.typeDate(field, text);
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.type(text);
    if (await field.inputValue() !== text) refuse(`${this.path()}: typing gives ${JSON.stringify(await field.inputValue())}`);
  }

  // typeDate writes a day as the browser's language orders it.
  async typeDate(field, iso) {
    const [y, m, d] = iso.split("-");
    for (const parts of [[y, m, d], [m, d, y], [d, m, y]]) {
      for (const [i, p] of parts.entries()) {
        await this.page.keyboard.type(p);
        if (i < 2 && p.length === 4) await this.page.keyboard.press("ArrowRight"); // a year may go on
      }
      if (await field.inputValue() === iso) return;
      for (let i = 0; i < 3; i++) await this.page.keyboard.press("ArrowLeft");
    }
    refuse(`${this.path()}: a day cannot be typed; it became ${await field.inputValue()}`);
  }

  async choose(name, fields, value) {
    let wanted = null;
    for (const f of fields) if (await f.getAttribute("value") === value) wanted = f;
    if (!wanted) refuse(`${this.path()}: ${name} does not offer ${value}`);
    if (this.way !== "keyboard") return wanted.check({ timeout: 5000 });
    await this.reach(wanted);
    for (let n = 0; n <= fields.length && !(await wanted.isChecked()); n++) {
      const here = await wanted.evaluate((e) => document.activeElement === e);
      await this.page.keyboard.press(here ? "Space" : "ArrowDown");
    }
    if (!(await wanted.isChecked())) refuse(`${this.path()}: ${name} cannot be chosen`);
  }

  async check(field, on) {
    if (await field.isChecked() === on) return;
    if (this.way !== "keyboard") await field.setChecked(on, { timeout: 5000 });
    else await this.use(field, "Space");
    if (await field.isChecked() !== on) refuse(`${this.path()}: a box cannot be ticked`);
  }

  async select(field, value) {
    if (this.way !== "keyboard") { await field.selectOption(value, { timeout: 5000 }); return; }
    await this.reach(field);
    const all = await field.evaluate((e) => [...e.options].map((o) => o.value));
    const steps = all.indexOf(value) - all.indexOf(await field.inputValue());
    for (let n = 0; n < Math.abs(steps); n++) await this.page.keyboard.press(steps > 0 ? "ArrowDown" : "ArrowUp");
    if (await field.inputValue() !== value) refuse(`${this.path()}: ${value} cannot be selected`);
  }

  // upload chooses a file: {name, data}.
  async upload(field, { name, data }) {
    const file = { name, mimeType: "application/octet-stream", buffer: Buffer.from(data) };
    if (this.way !== "keyboard") return field.setInputFiles(file);
    await this.reach(field);
    const asked = this.page.waitForEvent("filechooser", { timeout: patience });
    asked.catch(() => null);
    await this.page.keyboard.press("Space");
    await (await asked).setFiles(file);
  }

  // download fetches the file that a link leads to.
  async download(path) {
    const link = await this.linkTo(path);
    const coming = this.page.waitForEvent("download", { timeout: patience });
    coming.catch(() => null);
    await this.use(link);
    this.clicks++;
    const file = await coming;
    return { name: file.suggestedFilename(), data: readFileSync(await file.path()) };
  }

  // value is what stands in a field.
  async value(name) { return (await this.pick(`field ${name}`, `main [name="${name}"]`)).inputValue(); }

  // texts are what the elements say.
  texts(selector) { return this.page.$$eval(selector, (all) => all.map((e) => e.textContent.replace(/\s+/g, " ").trim())); }

  // text is what the whole page says.
  async text() { return (await this.texts("main")).join(" "); }

  // hashes are the SHA-256 sums that the page shows, in its order.
  async hashes() { return (await this.texts("main code, main .hash")).flatMap((t) => t.match(/\b[0-9a-f]{64}\b/g) ?? []); }

  // told is what the page says has just been done.
  async told() { return (await this.texts(".done"))[0] ?? refuse(`${this.path()} does not say what was done`); }

  // expect fails when the page does not say something.
  async expect(...texts) {
    const all = await this.text();
    for (const t of texts) if (t instanceof RegExp ? !t.test(all) : !all.includes(t)) refuse(`${this.path()} does not say ${t}`);
  }

  // absent fails when the page says something.
  async absent(...texts) {
    const all = await this.page.content();
    for (const t of texts) if (all.includes(t)) refuse(`${this.path()} says ${t}`);
  }
}
