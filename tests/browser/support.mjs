// What the browser tests share: a server started for the test on a free port with a data folder of its own, and a Chromium that talks
// to this machine only.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, "../..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Starts a program that prints the address it answers on, alone on a line or within it. */
export async function start(program, args = []) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], cwd: root });
  let heard = "";
  const address = await new Promise((found, failed) => {
    const listen = (piece) => {
      heard += piece;
      const match = heard.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (match) found(match[0]);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", (piece) => { heard += piece; });
    child.on("error", failed);
    child.on("exit", (code) => failed(new Error(`${program} ended with ${code} before it gave an address:\n${heard}`)));
  });
  const stop = () => new Promise((done) => { child.on("exit", done); child.kill("SIGTERM"); });
  return { address, stop, heard: () => heard };
}

/** The whole product with the example company, on a data folder of its own. */
export async function startDemo(...more) {
  const data = mkdtempSync(join(tmpdir(), "claviger-browser-"));
  const program = process.env.CLAVIGER_BIN ?? join(target, "debug/claviger");
  const port = more.includes("--port") ? [] : ["--port", "0"];
  const server = await start(program, ["demo", ...port, "--data", data, ...more]);
  return { ...server, data, stop: async () => { await server.stop(); rmSync(data, { recursive: true, force: true }); } };
}

/** The pages over a make-believe desk. */
export const startPreview = () => start(process.env.CLAVIGER_PREVIEW ?? join(target, "debug/examples/web_preview"));

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

/** A person at a browser of their own. Whatever the page complains about fails the test in `quiet`. */
export async function person(browser, address, name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.route((url) => !/^127\.0\.0\.1|^localhost/.test(url.host), (route) => route.abort());
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // A page that says no (404, 409 …) is no fault of the script; what a policy blocks is.
    if (message.type() === "error" && !/status of 4\d\d|ERR_(INCOMPLETE|CONNECTION)/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(address + "/");
  if (name) {
    await page.locator("#everybody").getByRole("button", { name }).first().click();
    await page.waitForURL("**/chat");
    if (options.javaScriptEnabled !== false) await page.locator("body[data-live=on]").waitFor();
  }
  return {
    page, context, complaints,
    go: (path) => page.goto(address + path),
    say: async (words) => {
      await page.getByLabel("Your message").fill(words);
      await page.getByRole("button", { name: "Send" }).click();
    },
    card: (text) => page.locator("[data-card]").filter({ hasText: text }).last(),
    quiet: () => assert.deepEqual(complaints, []),
    leave: () => context.close(),
  };
}

/** Fails on any finding of axe-core (WCAG 2.2 A and AA, and its good practices). */
export async function accessible(page, where) {
  // The stylesheet's transitions must have ended: a colour halfway to another has no contrast to speak of.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  const said = found.violations.map((v) => `${v.id}: ${v.help} at ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join("; ")}`);
  assert.deepEqual(said, [], where);
}

/** Nothing sticks out to the side. */
export async function fits(page, where) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${where}: ${over} pixels too wide`);
}

export async function picture(page, name, options = {}) {
  const folder = join(target, "screenshots");
  mkdirSync(folder, { recursive: true });
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
  await page.screenshot({ path: join(folder, `${name}.png`), ...options });
}
