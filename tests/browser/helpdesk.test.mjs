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
const settled = (page) => page.waitForFunction(() => {
  const now = scrollY, before = globalThis.wasAt;
  globalThis.wasAt = now;
  return before === now && document.querySelectorAll("#thread > li").length > 0;
}, null, { polling: 300 });

for (const [name, viewport] of [["wide", { width: 1280, height: 700 }], ["narrow", { width: 390, height: 700 }]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`a tall answer is shown from its top: ${name}, ${colorScheme}`, async () => {
      const ana = await person(browser, server.address, "Ana Kovač", { viewport, colorScheme });
      assert.equal(await ana.page.getByLabel("Your message").getAttribute("placeholder"), "Ask for access, or why you cannot sign in");
      await ana.say("what can I ask for?");
      await ana.card("What you can ask for").waitFor();
      await settled(ana.page);
      let seen = await newest(ana.page);
      assert.ok(seen.bottom - seen.top > seen.floor, `the card is taller than the view: ${JSON.stringify(seen)}`);
      assert.ok(seen.top >= 0 && seen.top < 160, `its top is in view: ${JSON.stringify(seen)}`);
      await picture(ana.page, `tall-${name}-${colorScheme}`);
      // The same where the page is opened anew.
      await ana.go("/chat");
      await settled(ana.page);
      seen = await newest(ana.page);
      assert.ok(seen.top >= 0 && seen.top < 160, `opened anew: ${JSON.stringify(seen)}`);

      await ana.say("why was I locked out?");
      const answer = ana.card("Why you could not sign in");
      await answer.waitFor();
      await settled(ana.page);
      seen = await newest(ana.page);
      assert.ok(seen.top >= 0, `the answer begins in view: ${JSON.stringify(seen)}`);
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
      await settled(ana.page);
      seen = await newest(ana.page);
      assert.ok(seen.bottom <= seen.floor + 1, `a short one is whole in view: ${JSON.stringify(seen)}`);
      ana.quiet();
      await ana.leave();
    });
  }
}
