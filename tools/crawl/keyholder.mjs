// People with passkeys, each in a browser of their own, who log in and sign as
// they are told on standard input; a line of JSON each way:
//
//   {"at": "http://127.0.0.1:8080"}            where the counter is now
//   {"who": "bo", "do": "enter", "link": …, "code": …}   an invitation, a passkey for logging in, and in again with it
//   {"who": "bo", "do": "enrol"}               a passkey for signing: {"made", "fingerprint"}
//   {"who": "bo", "do": "login"}               in once more with the passkey
//   {"who": "bo", "do": "sign", "page": "/cases/…/decide", "send": "/decide", "fields": {…}}   signs what the page shows
//   {"who": "bo", "do": "swap", …}             as sign, but with the passkey for logging in: {"refused": true}
//   {"who": "elin", "do": "ask", "email": …}   for a one-time link by mail
//   {"who": "elin", "do": "open", "path": …}   looks at an address: {"said"}
//   {"who": "elin", "do": "follow", "link": …} the link, to the page {"path", "said"}
//   {"who": "elin", "do": "basket", "register": …, "variables": […]}   begins an order with them: {"path"}
//
// Passkeys belong to a site with https: what stands before the counter is a
// proxy with a certificate of its own, CERT and KEY.
//
//   node keyholder.mjs CERT KEY SPKI
//
// SPKI is the SHA-256 of the certificate's public key, base64; the browser takes
// no other. The first line out is {"origin"}. The passkeys are Chromium's virtual
// ones, the script that asks for them is the counter's own.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [cert, key, spki] = process.argv.slice(2);
let counter = new URL("http://127.0.0.1:1");
const proxy = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (from, to) => {
  const on = request({ host: counter.hostname, port: counter.port, method: from.method, path: from.url, headers: from.headers }, (answer) => {
    to.writeHead(answer.statusCode, answer.rawHeaders);
    answer.pipe(to);
  });
  on.on("error", () => to.writeHead(502).end());
  from.pipe(on);
});
await new Promise((ready) => proxy.listen(0, "localhost", ready));
const origin = `https://localhost:${proxy.address().port}`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage", `--ignore-certificate-errors-spki-list=${spki}`] });

const people = new Map();

// person is somebody's tab, with an authenticator that says that its holder is
// there and has been verified.
async function person(who) {
  if (people.has(who)) return people.get(who);
  const context = await browser.newContext({ locale: "sv-SE" });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const faults = [];
  page.on("pageerror", (e) => faults.push(e.message));
  page.on("console", (m) => { if (m.type() === "error" && !/status of 4\d\d/.test(m.text())) faults.push(m.text()); });
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
  } });
  const p = { page, cdp, authenticatorId, faults };
  people.set(who, p);
  return p;
}

const open = async (p, path) => {
  const answer = await p.page.goto(origin + path + (path.includes("?") ? "&" : "?") + "lang=sv", { waitUntil: "load" });
  if (answer.status() !== 200) throw new Error(`${path} answers ${answer.status()}`);
};
// press uses a button that asks for a passkey, and waits for what comes of it.
const press = async (p, selector, after) => {
  const button = p.page.locator(`${selector} button`).first();
  await button.waitFor({ state: "visible" });
  await Promise.all([after ? p.page.waitForURL(after) : p.page.waitForEvent("load"), button.click()]);
  await p.page.waitForLoadState("load");
};
// signs has the passkey sign what the page shows, and returns what the counter
// answered when the page that follows is there.
const signs = async (p, to) => {
  const answer = p.page.waitForResponse((r) => r.request().method() === "POST" && r.url().includes(to));
  const loaded = p.page.waitForEvent("load");
  await p.page.locator(`main form[action*="${to}"] [data-sign] button`).click();
  const status = (await answer).status();
  await loaded;
  return status;
};
const told = (p) => p.page.locator("main").innerText();

const acts = {
  async enter(p, { link, code }) {
    await p.page.goto(link, { waitUntil: "load" });
    if (code) await p.page.locator('main input[name="code"]').fill(code);
    await Promise.all([p.page.waitForEvent("load"), p.page.locator("main form button").first().click()]);
    await open(p, "/logins");
    await p.page.locator("#key-name").fill("Nyckelring");
    await press(p, '[data-passkey="create"]');
    await open(p, "/logins");
    if (!(await told(p)).includes("Nyckelring")) throw new Error("the passkey is not in the list");
    return acts.login(p);
  },
  async ask(p, { email }) {
    await open(p, "/login?next=/");
    await p.page.locator('main form[action*="/login/link"] input[name="email"]').fill(email);
    await Promise.all([p.page.waitForEvent("load"), p.page.locator('main form[action*="/login/link"] button').click()]);
    return { said: await told(p) };
  },
  async open(p, { path }) {
    await p.page.goto(path, { waitUntil: "load" });
    return { said: await told(p) };
  },
  async follow(p, { link }) {
    await p.page.goto(link, { waitUntil: "load" });
    await Promise.all([p.page.waitForEvent("load"), p.page.locator("main form button").first().click()]);
    return { path: new URL(p.page.url()).pathname, said: await p.page.locator("body").innerText() };
  },
  async basket(p, { register, variables }) {
    await open(p, `/catalogue/${register}`);
    for (const v of variables) await p.page.locator(`main input[name="variable"][value$="${v}"]`).first().check();
    await Promise.all([p.page.waitForEvent("load"), p.page.locator('main form[action*="/basket/add"] button[type=submit]').last().click()]);
    return { path: new URL(p.page.url()).pathname };
  },
  async login(p) {
    await p.page.context().clearCookies();
    await open(p, "/login?next=/logins");
    await press(p, '[data-passkey="get"]', (u) => u.pathname === "/logins");
    const said = await told(p);
    const level = /Tillitsnivå (\d)/.exec(said);
    if (!level) throw new Error("no level of assurance after a login");
    return { level: Number(level[1]) };
  },
  async enrol(p) {
    await open(p, "/logins/signing");
    const button = p.page.locator("[data-enrol] button");
    await button.click();
    await p.page.locator("[data-made]").waitFor({ state: "visible" });
    return { made: await p.page.locator("#made").inputValue(), fingerprint: await p.page.locator("[data-made] code").textContent() };
  },
  async sign(p, { page, send, fields }) {
    await open(p, page);
    for (const [name, value] of Object.entries(fields ?? {})) {
      const field = p.page.locator(`main [name="${name}"]`).first();
      if ((await field.getAttribute("type")) === "radio") await p.page.locator(`main [name="${name}"][value="${value}"]`).check();
      else if ((await field.getAttribute("type")) === "checkbox") await field.check();
      else if (await field.evaluate((e) => e.tagName === "SELECT")) await field.selectOption(value);
      else await field.fill(value);
    }
    return { status: await signs(p, send), said: await told(p) };
  },
  // swap hands the page the id of the passkey for logging in, as a counter that
  // has been taken over could: the vault's list does not know it.
  async swap(p, { page, send }) {
    await open(p, page);
    const { credentials } = await p.cdp.send("WebAuthn.getCredentials", { authenticatorId: p.authenticatorId });
    const resident = credentials.find((c) => c.isResidentCredential);
    if (!resident) throw new Error("no passkey for logging in");
    await p.page.evaluate((id) => { document.querySelector("[data-sign]").dataset.credentials = id; }, resident.credentialId.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, ""));
    const status = await signs(p, send);
    return { refused: status === 422, status };
  },
};

console.log(JSON.stringify({ origin }));
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  if (order.at) {
    counter = new URL(order.at);
    console.log("{}");
    continue;
  }
  const p = await person(order.who);
  try {
    const answer = await Promise.race([acts[order.do](p, order), new Promise((_, no) => setTimeout(() => no(new Error("nothing came in a minute")), 60_000).unref())]);
    if (p.faults.length) throw new Error(p.faults.join("; "));
    console.log(JSON.stringify(answer));
  } catch (e) {
    console.log(JSON.stringify({ error: `${order.who}, ${order.do}, ${new URL(p.page.url()).pathname}: ${e.message.split("\n")[0]}`, page: (await told(p).catch(() => "")).slice(0, 800) }));
  }
}
await browser.close();
proxy.closeAllConnections();
proxy.close();
