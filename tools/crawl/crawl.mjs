// Visits every page of a running counter, in both languages and every mode,
// and fails on what a reader would stumble over:
//
//   node crawl.mjs BASE ROUTES.json CASE OUT
//
// ROUTES.json is what `sluss pages` prints; a route whose example cannot be
// fetched fails. Screens are kept in OUT for a person to look at.
import { readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { HtmlValidate } from "html-validate";

const [base, routesFile, theCase, out] = process.argv.slice(2);
const routes = JSON.parse(readFileSync(routesFile, "utf8"));
const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const modes = [
  { name: "light", width: 1280, height: 900, colorScheme: "light" },
  { name: "dark", width: 1280, height: 900, colorScheme: "dark" },
  { name: "forced", width: 1280, height: 900, colorScheme: "light", forcedColors: "active" },
  { name: "390", width: 390, height: 844, colorScheme: "light" },
  { name: "320", width: 320, height: 700, colorScheme: "light" },
];
const firstVisit = 100_000; // bytes on the wire, everything
const laterPage = 10_000; // bytes on the wire, the page itself

const pages = routes.map((r) => ({ path: r.example.replace("{case}", theCase), status: 200 }));
pages.push({ path: "/nothing-here", status: 404 }, { path: "/cases/FK-1900-00001", status: 404 }, { path: "/catalogue?q=zzzz", status: 200 });

const validator = new HtmlValidate({
  extends: ["html-validate:recommended", "html-validate:a11y"],
  rules: { "long-title": "off", "no-trailing-whitespace": "off", "attr-quotes": "off", "void-style": "off", "text-content": "off", "svg-focusable": "off", "no-redundant-role": "off" },
});

let faults = 0;
const fault = (where, what) => { faults++; console.log(`FAILED   ${where}: ${what}`); };
const seen = new Map();
let visits = 0, heaviest = 0;

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const place = (p) => p.path.replace(/[^a-z0-9]+/gi, "_").replace(/^_|_$/g, "") || "start";

// listen tells of what a page says, asks for and weighs. where() names it.
function listen(page, where) {
  const weight = { all: 0, own: 0 };
  page.on("console", (m) => { if (["error", "warning"].includes(m.type()) && !(where().status === 404 && m.text().includes("404"))) fault(where().name, `console: ${m.text()}`); });
  page.on("pageerror", (e) => fault(where().name, `script: ${e.message}`));
  page.on("request", (r) => { if (!r.url().startsWith(base) && !r.url().startsWith("data:")) fault(where().name, `asks elsewhere: ${new URL(r.url()).host}`); });
  page.on("requestfinished", async (r) => {
    const s = await r.sizes().catch(() => null);
    if (s) { weight.all += s.responseBodySize + s.responseHeadersSize; if (r.isNavigationRequest()) weight.own = s.responseBodySize; }
  });
  return weight;
}

for (const mode of modes) {
  const options = { viewport: { width: mode.width, height: mode.height }, colorScheme: mode.colorScheme, forcedColors: mode.forcedColors ?? "none" };
  const strict = await browser.newContext(options);
  const free = await browser.newContext({ ...options, bypassCSP: true }); // for axe, which is a script
  let now = { name: "", status: 200 };
  const page = await strict.newPage();
  const weight = listen(page, () => now);
  const other = await free.newPage();
  for (const lang of ["sv", "en"]) {
    for (const p of pages) {
      const path = p.path + (p.path.includes("?") ? "&" : "?") + "lang=" + lang;
      const where = `${path} [${mode.name}]`;
      now = { name: where, status: p.status };
      weight.all = weight.own = 0;
      const answer = await page.goto(base + path, { waitUntil: "load" });
      visits++;
      if (answer.status() !== p.status) fault(where, `status ${answer.status()}, want ${p.status}`);
      if (!/^text\/html/.test(answer.headers()["content-type"] ?? "")) fault(where, "is no page");
      if (!(answer.headers()["content-security-policy"] ?? "").includes("default-src 'none'")) fault(where, "no strict content security policy");
      const facts = await page.evaluate(() => ({
        title: document.title, lang: document.documentElement.lang, h1: document.querySelectorAll("h1").length,
        over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      }));
      if (!facts.title || facts.lang !== lang || facts.h1 !== 1) fault(where, `title ${JSON.stringify(facts.title)}, lang ${facts.lang}, ${facts.h1} h1`);
      if (facts.over > 0) fault(where, `${facts.over} px wider than the window`);
      if (weight.own > laterPage) fault(where, `${weight.own} bytes on a later visit`);
      const html = await answer.text();
      if (!seen.has(html)) {
        seen.set(html, where);
        const report = await validator.validateString(html);
        for (const r of report.results) for (const m of r.messages) fault(where, `html ${m.ruleId} at ${m.line}:${m.column}: ${m.message}`);
      }
      if (lang === "sv") await page.screenshot({ path: `${out}/${place(p)}.${mode.name}.png`, fullPage: true });
      await other.goto(base + path, { waitUntil: "load" });
      await other.addScriptTag({ content: axe });
      const result = await other.evaluate(async (values) => await globalThis.axe.run(document, { runOnly: { type: "tag", values } }), tags);
      for (const v of result.violations) fault(where, `axe ${v.id}: ${v.help} (${v.nodes.length}: ${v.nodes[0].target})`);
    }
  }
  await strict.close();
  await free.close();
}

// What a newcomer's browser fetches, with nothing kept from before.
for (const p of pages) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const weight = listen(page, () => ({ name: `${p.path} [first visit]`, status: p.status }));
  await page.goto(base + p.path, { waitUntil: "networkidle" });
  heaviest = Math.max(heaviest, weight.all);
  if (weight.all === 0 || weight.all > firstVisit) fault(p.path, `${weight.all} bytes on a first visit`);
  await context.close();
}
await browser.close();
const names = pages.map(place);
writeFileSync(`${out}/index.html`, `<!DOCTYPE html><meta charset="utf-8"><title>Contact sheet</title><style>img{width:230px;vertical-align:top;margin:4px;border:1px solid #999}</style>` +
  names.map((n, i) => `<h2>${pages[i].path}</h2>` + modes.map((m) => `<img src="${n}.${m.name}.png" alt="${m.name}">`).join("")).join(""));
console.log(`${visits} visits of ${pages.length} pages in ${modes.length} modes and 2 languages, ${seen.size} different; heaviest first visit ${heaviest} bytes; ${faults} faults`);
process.exit(faults ? 1 : 0);
