// Two people in two Microsoft 365 Agents Playgrounds, each in a Chromium page, before a bot that checks every token: between them stands a
// gateway that signs what the Playgrounds send, as the Bot Connector would. The Playground's licence is for evaluation only; it is
// installed by whoever runs this (`npm install` in this folder) and is no part of this project.
//
// Started by the test `teams::playground`. Prints the gateway's port, reads the bot's address from its input, then drives the journey.
import crypto from "node:crypto";
import http from "node:http";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";

const APP = process.env.TEAMS_APP, TENANT = process.env.TEAMS_TENANT;
const people = JSON.parse(process.env.TEAMS_PEOPLE); // [{ id, name, entra }]
const shots = process.env.TEAMS_SHOTS;
const kid = crypto.randomUUID();
const { privateKey, publicKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const jwk = { ...publicKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256", endorsements: ["msteams"] };
const sign = (claims) => {
  const head = `${part({ typ: "JWT", alg: "RS256", kid })}.${part(claims)}`;
  return `${head}.${crypto.sign("RSA-SHA256", Buffer.from(head), privateKey).toString("base64url")}`;
};

let bot;
const seen = [];
const gateway = http.createServer((request, response) => {
  const say = (value) => { response.setHeader("content-type", "application/json"); response.end(JSON.stringify(value)); };
  const port = gateway.address().port;
  if (request.url === "/openid") return say({ issuer: "https://api.botframework.com", jwks_uri: `http://127.0.0.1:${port}/keys` });
  if (request.url === "/keys") return say({ keys: [jwk] });
  if (request.url.endsWith("/oauth2/v2.0/token")) return say({ access_token: "playground", expires_in: 3600, token_type: "Bearer" });
  let body = "";
  request.on("data", (piece) => { body += piece; });
  request.on("end", async () => {
    if (request.method !== "POST") { response.statusCode = 405; return response.end(); }
    const activity = JSON.parse(body), now = Math.floor(Date.now() / 1000);
    seen.push(activity);
    const claims = { iss: "https://api.botframework.com", aud: APP, nbf: now - 300, exp: now + 3600, serviceurl: activity.serviceUrl };
    const answer = await fetch(bot, {
      method: "POST", body, headers: { "content-type": "application/json", authorization: `Bearer ${sign(claims)}` },
    });
    response.statusCode = answer.status;
    response.setHeader("content-type", answer.headers.get("content-type") ?? "application/json");
    response.end(await answer.text());
  });
});

const folder = mkdtempSync(join(tmpdir(), "claviger-playground-"));
const children = [];
const cli = join(dirname(createRequire(import.meta.url).resolve("@microsoft/m365agentsplayground/package.json")), "cli.js");

/** A Playground for one of them; it says itself where it listens. */
function playground(n) {
  const entry = (one, k) => `${k}id: 29:${one.id}\n${k.replace("-", " ")}name: ${one.name}\n${k.replace("-", " ")}userPrincipleName: ${one.id}@acme.example\n`
    + `${k.replace("-", " ")}aadObjectId: ${one.entra}\n${k.replace("-", " ")}givenName: ${one.name.split(" ")[0]}\n`
    + `${k.replace("-", " ")}surname: ${one.name.split(" ")[1]}\n${k.replace("-", " ")}email: ${one.id}@acme.example\n`;
  const extras = [1, 2, 3, 4].map((k) => ({ id: `extra-${k}`, name: `Extra ${k}er`, entra: `0e000000-0000-0000-0000-00000000000${k}` }));
  // The Playground wants five besides the one who uses it.
  const others = [...people.filter((one) => one !== people[n]), ...extras];
  const home = join(folder, people[n].id);
  mkdirSync(home);
  writeFileSync(join(home, ".m365agentsplayground.yml"), `version: "0.1.1"\ntenantId: ${TENANT}\nbot:\n  id: 28:${APP}\n  name: Claviger\n`
    + `currentUser:\n${entry(people[n], "  ")}users:\n${others.map((one) => entry(one, "  - ")).join("")}`
    + `personalChat:\n  id: a:${people[n].id}\ngroupChat:\n  id: 19:group@thread.v2\n  name: Group Chat\n`
    + `team:\n  id: team-id\n  name: Acme\n  aadGroupId: 0f000000-0000-0000-0000-000000000001\n  channels:\n`
    + `    - id: 19:approvals@thread.tacv2\n      name: Approvals\n`);
  const endpoint = `http://127.0.0.1:${gateway.address().port}/api/messages`;
  const port = String(56150 + n * 7 + (process.pid % 500) * 20 % 5000);
  const child = spawn(process.execPath, [cli, "start", "-e", endpoint, "-c", "msteams", "-p", port, "--disable-telemetry", "true"], { cwd: home });
  children.push(child);
  return new Promise((found, failed) => {
    let heard = "";
    const listen = (piece) => {
      heard += piece;
      const match = heard.match(/Listening on (\d+)/);
      if (match) found(`http://127.0.0.1:${match[1]}/`);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.on("exit", (code) => {
      if (code) console.error(`the Playground ended with ${code}:\n${heard}\n${readFileSync(join(home, "devTools/m365agentsplayground.log"), "utf8")}`);
      failed(new Error(`the Playground ended with ${code}`));
    });
  });
}

async function open(browser, n) {
  const address = await playground(n);
  const page = await (await browser.newContext({ viewport: { width: 1300, height: 1100 } })).newPage();
  await page.route((url) => !/^(http|ws)s?:\/\/(127\.0\.0\.1|localhost)/.test(url.href), (route) => route.abort());
  // It says that it listens a little before it does.
  for (let tries = 0; ; tries++) {
    try { await page.goto(address, { waitUntil: "domcontentloaded" }); break; }
    catch (error) { if (tries === 60) throw error; await page.waitForTimeout(500); }
  }
  await page.getByRole("textbox").first().waitFor();
  await page.waitForTimeout(1500); // until the page has connected
  const shot = async (name) => page.screenshot({ path: join(shots, `teams-playground-${name}.png`) });
  const say = async (words) => {
    await page.getByRole("textbox").last().click();
    await page.keyboard.type(words);
    await page.keyboard.press("Enter");
  };
  const reads = (words) => page.getByText(words).last().waitFor({ timeout: 20_000 });
  const press = (label) => page.getByRole("button", { name: label, exact: true }).last().click({ timeout: 20_000 });
  return { page, say, reads, press, shot };
}

async function journey(browser) {
  const asker = await open(browser, 0), decider = await open(browser, 1);
  // Nobody knows yet whose accounts these are: each is sent a link, opens it signed in, and says that it is theirs.
  for (const [n, one] of [asker, decider].entries()) {
    await one.say("hello");
    await one.reads("First, tell me who you are");
    if (!n) await one.shot("0-first");
    const link = await one.page.locator('a[href^="https://access.example/link/"]').last().getAttribute("href");
    console.log(`link ${people[n].id} ${link.split("/link/")[1]}`);
    await one.reads("This account is linked now");
  }
  await decider.say("hello");
  await decider.reads("Tell me what access you need");
  await asker.say("I need read access to the Q3 sales reports for EMEA until Friday, for the board deck");
  await asker.reads("Q3 sales reports EMEA");
  await asker.shot("1-read-back");
  await asker.press("Submit");
  await decider.reads("asks for Q3 sales reports EMEA");
  await decider.shot("2-to-decide");
  await decider.press("Approve");
  await asker.reads("Active");
  await decider.page.waitForTimeout(1500);
  await decider.shot("3-approved");
  await asker.shot("4-active");
  assert.equal(await decider.page.getByRole("button", { name: "Approve", exact: true }).count(), 0, "no dead buttons");

  await asker.say("I need read access to the Q3 sales reports for APAC until Friday, for the board deck");
  await asker.press("Submit");
  await decider.page.getByRole("button", { name: "Deny", exact: true }).last().waitFor({ timeout: 20_000 });
  await decider.press("Deny");
  await decider.page.getByRole("textbox", { name: /Why/ }).last().fill("Use the public summary");
  await decider.shot("5-denying");
  await decider.press("Deny"); // the one in the form
  await asker.reads("Use the public summary");
  await asker.shot("6-denied");
  const invokes = seen.filter((one) => one.name === "adaptiveCard/action").length;
  assert.ok(invokes >= 3, `${invokes} clicks came as Action.Execute`);
}

mkdirSync(shots, { recursive: true });
await new Promise((done) => gateway.listen(0, "127.0.0.1", done));
console.log(`gateway ${gateway.address().port}`);
for await (const line of createInterface({ input: process.stdin })) { bot = line.trim(); break; }
let browser, failed;
try {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  await journey(browser);
} catch (error) {
  failed = error;
  for (const [n, page] of (browser?.contexts() ?? []).flatMap((c) => c.pages()).entries()) {
    await page.screenshot({ path: join(shots, `teams-playground-failed-${n}.png`) }).catch(() => {});
  }
}
await browser?.close();
children.forEach((child) => child.kill());
rmSync(folder, { recursive: true, force: true });
if (failed) { console.error(failed); process.exit(1); }
console.log("done");
process.exit(0);
