// A lock taken off, from the question to the directory: the product as it is served, a real OpenLDAP in which wrong passwords lock an
// account, and an OpenID Connect provider whose pages are filled in. tests/run starts both servers.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessible, fits, launch, picture, root } from "./support.mjs";

const provider = process.env.CLAVIGER_TEST_OIDC, directory = process.env.CLAVIGER_TEST_OPENLDAP;
const skip = provider && directory ? false : "CLAVIGER_TEST_OIDC and CLAVIGER_TEST_OPENLDAP name no servers; tests/run starts them";
const program = process.env.CLAVIGER_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/claviger");
const DN = "uid=tom.fischer,ou=people,dc=example,dc=test", INVALID = 49;

const freePort = () => new Promise((found) => {
  const server = createServer().listen(0, "127.0.0.1", () => { const { port } = server.address(); server.close(() => found(port)); });
});

/** One simple bind (RFC 4511 §4.2); the result's code. */
function bind(password) {
  const tlv = (tag, ...parts) => { const body = Buffer.concat(parts); return Buffer.concat([Buffer.from([tag, body.length]), body]); };
  const request = tlv(0x60, tlv(0x02, Buffer.from([3])), tlv(0x04, Buffer.from(DN)), tlv(0x80, Buffer.from(password)));
  const { hostname, port } = new URL(directory);
  return new Promise((done, failed) => {
    const socket = connect(Number(port), hostname, () => socket.write(tlv(0x30, tlv(0x02, Buffer.from([1])), request)));
    socket.on("error", failed);
    // The answer's tag, its length, and the head of the code stand before the code itself.
    socket.on("data", (answer) => { socket.end(); done(answer[answer.indexOf(0x61) + 4]); });
  });
}

async function until(what, holds) {
  for (let n = 0; n < 300; n += 1) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${what} did not come about`);
}

async function atTheProvider(page) {
  await page.getByRole("heading", { name: "Authorize Client" }).waitFor();
  await page.getByPlaceholder("sub").fill("tom.fischer");
  await page.getByRole("button", { name: "Authorize", exact: true }).click();
}

describe("a lock taken off, through a browser", { skip }, () => {
  const folder = skip ? "" : mkdtempSync(join(tmpdir(), "claviger-unlock-"));
  let browser, page, server, ended, address, heard = "";
  before(async () => {
    const port = await freePort(), config = join(folder, "claviger.toml");
    address = `http://localhost:${port}`;
    writeFileSync(config, [
      "[http]", `listen = "127.0.0.1:${port}"`, `public_url = "${address}/"`,
      "[storage]", `data_dir = "${join(folder, "data")}"`, "[catalog]", `folder = "${join(root, "catalog")}"`,
      "[sign_in]", `issuer = "${provider}"`, 'client_id = "claviger"', 'client_secret = "only for tests"', 'person_from = "subject"', 'name = "Example login"',
      "[directories.ldap]", 'kind = "openldap"', `url = "${directory}"`, 'bind_dn = "cn=claviger,ou=services,dc=example,dc=test"',
      'bind_password = "reader-secret"', 'people = "ou=people,dc=example,dc=test"', 'policy = "cn=default,ou=policies,dc=example,dc=test"',
      "unlock = true", 'unlock_dn = "cn=claviger-unlock,ou=services,dc=example,dc=test"', 'unlock_password = "unlock-secret"', "",
    ].join("\n"));
    server = spawn(program, ["serve", "--config", config], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [server.stdout, server.stderr]) stream.on("data", (piece) => { heard += piece; });
    ended = new Promise((done) => server.on("exit", done));
    await until("the product", () => {
      if (server.exitCode !== null) throw new Error(`it ended:\n${heard}`);
      return fetch(`${address}/health/ready`).then((r) => r.ok, () => false);
    });
    browser = await launch();
    const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
    await context.route((url) => !/^127\.0\.0\.1|^localhost/.test(url.host), (route) => route.abort());
    page = await context.newPage();
  });
  after(async () => {
    await browser?.close();
    server?.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  test("asked, confirmed by signing in again, and done", async () => {
    for (let n = 0; n < 3; n += 1) assert.equal(await bind("wrong"), INVALID);
    assert.equal(await bind("right-1"), INVALID, "it is locked");
    await page.goto(address);
    await page.getByRole("link", { name: /Sign in with Example login/ }).or(page.getByRole("button", { name: /Sign in with Example login/ })).first().click();
    await atTheProvider(page);
    await page.getByText("Tom Fischer").first().waitFor();
    await page.goto(`${address}/chat`);
    await page.locator("body[data-live=on]").waitFor();
    await page.getByLabel("Your message").fill("unlock me");
    await page.getByRole("button", { name: "Send" }).click();
    const button = page.getByRole("button", { name: "Unlock my account…" }).last();
    await button.waitFor();
    await accessible(page, "the explanation with the button");
    await picture(page, "unlock-offered", { fullPage: true });
    await button.click();
    // The web is no exception: it has to be confirmed.
    await page.waitForURL("**/confirm/*");
    await page.getByText("Nothing done yet").waitFor();
    assert.match(await page.locator("main").innerText(), /use a passkey[\s\S]*Unlock an account[\s\S]*Tom Fischer/);
    await accessible(page, "confirming an unlock");
    await picture(page, "unlock-confirm", { fullPage: true });
    await page.setViewportSize({ width: 390, height: 844 });
    await fits(page, "confirming an unlock on a phone");
    await picture(page, "unlock-confirm-phone", { fullPage: true });
    await page.setViewportSize({ width: 1280, height: 1000 });
    const link = page.url();
    assert.equal(await bind("right-1"), INVALID, "the click alone did nothing");
    const claims = JSON.stringify({ auth_time: Math.floor(Date.now() / 1000) });
    const told = await fetch(`${provider}/users/tom.fischer`, { method: "PUT", headers: { "content-type": "application/json" }, body: claims });
    assert.ok(told.ok, `${told.status}`);
    await page.getByRole("link", { name: "Sign in again with Example login" }).click();
    await atTheProvider(page);
    await page.getByText("one click is left").waitFor();
    assert.equal(await bind("right-1"), INVALID, "a proof alone did nothing");
    await page.locator("section.proof").getByRole("button", { name: "Unlock the account" }).click();
    await page.getByText("You confirmed it.").first().waitFor();
    await accessible(page, "what is said after confirming");
    await picture(page, "unlock-ordered");
    await until("an open account", async () => await bind("right-1") === 0);
    await page.goto(`${address}/chat`);
    await page.getByText("Your account is unlocked").first().waitFor();
    await accessible(page, "what is said in the chat");
    await picture(page, "unlock-done");
    // The link was good for one use, and there is nothing to unlock.
    await page.goto(link);
    await page.getByText("used already").waitFor();
  });
});
