// Walks the journeys of the counter in a real browser, from the first page to
// what it ends with, and counts what they take:
//
//   node journeys.mjs SLUSS FOLDER [--only WORD [WAY]]
//
// (--only walks the journeys with the word in their names, "" all of them, in
// one way)
//
// The first order and the supplement are walked in six variants: in Swedish and
// English, each with script, without script, and with the keyboard alone. The
// others are walked once in each language. Every variant has a demo of its own,
// since journeys change it; two are walked at a time. One line a journey, with
// its counts; a journey that stumbles, or that takes more than the house
// promises, fails.
import { spawn, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { chromium } from "playwright-core";
import { Visitor, Refusal } from "./visitor.mjs";

const [program, folder, , only, onlyWay] = process.argv.slice(2);
const sluss = resolve(program), work = resolve(folder);
const routes = new Set(JSON.parse(execFileSync(sluss, ["pages"])).map((r) => r.pattern));

// What each journey may take at most: submissions, or clicks.
const most = { order: 12, receipt: 1, completeness: 3, letter: 2 };

// The people of the demo, by what they do in the journeys.
const newcomer = "marta.hagglov", orderer = "abdi.akerblom-nystrom", writer = "elise.sandahl-ohrn", representative = "goran.dahlaker", supplier = "asa.muller-ek";
const handler = "karin.ekebjar", reviewer = "petra.lindenau", decider = "bo.oberg-falkenlind", statistician = "sten.ahlen-roosvik", releaser = "ylva.nybergsson", registrar = "ingegerd.ostanback";
// A recipient's public key, as sluss keygen prints it.
const recipientKey = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

let faults = 0, skipped = 0, walked = 0;
const fail = (text) => { throw new Refusal(text); };
const atMost = (what, n, limit) => { if (n > limit) fail(`${what}: ${n}, at most ${limit}`); };
const inDays = (n) => new Date(Date.now() + n * 86400e3).toISOString().slice(0, 10);
const sum = (data) => createHash("sha256").update(data).digest("hex");

// pdf is a small document of a page with a text.
function pdf(...lines) {
  const text = "BT /F1 11 Tf 56 780 Td 15 TL\n" + lines.map((l) => `(${l}) Tj T*\n`).join("") + "ET";
  const parts = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"];
  let out = "%PDF-1.4\n";
  const at = parts.map((p, i) => { const here = out.length; out += `${i + 1} 0 obj\n${p}\nendobj\n`; return here; });
  const table = out.length;
  out += "xref\n0 6\n0000000000 65535 f \n" + at.map((n) => `${String(n).padStart(10, "0")} 00000 n \n`).join("") + `trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(out, "latin1");
}

// firstOrder: a newcomer orders health data for research with ethics approval,
// a population file and attachments, from the catalogue to the receipt.
async function firstOrder(w) {
  const v = await w.enter(newcomer);
  await v.open("/catalogue/midas_sjuk");
  await v.send("/basket/add", { variable: ["from_datum", "tom_datum", "diagnos", "nettodagar"] });
  const at = v.path().split("/").slice(0, 3).join("/");
  await v.send("data/0/save", { "data.0.benefits": "SJP", "data.0.shape": "spell", "data.0.from": "2015-01-01", "data.0.to": "2024-12-31", "data.0.motive": "Fallens längd och diagnos är utfallet." });
  await v.open(at);
  await v.follow(at + "/about");
  await v.send("about/save", {
    title: "Återgång i arbete efter sjukskrivning", "project.questions": "Hur hänger fallens längd samman med återgång i arbete?", "project.student_thesis": "no", "project.start": inDays(10), "project.end": inDays(1100),
  });
  await v.send("principal/save", { "principal.name": "Institutet för tillämpad hälsoekonomi i Västerås AB", "principal.org_no": "559199-0014", "principal.kind": "private", "principal.representative.name": "Göran Dahlåker", "principal.representative.email": "goran.dahlaker@norrstrand.example" });
  await v.send("people/save", { "project.researchers": "Märta Hägglöv\nLo Ask" });
  await v.send("delivery/save", { "invoice.reference": "KST 4711" });
  await v.open(at);
  await v.follow(at + "/approvals");
  await v.send("approvals/save", {
    sensitive: "yes", sensitive_categories: ["health"], "ethics.approvals.0.number": "2026-01234-01", "ethics.approvals.0.decided": inDays(-150), "ethics.approvals.0.signed": "yes",
    "ethics.approvals.0.application_file": { name: "ansokan.pdf", data: pdf(
      "Ansokan om etikprovning. Forskningshuvudman har organisationsnummer 559199-0014.", "Studiepopulationen best\xe5r av h\xf6gst 5000 personer. Populationen avgr\xe4nsas s\xe5: anst\xe4llda 20-64 \xe5r i tre l\xe4n.",
      "Uppgifter om sjukpenning h\xe4mtas fr\xe5n F\xf6rs\xe4kringskassan.", "Uppgifterna avser tiden 2015-01-01 till och med 2024-12-31.") },
    "ethics.approvals.0.decision_file": { name: "beslut.pdf", data: pdf("Beslut. Ansokan godkanns.") },
  });
  if (v.path() !== at + "/matrix") fail(`after the approvals comes ${v.path()}`);
  const confirm = {
    "ethics.coverage.benefit:SJP.from_authority": "yes", "ethics.coverage.diagnosis.from_authority": "yes", "ethics.coverage.diagnosis.limit": "all",
    "ethics.coverage.principal.principal_org_nos": "559199-0014", "ethics.coverage.period.period_from": "2015-01-01", "ethics.coverage.period.period_to": "2024-12-31",
  };
  const document = await v.value("ethics.coverage.benefit:SJP.attachment");
  for (const item of ["population", "benefit:SJP", "diagnosis", "motivated", "period", "principal", "category:health"]) Object.assign(confirm, { [`ethics.coverage.${item}.met`]: "yes", [`ethics.coverage.${item}.attachment`]: document, [`ethics.coverage.${item}.page`]: "1" });
  await v.send("matrix/save", confirm);
  await v.open(at);
  await v.follow(at + "/population");
  await v.send("population/save", {
    "population.definition": "Anställda 20–64 år i tre län", "population.size": "5000", "population.source": "file", "population.holder": "Statistiska centralbyrån", "population.ready.on": inDays(-3), "population.ready.by": "Statistiska centralbyrån",
  });
  await v.open(at);
  await v.follow(at + "/attachments");
  await v.send("attachments/save", { "new.0.kind": "project_plan", "new.0.name": "Forskningsplan", "new.0_file": { name: "plan.pdf", data: pdf("Forskningsplan") } });
  await v.open(at);
  await v.follow(at + "/check");
  await v.send("check/send");
  const number = (await v.texts(".receipt strong"))[0];
  if (!/^FK-\d{4}-\d{5}$/.test(number ?? "")) fail(`the receipt gives ${number}`);
  atMost("submissions of a first order", v.submissions, most.order);
  await v.follow(`/cases/${number}`);
  await v.expect(number);
  return { ends: `receipt of ${number}`, by: [v] };
}

// supplement: the handler confirms the receipt and asks for more; the orderer
// answers, wrongly at first; the handler finds the order complete.
async function supplement(w) {
  const id = w.cases.new, at = `/cases/${id}`;
  const h = await w.enter(handler);
  await h.open(at);
  await h.send("/act/acknowledge");
  await h.told();
  atMost("clicks to confirm a receipt", h.clicks, most.receipt);
  await h.open(at);
  await h.follow(at + "/check");
  await h.follow(at + "/ask-more");
  await h.send("/ask-more", { text: "Skriv hur kontrollerna väljs." }, 422);
  if (await h.value("text") !== "Skriv hur kontrollerna väljs.") fail("the refusal forgets the letter");
  await h.send("/ask-more", { more: ["population"], days: "10" });

  const v = await w.enter(orderer);
  await v.open(at);
  await v.follow(at + "/supplement");
  await v.expect("Skriv hur kontrollerna väljs.");
  await v.send("/supplement", { "population.size": "två tusen", "population.definition": "Fall och två kontroller per fall." }, 422);
  if (await v.value("population.size") !== "två tusen" || await v.value("population.definition") !== "Fall och två kontroller per fall.") fail("the refusal forgets what was typed");
  await v.send("/supplement/look", { "population.size": "2100" });
  await v.expect("Fall och två kontroller per fall.");
  await v.send("/supplement");
  await v.told();

  await h.open(at);
  const before = h.clicks;
  await h.follow(at + "/check");
  await h.send("/check");
  const told = await h.told();
  atMost("clicks to find an order complete", h.clicks - before, most.completeness);
  return { ends: told, by: [h, v] };
}

// quote: the draft quote of the complete order is sent and agreed to. What the
// authority then decides comes with the quote itself, which the principal's
// representative accepts.
async function quote(w) {
  const id = w.cases.new, at = `/cases/${id}`;
  const h = await w.enter(handler);
  await h.open(at + "/price");
  await h.send("/price", { form: "fixed", hours_dialogue: w.lang === "sv" ? "3,5" : "3.5", hours_review: "6", hours_extraction: "14", vat_reason: "Myndighetens ställningstagande.", terms: "Uttag enligt ansökan.", terms_en: "Extraction as applied for." });
  await h.expect(/24[ ,]968[,.]75/);
  await h.send("/price/send");
  const v = await w.enter(orderer);
  await v.open(at);
  await v.follow(at + "/draft");
  await v.send("/draft/agree");
  await v.told();
  await v.open(at + "/key");
  await v.send("/key", { key: recipientKey });
  const read = (await v.texts("main code")).find((t) => /^([0-9a-f]{4}-){7}[0-9a-f]{4}$/.test(t)) ?? fail("the page shows no fingerprint");
  await h.open(at);
  await h.follow(at + "/act/key");
  await h.send("/act/key", { fingerprint: "0000 " + read.slice(5), compared: "phone", read_by: "Abdi" }, 422);
  await h.send("/act/key", { fingerprint: read });
  w.agreed = true;
  return { ends: await v.told(), by: [h, v] };
}

// decision: the worksheet, the decision, the dispatch and the acceptance of the
// quote, in the same case.
async function decision(w) {
  if (!w.agreed) fail("the draft was not agreed to");
  const id = w.cases.new, at = `/cases/${id}`;
  const r = await w.enter(reviewer, "reviewer");
  await r.open(at + "/worksheet");
  const sheet = {};
  for (const name of await r.page.$$eval('main [name^="holds-"], main [name^="finding-"]', (all) => [...new Set(all.map((e) => e.name))])) {
    if (name.startsWith("holds-")) sheet[name] = "yes";
    else if (!name.includes("minimise:")) sheet[name] = "Framgår av ansökan.";
  }
  await r.send("/worksheet", sheet);
  await r.send("/worksheet/record");
  await r.told();

  const d = await w.enter(decider);
  await d.open(at + "/decision");
  await d.follow(at + "/decide");
  if (!(await d.texts("main .note code")).some((t) => /^([0-9a-f]{4}-){7}[0-9a-f]{4}$/.test(t))) fail("the recipient's key is not in the decision");
  await d.send("/decide");
  const [hash = fail("the decision shows no hash")] = await d.hashes();
  atMost("clicks to a decision's letter", d.clicks, most.letter);

  const h = await w.enter(handler);
  await h.open(at);
  await h.send("/act/dispatch").catch(async (e) => { // a form of its own
    if (!(e instanceof Refusal)) throw e;
    await h.follow(at + "/act/dispatch");
    await h.send("/act/dispatch");
  });
  await h.told();

  const p = await w.enter(representative);
  await p.open(at);
  await p.follow(at + "/accept");
  await p.send("/accept", {}, 422);
  await p.send("/accept", { mandate: "yes" });
  return { ends: `${hash.slice(0, 12)}…, ${await p.told()}`, by: [r, d, h, p] };
}

// population: the supplier uploads the file of the call and gets the checksum of
// what now lies sealed;
// the report on another tells counts; no number stands on either page.
async function population(w) {
  const id = w.cases.population_called, at = `/cases/${id}`;
  const numbers = w.numbers.slice(0, 40), file = "personnummer;lopnr\r\n" + numbers.map((n, i) => `${n};${i + 1}\r\n`).join("");
  const v = await w.enter(supplier);
  await v.open("/calls");
  await v.follow(at + "/population");
  await v.send("/population", {}, 422);
  await v.send("/population", { file: { name: "population.csv", data: file } });
  await v.told();
  const [sealed = fail("the receipt shows no hash")] = await v.hashes();
  if (sealed === sum(file)) fail("the file lies as it was sent, and not sealed");
  await v.absent(...numbers);
  await v.open(`/cases/${w.cases.population_rejected}/population`);
  await v.expect(/\d/);
  const counts = (await v.texts("main table td.figure, main dl.answers dd")).filter((t) => /^\d[\d ,]*$/.test(t));
  if (counts.length < 2) fail("the report tells no counts");
  await v.absent(...numbers);
  if (/\b(19|20)?\d{6}[-+]?\d{4}\b/.test((await v.text()).replace(/\b\d{2}[2-9]\d{3}-\d{4}\b/g, ""))) fail("something like an identity number is on the page");
  return { ends: `sealed file ${sealed.slice(0, 12)}…, ${counts.length} counts in a report`, by: [v] };
}

// extraction: the plan is made from the decision and ordered; of the case whose
// files the vault has made, somebody else lets exactly those out.
async function extraction(w) {
  const planned = `/cases/${w.cases.to_extract}`, made = `/cases/${w.cases.to_release}`;
  const v = await w.enter(statistician);
  await v.open(planned);
  await v.follow(planned + "/plan");
  const [hash = fail("the plan shows no hash")] = await v.hashes();
  await v.send("/plan/order");
  await v.told();
  if (v.path() !== planned + "/run") fail(`after the plan comes ${v.path()}`);
  const r = await w.enter(releaser);
  await r.open(made);
  await r.follow(made + "/release");
  const [manifest = fail("the release shows no hash")] = await r.hashes();
  await r.send("/release");
  return { ends: `plan ${hash.slice(0, 12)}…, files ${manifest.slice(0, 12)}…, ${await r.told()}`, by: [v, r] };
}

// delivery: the parcel is fetched, is what the page says it is, and its receipt
// is confirmed.
async function delivery(w) {
  const id = w.cases.to_receive, at = `/cases/${id}`;
  const v = await w.enter(orderer);
  await v.open(at);
  await v.follow(at + "/parcel");
  const file = await v.download(at + "/parcel/file");
  if (file.name !== `${id}.sluss`) fail(`the file is called ${file.name}`);
  await v.expect(sum(file.data));
  await v.send("/parcel/receipt");
  return { ends: `${file.data.length} bytes, ${sum(file.data).slice(0, 12)}…, ${await v.told()}`, by: [v] };
}

// purge: what is kept of a delivered case is ordered to be destroyed; of a case
// where it has been, the signed protocol is fetched.
async function purge(w) {
  if (!routes.has("POST /cases/{id}/purge")) return { skipped: "the counter has no page for it yet" };
  const gone = `/cases/${w.cases.purged}`;
  const v = await w.enter(registrar);
  await v.open("/purges"); // what can be purged today stands first
  const due = await v.page.$$eval("main a[href*='/cases/']", (links) => links.map((a) => new URL(a.href).pathname.split("/").slice(0, 3).join("/")));
  let done = false;
  for (const at of due.slice(0, 6)) {
    await v.open(at + "/purge");
    if (done = !!(await v.page.$(`main form[action*="${at}/purge"]`))) break;
  }
  let told = "nothing is due today: no button before its date";
  if (done) {
    await v.send("/purge");
    told = await v.told();
  } else { // dates purge by themselves; before its date a case has no button
    await v.open(`/cases/${w.cases.purge_soon}/purge`);
    if (await v.page.$('main form[action*="/purge"]')) fail("a case can be purged before its date");
  }
  await v.open(gone + "/purge");
  const protocol = await v.download(gone + "/purge/protocol");
  if (!/\n— /.test(protocol.data.toString())) fail("the protocol is not signed");
  return { ends: told, by: [v] };
}

// killed: a server that is killed while somebody writes costs at most the field
// that was being written. What was left before stands there when it is up again,
// both in an order, which is a draft, and in a quote, which is none.
async function killed(w) {
  const v = await w.enter(writer);
  const draft = `/drafts/${w.cases.draft_complete}/about`, price = `/cases/${w.cases.soon}/price`;
  const texts = { title: "Titel som överlever", "project.questions": "Hur länge?\nOch varför?", "project.end": inDays(900) };
  await v.open(draft);
  await w.write(v, texts);
  const h = await w.enter(handler);
  await h.open(price);
  const quoted = { "hours_extraction": "17", "terms": "Uttag i två omgångar." };
  await w.write(h, quoted);
  const field = await h.page.$('main [name="terms_en"]');
  await field.focus();
  await h.page.keyboard.type("Two extrac"); // is never left
  await w.crash();
  await w.restart();

  const again = await w.enter(writer);
  await again.open(draft);
  for (const [name, text] of Object.entries(texts)) if (await again.value(name) !== text) fail(`${name} is ${JSON.stringify(await again.value(name))}`);
  const other = await w.enter(handler);
  await other.open(price);
  await other.expect(w.lang === "sv" ? "Du har en osparad text från" : "You have an unsaved text from");
  const on = await other.page.$$eval("main .kept a[href]", (all) => all.map((a) => a.getAttribute("href")));
  await other.page.goto(other.base + on[0]);
  for (const [name, text] of Object.entries(quoted)) if (await other.value(name) !== text) fail(`${name} is ${JSON.stringify(await other.value(name))}`);
  return { ends: `${Object.keys(texts).length + Object.keys(quoted).length} fields that had been left are there`, by: [again, other] };
}

const each = { "first order to receipt": firstOrder, supplement };
const once = { "draft quote": quote, "decision to accepted quote": decision, "population upload": population, "extraction to release": extraction, "delivery and verify": delivery, purge };
const scripted = { "killed server": killed };
const variants = ["script", "noscript", "keyboard"].flatMap((way) => ["sv", "en"].map((lang) => ({ way, lang, journeys: way === "script" ? { ...each, ...once, ...scripted } : each })));

// demo serves a counter full of cases in a folder, and tells its address.
async function demo(name) {
  const dir = `${work}/${name}`, log = `${work}/${name}.log`;
  rmSync(dir, { recursive: true, force: true });
  const out = openSync(log, "w");
  const start = (...more) => {
    const server = spawn(sluss, ["demo", "--dir", name, ...more], { cwd: work, stdio: ["ignore", out, out], env: { ...process.env, PATH: `${dirname(sluss)}:${process.env.PATH}` } });
    const over = new Promise((done) => server.on("exit", done));
    server.on("exit", () => { server.over = true; });
    return { server, over };
  };
  let { server, over } = start("--persons", "300", "--addr", "localhost:0");
  const end = async (signal) => { server.kill(signal); await over; };
  for (let n = 0; n < 900 && !server.over; n++) {
    const base = readFileSync(log, "utf8").match(/http:\/\/localhost:\d+/)?.[0];
    if (base) {
      return {
        base, dir, stop: () => (server.over ? null : end("SIGTERM")), crash: () => end("SIGKILL"),
        // restart serves the same folder at the same address.
        async restart() {
          ({ server, over } = start("--again", "--addr", new URL(base).host));
          for (let n = 0; n < 300 && !server.over; n++) {
            if (await fetch(`${base}/healthz`).then((r) => r.ok, () => false)) return;
            await new Promise((r) => setTimeout(r, 100));
          }
          throw new Error(`the demo did not start again; see ${log}`);
        },
      };
    }
    await new Promise((r) => setTimeout(r, 100));
  }
  server.kill();
  throw new Error(`the demo did not start; see ${log}`);
}

// walk walks the journeys of a variant.
async function walk(browser, { way, lang, journeys }) {
  const d = await demo(`${way}-${lang}`);
  const { cases, personas } = JSON.parse(readFileSync(`${d.dir}/cases.json`, "utf8"));
  const contexts = [];
  const world = {
    lang, cases, numbers: numbersOf(d.dir), crash: d.crash, restart: d.restart,
    // write fills fields in one after the other, and sees each saved by itself
    // when it is left.
    async write(v, texts) {
      for (const [name, text] of Object.entries(texts)) {
        const field = await v.pick(`field ${name}`, `main form[data-autosave="on"] [name="${name}"]`);
        await field.focus();
        const saved = v.page.waitForResponse((r) => r.request().method() === "POST" && r.status() === 200 && (r.request().postData() ?? "").includes("autosave=yes"), { timeout: 8000 });
        saved.catch(() => null);
        await field.fill(text);
        await v.page.keyboard.press("Tab");
        await saved.catch(() => fail(`${name} is not saved when it is left`));
      }
      await v.page.waitForFunction((word) => (document.querySelector(".saved")?.textContent ?? "").startsWith(word), lang === "sv" ? "Sparat " : "Saved ", { timeout: 5000 }).catch(() => fail("nothing tells that it is saved"));
    },
    // enter logs one of the cast in, in the variant's way.
    async enter(id, role) {
      const context = await browser.newContext({ locale: lang === "sv" ? "sv-SE" : "en-GB", javaScriptEnabled: way !== "noscript", viewport: { width: 1280, height: 900 } });
      contexts.push(context);
      const page = await context.newPage();
      page.on("pageerror", (e) => { faults++; console.log(`FAILED   ${way} ${lang}: ${new URL(page.url()).pathname}: script: ${e.message}`); });
      const v = new Visitor(page, d.base, way, lang);
      await v.open("/login");
      await v.leave(await v.pick(`button for ${id}`, `button[name="persona"][value="${id}"]`));
      if (role && personas.find((p) => p.id === id).roles[0] !== role) fail(`${id} is not first of all a ${role}`);
      v.submissions = v.clicks = v.tabs = v.farthest = 0;
      return v;
    },
  };
  for (const [name, journey] of Object.entries(journeys)) {
    if (only && !name.includes(only)) continue;
    const began = Date.now(), where = `${name} [${lang}, ${way}]`;
    try {
      const { ends, by, skipped: why } = await journey(world);
      if (why) { skipped++; console.log(`skipped: ${where}: ${why}`); continue; }
      const all = (what) => by.reduce((n, v) => n + v[what], 0);
      console.log(`passed   ${where}: ${all("submissions")} submissions, ${all("clicks")} clicks${way === "keyboard" ? `, ${all("tabs")} Tabs (at most ${Math.max(...by.map((v) => v.farthest))} to one place)` : ""}, ${((Date.now() - began) / 1000).toFixed(1)} s; ends with ${ends}`);
      walked++;
    } catch (e) {
      faults++;
      console.log(`FAILED   ${where}: ${e instanceof Refusal ? e.message : e.stack.split("\n").slice(0, 6).join(" / ")}`);
      for (const c of contexts.slice(-1)) for (const p of c.pages()) await p.screenshot({ path: `${work}/failed-${name.replaceAll(" ", "-")}-${lang}-${way}.png`, fullPage: true }).catch(() => null);
    }
    for (const c of contexts.splice(0)) await c.close();
  }
  await d.stop();
}

// numbersOf are identity numbers of the demo's made-up people.
function numbersOf(dir) {
  const found = new Set();
  for (const f of execFileSync("find", [`${dir}/registers`, "-maxdepth", "2", "-name", "*.csv"], { encoding: "utf8" }).trim().split("\n")) {
    for (const n of readFileSync(f, "utf8").slice(0, 200_000).match(/\b(19|20)\d{6}-?\d{4}\b/g) ?? []) found.add(n);
    if (found.size > 40) break;
  }
  if (found.size < 40) throw new Error("the demo's registers have too few people");
  return [...found];
}

mkdirSync(work, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const rest = variants.filter((v) => !onlyWay || onlyWay === v.way);
const began = Date.now();
await Promise.all([0, 1].map(async () => {
  for (let next = rest.shift(); next; next = rest.shift()) {
    await walk(browser, next).catch((e) => { faults++; console.log(`FAILED   ${next.way} ${next.lang}: ${e.stack}`); });
  }
}));
await browser.close();
console.log(`${walked} journeys walked in ${variants.length} variants, ${skipped} skipped, ${faults} faults, ${((Date.now() - began) / 1000).toFixed(0)} s`);
process.exit(faults ? 1 : 0);
