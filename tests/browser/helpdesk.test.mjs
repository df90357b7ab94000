// What the helpdesk answers, in the chat: a tall answer is read from its top, and its receipts are folded with their number.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessible, fits, launch, person, picture, root, startDemo } from "./support.mjs";

let server, browser, folder;
before(async () => {
  server = await startDemo();
  browser = await launch();
  // The sample's sign-ins, moved so that the last of them was ten minutes ago.
  const sample = readFileSync(join(root, "examples/lockout.jsonl"), "utf8");
  const moments = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
  const last = Math.max(...sample.match(moments).map((at) => Date.parse(at)));
  const by = Date.now() - 600_000 - last;
  folder = mkdtempSync(join(tmpdir(), "claviger-sample-"));
  const file = join(folder, "events.jsonl");
  writeFileSync(file, sample.replace(moments, (at) => new Date(Date.parse(at) + by).toISOString()));
  const program = process.env.CLAVIGER_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/claviger");
  execFileSync(program, ["helpdesk", "ingest", "--data-dir", server.data, file], { stdio: "ignore" });
});
after(async () => { await browser?.close(); await server?.stop(); if (folder) rmSync(folder, { recursive: true, force: true }); });

/** Where the newest card begins and ends in the view, and how high the view is above the field. */
const newest = (page) => page.evaluate(() => {
  const card = [...document.querySelectorAll("#thread > li")].at(-1).getBoundingClientRect();
  return { top: card.top, bottom: card.bottom, floor: document.querySelector("[data-composer]").getBoundingClientRect().top };
});
/** Waits until what is seen of the newest card is so, and still is a moment later: the page scrolls there by and by. */
async function comes(page, what, so) {
  let seen, before = false;
  for (let n = 0; n < 120; n++) {
    seen = await newest(page);
    const now = so(seen);
    if (now && before) return;
    before = now;
    await page.waitForTimeout(250);
  }
  assert.fail(`${what}: ${JSON.stringify(seen)}`);
}

for (const [name, viewport] of [["wide", { width: 1280, height: 700 }], ["narrow", { width: 390, height: 700 }]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`a tall answer is shown from its top: ${name}, ${colorScheme}`, async () => {
      const ana = await person(browser, server.address, "Ana Kovač", { viewport, colorScheme });
      assert.equal(await ana.page.getByLabel("Your message").getAttribute("placeholder"), "Ask for access, or why you cannot sign in");
      await ana.say("what can I ask for?");
      await ana.card("What you can ask for").waitFor();
      await comes(ana.page, "the card is taller than the view, and its top is in it", (seen) => seen.bottom - seen.top > seen.floor && seen.top >= 0 && seen.top < 160);
      await picture(ana.page, `tall-${name}-${colorScheme}`);
      // The same where the page is opened anew.
      await ana.go("/chat");
      await comes(ana.page, "opened anew", (seen) => seen.top >= 0 && seen.top < 160);

      await ana.say("why was I locked out?");
      const answer = ana.card("Why you could not sign in");
      await answer.waitFor();
      await comes(ana.page, "the answer begins in view", (seen) => seen.top >= 0 && seen.top < seen.floor);
      const receipts = answer.locator("details.receipts");
      assert.match(await receipts.locator("summary").innerText(), /^\d+ receipts?$/);
      assert.equal(await receipts.locator("li").first().isVisible(), false, "receipts are folded");
      await picture(ana.page, `lockout-${name}-${colorScheme}`);
      await receipts.locator("summary").click();
      assert.equal(await receipts.locator("li").first().isVisible(), true);
      await picture(ana.page, `receipts-${name}-${colorScheme}`);
      await fits(ana.page, `the answer, ${name}`);
      await accessible(ana.page, `the answer, ${name}, ${colorScheme}`);
      // A short answer is shown to its end.
      await ana.say("hello");
      await ana.card("Hello Ana").waitFor();
      await comes(ana.page, "a short one is whole in view", (seen) => seen.bottom <= seen.floor + 1);
      ana.quiet();
      await ana.leave();
    });
  }
}
