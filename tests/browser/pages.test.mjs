// The pages themselves, over a make-believe desk (examples/web_preview.rs): with and without a script, by keyboard alone, for a screen
// reader, small and large, light and dark.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { accessible, fits, launch, person, startPreview } from "./support.mjs";

const ASK = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";
let server, browser;
before(async () => { server = await startPreview(); browser = await launch(); });
after(async () => { await browser?.close(); await server?.stop(); });
const as = (name, options) => person(browser, server.address, name, options);

test("a request is asked for, decided and followed without a page being loaded again", async () => {
  const ana = await as("Ana Kovač"), otto = await as("Otto Hahn");
  await otto.go("/inbox");
  await otto.page.evaluate(() => { globalThis.same = true; });
  await ana.page.evaluate(() => { globalThis.same = true; });
  await ana.say(ASK);
  await ana.card("Not asked for yet").getByRole("button", { name: "Submit" }).click();
  await ana.card("Waiting for a yes").waitFor();
  assert.equal(await ana.page.getByLabel("Your message").inputValue(), "");

  // It appears in the manager's inbox by itself, with its count.
  const decision = otto.card("Ana Kovač asks");
  await decision.waitFor();
  await otto.page.getByRole("link", { name: /Inbox.*1.*waiting/ }).waitFor();
  await decision.getByText("+18.0").waitFor();
  await decision.getByRole("button", { name: "Approve", exact: true }).click();
  await otto.page.getByText("Nothing waits for your decision.").waitFor();
  await otto.page.getByRole("status").getByText("Done: Otto Hahn said yes.").waitFor();

  await ana.card("Active").waitFor();
  assert.ok(await ana.page.evaluate(() => globalThis.same), "her page was not loaded again");
  assert.ok(await otto.page.evaluate(() => globalThis.same), "his page was not loaded again");
  await ana.go("/apps/insight:sales-emea.read");
  await ana.page.getByText("You are in.").waitFor();
  ana.quiet(); otto.quiet();
  await ana.leave(); await otto.leave();
});

test("what somebody is filling in is not taken from under their hands", async () => {
  const jun = await as("Jun Sato"), iris = await as("Iris Meier"), second = await as("Iris Meier");
  await jun.say(ASK);
  await jun.page.getByRole("button", { name: "Submit" }).click();
  await jun.card("Waiting for a yes").waitFor();
  await iris.go("/inbox"); await second.go("/inbox");
  await iris.card("Jun Sato asks").getByText("Deny", { exact: true }).first().click();
  const reason = iris.page.getByLabel("Reason, shown to whoever asked");
  await reason.waitFor();
  assert.ok(await reason.evaluate((node) => node === document.activeElement), "the field has the focus");
  await reason.fill("half a sen");
  await second.card("Jun Sato asks").getByRole("button", { name: "Approve", exact: true }).click();
  await iris.page.getByText("This changed while you were at it.").waitFor();
  assert.equal(await reason.inputValue(), "half a sen");
  await iris.card("Jun Sato asks").locator("form").getByRole("button", { name: "Deny" }).click();
  await iris.page.getByRole("alert").getByText("This was decided meanwhile.").waitFor();
  await jun.card("Active").waitFor();
  iris.quiet();
  for (const one of [jun, iris, second]) await one.leave();
});

test("the keyboard alone is enough", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(server.address);
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim().replace(/\s+/g, " "));
  const tabTo = async (text, most = 60) => {
    for (let n = 0; n < most; n += 1) { await press("Tab"); if ((await focused()).includes(text)) return; }
    assert.fail(`no way to “${text}” by the Tab key`);
  };
  await press("Tab");
  assert.equal(await focused(), "Skip to the content");
  await tabTo("Mara Lindt");
  await press("Enter");
  await page.waitForURL("**/chat");
  await page.locator("body[data-live=on]").waitFor();
  await page.keyboard.type(ASK);
  await press("Enter");
  await page.getByRole("button", { name: "Submit" }).waitFor();
  // Backwards from where one types to the card that was just shown.
  for (let n = 0; n < 20 && (await focused()) !== "Change the end"; n += 1) await press("Shift+Tab");
  await press("Enter");
  const field = page.getByLabel("Until", { exact: true });
  await field.waitFor();
  assert.ok(await field.evaluate((node) => node === document.activeElement));
  await press("Escape");
  assert.equal(await focused(), "Change the end", "Escape closes and gives the focus back");
  await press("Shift+Tab");
  assert.equal(await focused(), "Submit");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, "solid", "what has the focus shows it");
  await press("Enter");
  await page.getByText("Waiting for a yes").waitFor();
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY", "the focus is not lost");
  await context.close();
});

test("nothing needs a script", async () => {
  const options = { javaScriptEnabled: false };
  const paul = await as("Paul Weiss", options), ruth = await as("Ruth Klein", options);
  await paul.say(ASK);
  await paul.card("Not asked for yet").getByRole("button", { name: "Submit" }).click();
  await paul.card("Waiting for a yes").waitFor();
  await ruth.go("/inbox");
  const decision = ruth.card("Paul Weiss asks");
  await decision.getByText("Deny", { exact: true }).first().click();
  await ruth.page.getByLabel("Reason, shown to whoever asked").fill("not this quarter");
  await decision.locator("form").getByRole("button", { name: "Deny" }).click();
  await ruth.page.getByText("said no: not this quarter").waitFor();
  await paul.go("/mine");
  await paul.card("Denied").getByText("not this quarter").waitFor();
  await ruth.go("/people?q=security");
  assert.equal(await ruth.page.locator("#everybody button").count(), 1);
  await paul.leave(); await ruth.leave();
});

test("who types fast loses nothing, and who is cut off gets the words back", async () => {
  const raj = await as("Raj Patel");
  for (const words of ["one", "two", "three", "four"]) await raj.say(words);
  await raj.page.locator("#thread .mine").nth(3).waitFor();
  assert.deepEqual(await raj.page.locator("#thread .mine .words").allInnerTexts(), ["one", "two", "three", "four"]);
  await raj.say("too much");
  await raj.page.getByRole("alert").getByText("The desk is <b>closed</b>.").waitFor();
  assert.equal(await raj.page.getByLabel("Your message").inputValue(), "too much");
  await raj.context.route("**/chat", (route) => route.abort());
  await raj.say("five");
  await raj.page.getByRole("alert").getByText("That did not get through.").waitFor();
  assert.equal(await raj.page.getByLabel("Your message").inputValue(), "five");
  await raj.leave();
});

test("hostile words stay words", async () => {
  const eva = await as("Eva Stein");
  await eva.page.evaluate(() => { globalThis.alert = () => { globalThis.hurt = true; }; });
  await eva.say("I need <img src=x onerror=alert(1)> <script>alert(2)</script> \u202egnp.exe");
  await eva.card("Not asked for yet").waitFor();
  await eva.go("/chat");
  await eva.page.getByText("<script>alert(2)</script>").first().waitFor();
  assert.equal(await eva.page.locator("main img, main script").count(), 0);
  assert.equal(await eva.page.evaluate(() => globalThis.hurt), undefined);
  assert.ok(!(await eva.page.content()).includes("\u202e"));
  eva.quiet();
  await eva.leave();
});

for (const colorScheme of ["light", "dark"]) for (const [size, viewport] of [["wide", { width: 1280, height: 900 }], ["small", { width: 360, height: 740 }]]) {
  test(`every page is for everybody: ${colorScheme}, ${size}`, async () => {
    const first = await as(null, { colorScheme, viewport, reducedMotion: "reduce" });
    await accessible(first.page, "the first page"); await fits(first.page, "the first page");
    await first.leave();
    const mara = await as("Mara Lindt", { colorScheme, viewport, reducedMotion: "reduce" });
    await mara.go("/mine"); await accessible(mara.page, "/mine");
    await mara.go("/chat");
    await mara.say(ASK);
    await mara.card("Not asked for yet").waitFor();
    await accessible(mara.page, "/chat"); await fits(mara.page, "/chat");
    await mara.card("Not asked for yet").getByText("Change the end").click();
    await accessible(mara.page, "an open form"); await fits(mara.page, "an open form");
    await mara.page.keyboard.press("Escape");
    await mara.card("Not asked for yet").getByRole("button", { name: "Submit" }).click();
    await mara.card("Waiting for a yes").waitFor();
    for (const path of ["/mine", "/apps", "/apps/insight:sales-emea.read", "/nowhere"]) {
      await mara.go(path); await accessible(mara.page, path); await fits(mara.page, path);
    }
    mara.quiet();
    await mara.leave();
    const tom = await as("Tom Berg", { colorScheme, viewport, reducedMotion: "reduce" });
    await tom.go("/inbox"); await accessible(tom.page, "/inbox"); await fits(tom.page, "/inbox");
    tom.quiet();
    await tom.leave();
  });
}
