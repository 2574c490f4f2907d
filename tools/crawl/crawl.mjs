// Visits every page of a demo as every role that may see it, and fails on what
// a reader would stumble over:
//
//   node crawl.mjs BASE ROUTES.json CASES.json OUT [--light]
//
// ROUTES.json is what `sluss pages` prints, CASES.json what `sluss demo` writes:
// people, and which case shows what. A page that none of a role's people can
// open fails, as does a route without an example. What is the same page to
// several readers is examined once. --light is one role a page, in two modes.
// At the end every form is sent empty: a refusal must be a page like others.
// Screens are kept in OUT for a person to look at.
import { readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { chromium } from "playwright-core";
import { HtmlValidate } from "html-validate";

const [base, routesFile, casesFile, out, how] = process.argv.slice(2);
const light = how === "--light";
const routes = JSON.parse(readFileSync(routesFile, "utf8"));
const { cases, personas } = JSON.parse(readFileSync(casesFile, "utf8"));
const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const allModes = [
  { name: "light", width: 1280, height: 900, colorScheme: "light", english: !light },
  { name: "320", width: 320, height: 700, colorScheme: "light" },
  { name: "dark", width: 1280, height: 900, colorScheme: "dark" },
  { name: "forced", width: 1280, height: 900, colorScheme: "light", forcedColors: "active" },
  { name: "390", width: 390, height: 844, colorScheme: "light" },
];
const modes = light ? allModes.slice(0, 2) : allModes;
const firstVisit = 100_000; // bytes on the wire, everything
const laterPage = 10_000; // bytes on the wire, the page itself, and the data in it
const dataPage = 40_000; // a page that lists data

const validator = new HtmlValidate({
  extends: ["html-validate:recommended", "html-validate:a11y"],
  rules: {
    "long-title": "off", "no-trailing-whitespace": "off", "attr-quotes": "off", "void-style": "off", "text-content": "off", "svg-focusable": "off", "no-redundant-role": "off",
    "form-dup-name": ["error", { shared: ["radio", "checkbox", "submit", "button"] }], "aria-label-misuse": ["error", { allowAnyNamable: true }], "no-inline-style": "error",
  },
});

let faults = 0;
const told = new Set();
const fault = (where, what) => {
  faults++;
  const line = `FAILED   ${where}: ${what}`;
  if (!told.has(line)) console.log(line);
  told.add(line);
};
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });

// fill puts the demo's names into an address: {case:late}.
Object.assign(cases, { letter: cases.letter_new, draft: cases.draft_complete, ...cases });
const fill = (path) => path.replace(/\{(?:case:)?([a-z_]+)\}/g, (all, name) => {
  if (cases[name]) return cases[name];
  fault(path, `the demo has no ${name}`);
  return "x";
});
const name = (path) => path.replace(/[^a-z0-9]+/gi, "_").replace(/^_|_$/g, "") || "start";
const withLang = (path, lang) => {
  const [p, hash] = path.split("#");
  return p + (p.includes("?") ? "&" : "?") + "lang=" + lang + (hash ? "#" + hash : "");
};

// login logs a persona in, in a role, and returns the cookies of the visit; none
// when the persona has no such role.
async function login(persona, role) {
  const context = await browser.newContext({ locale: "sv-SE" });
  const page = await context.newPage();
  await page.goto(base + "/login?lang=sv");
  const button = page.locator(`form[action^="/login/persona"] button[value="${persona.id}"]`);
  await Promise.all([page.waitForLoadState("load"), button.click()]);
  await page.waitForLoadState("load");
  const select = page.locator("#who-role");
  if (await select.count() && (await select.inputValue()) !== role) {
    const has = await select.selectOption(role, { timeout: 2000 }).then(() => true, () => false);
    if (has) await page.locator(".who-form button").first().click();
    else await context.clearCookies();
    await page.waitForLoadState("load");
  }
  const cookies = await context.cookies();
  await context.close();
  return cookies;
}

// who reads: nobody, and each persona in each role.
const readers = [{ role: "", persona: null, cookies: [] }];
for (const persona of personas) for (const role of persona.roles) {
  const reader = { role, persona, cookies: await login(persona, role), since: Date.now() };
  if (!reader.cookies.length) fault(`${persona.id} as ${role}`, "cannot log in");
  readers.push(reader);
}

// fresh logs a reader in again now and then: some pages ask for a login of the
// last ten minutes, and give the login page to who has an older one.
async function fresh(reader) {
  if (!reader.persona || Date.now() - reader.since < 4 * 60_000) return;
  const cookies = await login(reader.persona, reader.role);
  if (cookies.length) Object.assign(reader, { cookies, since: Date.now() }); // a form may have taken the role away
}

// opened asks for a page in a tab, and tells whether it is what came.
async function opened(page, where, path, lang, want) {
  const answer = await page.goto(base + withLang(path, lang), { waitUntil: "load" });
  const asked = new URL(base + path).pathname, came = new URL(page.url()).pathname;
  if (came === asked && answer.status() === want) return answer;
  fault(where, `status ${answer.status()} from ${came}, want ${want} from ${asked}`);
  return null;
}

// status fetches a page as a reader without a browser, to learn who can open it
// and whether it is a page: what is not is kept as a file, and says so.
const downloads = new Set();
const ask = (reader, path, lang) => fetch(base + withLang(path, lang), { redirect: "manual", signal: AbortSignal.timeout(20_000), headers: { cookie: reader.cookies.map((c) => `${c.name}=${c.value}`).join("; ") } });
async function status(reader, path) {
  const r = await ask(reader, path, "sv");
  if (/^text\/event-stream/.test(r.headers.get("content-type") ?? "")) await r.body.cancel();
  else await r.arrayBuffer();
  const kind = r.headers.get("content-type") ?? "", saved = /^attachment/.test(r.headers.get("content-disposition") ?? "");
  if (r.status === 200 && (saved || !/^text\/html/.test(kind))) {
    downloads.add(path);
    const stream = /^text\/event-stream/.test(kind);
    if (!stream && !saved) fault(path, `${kind} is not named as a file`);
    if (r.headers.get("x-content-type-options") !== "nosniff") fault(path, `browsers may guess what ${kind} is`);
  }
  return r.status;
}

// plan is every page with who reads it: for each role the first of its people
// who can open it.
const plan = [];
for (const r of routes) {
  if (!r.example) continue;
  const path = fill(r.example), want = r.status || 200;
  const roles = r.as ? r.as : [""];
  let planned = 0;
  for (const role of roles) {
    let found = null;
    const tried = [];
    for (const reader of readers.filter((x) => x.role === role)) {
      const s = await status(reader, path);
      tried.push(s);
      if (s === want) { found = reader; break; }
    }
    if (!found) { fault(`${path} as ${role || "nobody"}`, `answers ${tried.join(", ") || "to no persona"}, want ${want}`); continue; }
    if (light && planned || downloads.has(path)) continue;
    plan.push({ path, status: want, reader: found });
    planned++;
  }
  if (!r.as && !light && !downloads.has(path)) plan.push({ path, status: want, reader: readers.find((x) => x.role === "orderer") });
}
const nobody = readers[0], handler = readers.find((x) => x.role === "handler");
plan.push({ path: "/nothing-here", status: 404, reader: nobody }, { path: "/cases/FK-1900-00001", status: 404, reader: handler }, { path: "/catalogue?q=zzzz", status: 200, reader: nobody });

const seen = new Set();
let visits = 0, heaviest = 0, refusals = 0;

// content is a page without what differs between readers: its head line. Each
// role's head line is looked at with the first page it reads.
const content = (html) => createHash("sha256").update(html.replace(/<header class="bar">[\s\S]*?<\/header>/, "")).digest("hex");
// What a colour scheme or a width can change; the rest is the same in every mode.
const visual = ["color-contrast", "target-size", "link-in-text-block", "region", "scrollable-region-focusable"];
const heads = new Set();

// steadily does something with a tab, once more when the browser itself stumbles
// (a tab that was busy with something else), and tells of it the second time.
async function steadily(where, what) {
  const bounded = () => Promise.race([what(), new Promise((_, no) => setTimeout(() => no(new Error("nothing came in a minute")), 60_000).unref())]);
  try { await bounded(); } catch {
    await new Promise((r) => setTimeout(r, 2000));
    try { await bounded(); } catch (e) { fault(where, `the browser: ${e.message.split("\n")[0]}`); }
  }
}

// examine looks at the page that a tab shows.
async function examine(page, where, lang, html, mode, picture, role) {
  const key = content(html) + mode.name, head = role + mode.name;
  if (seen.has(key) && heads.has(head)) return;
  const facts = await page.evaluate(() => ({
    title: document.title, lang: document.documentElement.lang, h1: document.querySelectorAll("h1").length,
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  }));
  if (!facts.title || facts.lang !== lang || facts.h1 !== 1) fault(where, `title ${JSON.stringify(facts.title)}, lang ${facts.lang}, ${facts.h1} h1`);
  if (facts.over > 0) fault(where, `${facts.over} px wider than the window`);
  if (mode.name === "light") {
    const report = await validator.validateString(html);
    for (const r of report.results) for (const m of r.messages) fault(where, `html ${m.ruleId} at ${m.line}:${m.column}: ${m.message}`);
  }
  if (picture) await page.screenshot({ path: `${out}/${picture}.${mode.name}.png`, fullPage: true });
  await page.evaluate(axe);
  const only = mode.name === "light" ? { type: "tag", values: tags } : { type: "rule", values: visual };
  const result = await page.evaluate(async (runOnly) => await globalThis.axe.run(document, { runOnly, resultTypes: ["violations"] }), only);
  for (const v of result.violations) fault(where, `axe ${v.id}: ${v.help} (${v.nodes.length}: ${v.nodes[0].target})`);
  heads.add(head);
  seen.add(key);
}

// listen tells of what a page says and asks for, and weighs it.
function listen(page, now) {
  const weight = { all: 0, own: 0 };
  page.on("console", (m) => { if (["error", "warning"].includes(m.type()) && !(now().status >= 400 && /status of 4\d\d/.test(m.text()))) fault(now().where, `console: ${m.text()}`); });
  page.on("pageerror", (e) => fault(now().where, `script: ${e.message}`));
  page.on("request", (r) => { if (!r.url().startsWith(base) && !r.url().startsWith("data:")) fault(now().where, `asks elsewhere: ${new URL(r.url()).host}`); });
  page.on("requestfinished", async (r) => {
    const s = await r.sizes().catch(() => null);
    if (s) { weight.all += s.responseBodySize + s.responseHeadersSize; if (r.isNavigationRequest()) weight.own = s.responseBodySize; }
  });
  return weight;
}

// shut closes a context, or the browser. A tab that has just shown a refused form sometimes never
// tells that it is closed; the browser's end takes it away.
const shut = (context) => Promise.race([context.close(), new Promise((on) => setTimeout(on, 5000).unref())]);

// crawl visits the pages of a plan in a mode.
async function crawl(mode, part) {
  const byReader = new Map();
  for (const p of part) byReader.set(p.reader, [...(byReader.get(p.reader) ?? []), p]);
  for (const [reader, pages] of byReader) {
    await fresh(reader);
    const context = await browser.newContext({ viewport: { width: mode.width, height: mode.height }, colorScheme: mode.colorScheme, forcedColors: mode.forcedColors ?? "none" });
    await context.addCookies(reader.cookies);
    const page = await context.newPage();
    let now = { where: "", status: 200 };
    const weight = listen(page, () => now);
    for (const lang of mode.english ? ["sv", "en"] : ["sv"]) {
      for (const p of pages) {
        const where = `${p.path} as ${reader.role || "nobody"} [${mode.name}, ${lang}]`;
        now = { where, status: p.status };
        // The same page as another reader's is not opened again.
        const html = await (await ask(reader, p.path, lang)).text();
        visits++;
        if (seen.has(content(html) + mode.name) && heads.has(reader.role + mode.name)) continue;
        await steadily(where, async () => {
          weight.all = weight.own = 0;
          const answer = await opened(page, where, p.path, lang, p.status);
          if (!answer) return;
          const kind = answer.headers()["content-type"] ?? "";
          if (!/^text\/html/.test(kind)) return fault(where, `is no page but ${kind}`);
          if (!(answer.headers()["content-security-policy"] ?? "").includes("default-src 'none'")) fault(where, "no strict content security policy");
          const budget = /<tbody|<svg|class="(steps|board|hits|registers)"/.test(html) ? dataPage : laterPage;
          if (weight.own > budget) fault(where, `${weight.own} bytes on a later visit, at most ${budget}`);
          await examine(page, where, lang, html, mode, lang === "sv" && !light ? `${reader.role || "nobody"}.${name(p.path)}` : "", reader.role);
        });
      }
    }
    await shut(context);
  }
}

// Two tabs at a time.
for (const mode of modes) {
  const halves = [plan.filter((_, i) => i % 2 === 0), plan.filter((_, i) => i % 2 === 1)];
  await Promise.all(halves.map((half) => crawl(mode, half)));
}

// What a newcomer's browser fetches, with nothing kept from before.
for (const p of plan.filter((p) => !p.reader.persona)) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const weight = listen(page, () => ({ where: `${p.path} [first visit]`, status: p.status }));
  await steadily(p.path, async () => {
    weight.all = 0;
    await page.goto(base + p.path, { waitUntil: "networkidle" });
    if (weight.all === 0 || weight.all > firstVisit) fault(p.path, `${weight.all} bytes on a first visit`);
  });
  heaviest = Math.max(heaviest, weight.all);
  await shut(context);
  if (light) break;
}

// What is sent when the login has run out comes back on a page of its own.
if (!light) {
  const { path, reader } = plan.find((p) => p.reader.role === "decider" && p.path.endsWith("/decide"));
  await fresh(reader);
  const where = `${path}, sent by nobody`;
  await steadily(where, async () => {
    const context = await browser.newContext({ viewport: { width: 320, height: 700 } });
    await context.addCookies(reader.cookies);
    const page = await context.newPage();
    listen(page, () => ({ where, status: 401 }));
    if (!await opened(page, where, path, "sv", 200)) return;
    await context.clearCookies();
    const answer = page.waitForResponse((r) => r.request().method() === "POST");
    await page.locator("main form[method=post] button.primary").first().click();
    const r = await answer;
    await page.waitForLoadState("load");
    if (r.status() !== 401) return fault(where, `status ${r.status()}, want 401`);
    await examine(page, where, "sv", await r.text(), { name: "320" }, "signed_out", "");
    await shut(context);
  });
}

// sendEmpty empties form number i of a page, sends it, and looks at a refusal.
async function sendEmpty(page, i, where, key, role) {
  const answered = page.waitForResponse((r) => r.request().method() === "POST" && r.request().isNavigationRequest(), { timeout: 15_000 }).catch(() => null);
  const there = await page.evaluate((n) => {
    const f = document.querySelectorAll("main form[method=post]")[n];
    if (!f) return false;
    for (const e of f.elements) {
      if (e.type === "hidden" || e.type === "submit") continue;
      if (e.type === "checkbox" || e.type === "radio") e.checked = false;
      else if (e.tagName !== "SELECT" && e.type !== "file") e.value = "";
    }
    setTimeout(() => f.requestSubmit());
    return true;
  }, i);
  if (!there) return;
  const r = await answered;
  await page.waitForLoadState("load", { timeout: 15_000 }).catch(() => null);
  if (!r) return;
  if (r.status() >= 500) fault(where, `status ${r.status()}`);
  if (r.status() !== 422) return;
  refusals++;
  const html = await r.text().catch(() => "");
  await examine(page, where, "sv", html, { name: "320" }, `refused.${name(key)}`, role);
}

// Every form, sent empty. What is refused is a page too; what is not has been
// carried out, in a demo that is thrown away.
if (!light) {
  const sent = new Set();
  for (const p of plan) {
    if (!p.reader.persona) continue;
    await fresh(p.reader);
    const context = await browser.newContext({ viewport: { width: 320, height: 700 }, javaScriptEnabled: true });
    await context.addCookies(p.reader.cookies);
    const page = await context.newPage();
    // Answers in the 400s are what is asked for here, and may be told late.
    let now = { where: p.path, status: 422 };
    listen(page, () => now);
    let actions = [];
    await steadily(p.path, async () => {
      await page.goto(base + withLang(p.path, "sv"), { waitUntil: "load" });
      actions = await page.evaluate(() => [...document.querySelectorAll("main form[method=post]")].map((f) => f.getAttribute("action")));
    });
    for (const [i, action] of actions.entries()) {
      const key = action.replace(/FK-\d+-\d+|U-[A-Z0-9]+/g, "#");
      if (sent.has(key)) continue;
      sent.add(key);
      await steadily(`${p.path} → ${key}, empty, as ${p.reader.role}`, async () => {
        now = { where: p.path, status: 422 };
        await page.goto(base + withLang(p.path, "sv"), { waitUntil: "load" });
        now = { where: `${p.path} → ${key}, empty, as ${p.reader.role}`, status: 422 };
        await sendEmpty(page, i, now.where, key, p.reader.role);
      });
    }
    await page.goto("about:blank", { timeout: 5000 }).catch(() => null);
    await shut(context);
  }
}
await shut(browser);
const shots = [...new Set(plan.map((p) => `${p.reader.role || "nobody"}.${name(p.path)}`))];
writeFileSync(`${out}/index.html`, `<!DOCTYPE html><meta charset="utf-8"><title>Contact sheet</title><style>img{width:230px;vertical-align:top;margin:4px;border:1px solid #999}</style>` +
  shots.map((n) => `<h2>${n}</h2>` + modes.map((m) => `<img src="${n}.${m.name}.png" alt="${m.name}">`).join("")).join(""));
console.log(`${visits} visits of ${plan.length} pages (${new Set(plan.map((p) => p.path)).size} addresses, ${new Set(plan.map((p) => p.reader.role)).size} roles) in ${modes.length} modes, ${seen.size} examined, ${downloads.size} files, ${refusals} refusals; heaviest first visit ${heaviest} bytes; ${faults} faults`);
process.exit(faults ? 1 : 0);
