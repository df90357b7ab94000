// Every golden Teams card in Microsoft's own renderer: nothing is dropped, every button and field is there, a click gives back our token.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { launch, root } from "./support.mjs";

const golden = join(root, "tests/chat/golden");
const shots = join(root, "target/screenshots");
const renderer = readFileSync(createRequire(import.meta.url).resolve("adaptivecards/dist/adaptivecards.min.js"), "utf8");
const files = readdirSync(golden).filter((name) => name.startsWith("teams__"));

/** The JSON behind a snapshot's header. */
const payload = (name) => JSON.parse(readFileSync(join(golden, name), "utf8").split("\n---\n").slice(1).join("\n---\n"));

/** Everything of a kind in a card, but not what only stands in for it. */
function all(node, fits, found = []) {
  if (Array.isArray(node)) node.forEach((one) => all(one, fits, found));
  else if (node && typeof node === "object") {
    if (fits(node)) found.push(node);
    for (const [key, value] of Object.entries(node)) if (key !== "fallback") all(value, fits, found);
  }
  return found;
}

let browser, page;
before(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launch();
  page = await browser.newPage({ viewport: { width: 480, height: 900 } });
  await page.route(() => true, (route) => route.abort());
  await page.setContent("<!doctype html><html lang=en><title>cards</title><body style='font:14px sans-serif;margin:12px'><main id=card></main>");
  await page.addScriptTag({ content: renderer });
});
after(() => browser?.close());

/** Renders a card, by day or by night, and says what came of it. */
const render = (card, night = false) => page.evaluate(([card, night]) => {
  const adaptive = new AdaptiveCards.AdaptiveCard();
  const colours = ["#f0f0f0", "#d6e6fb", "#d5f0df", "#fdeccb", "#f9d5d5"], dark = ["#2d2c2c", "#1f3350", "#1c3b2a", "#4a3a15", "#4d2323"];
  const styles = ["emphasis", "accent", "good", "warning", "attention"];
  const ink = { default: { default: "#ffffff", subtle: "#c8c6c4" }, accent: { default: "#a6a7fa", subtle: "#a6a7fa" } };
  const style = (backgroundColor) => (night ? { backgroundColor, foregroundColors: ink } : { backgroundColor });
  adaptive.hostConfig = new AdaptiveCards.HostConfig({
    fontFamily: "sans-serif",
    actions: { maxActions: 6, showCard: { actionMode: "inline" } },
    containerStyles: {
      default: style(night ? "#1f1f1f" : "#ffffff"),
      ...Object.fromEntries(styles.map((name, n) => [name, style((night ? dark : colours)[n])])),
    },
  });
  window.sent = [];
  adaptive.onExecuteAction = (action) => window.sent.push({ type: action.getJsonTypeName(), verb: action.verb, data: action.data });
  const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5);
  adaptive.parse(card, context);
  const holder = document.getElementById("card");
  holder.replaceChildren(adaptive.render());
  const events = [];
  for (let n = 0; n < context.eventCount; n++) events.push(context.getEventAt(n).message);
  return {
    events,
    invalid: adaptive.validateProperties().validationEvents.map((event) => event.message),
    text: holder.textContent,
    links: [...holder.querySelectorAll("a[href]")].map((link) => link.href),
    markup: holder.querySelectorAll("script, iframe, img").length,
  };
}, [card, night]);

test("there are cards to render", () => assert.ok(files.length >= 10, `${files.length} cards in ${golden}`));

for (const file of files) {
  test(`${file} is rendered whole`, async () => {
    const card = payload(file).attachments[0].content;
    const { events, invalid, text, links, markup } = await render(card);
    assert.deepEqual(events, []);
    assert.deepEqual(invalid, []);
    assert.equal(markup, 0, "nothing but words, links to our own pages and buttons");
    for (const link of links) assert.ok(link.startsWith("https://access.example/"), link);
    for (const run of all({ body: card.body }, (node) => node.type === "TextRun" || node.type === "TextBlock")) {
      assert.ok(text.includes(run.text.trim()), `“${run.text}” is not shown`);
    }
    const shown = await page.getByRole("button").evaluateAll((list) => list.map((one) => one.textContent));
    for (const action of card.actions.filter((one) => one.mode !== "secondary")) {
      assert.ok(shown.includes(action.title), `no button “${action.title}” among ${shown}`);
    }
    for (const action of card.actions.filter((one) => one.type === "Action.ShowCard")) {
      await page.getByRole("button", { name: action.title, exact: true }).first().click();
      const inputs = all(action.card.body, (node) => String(node.type).startsWith("Input."));
      for (const input of inputs) assert.ok(await page.getByText(input.label).first().isVisible(), `no field “${input.label}”`);
    }
    await page.locator("#card").screenshot({ path: join(shots, file.replace("__", "-").replace(".snap", ".png")) });
  });
}

// Teams shows cards from about 300 pixels (a phone, the side panel) up to the width of a meeting room's screen.
for (const [width, night] of [[320, false], [320, true], [900, false], [900, true]]) {
  test(`bars of the score stay bars, ${width} pixels wide, by ${night ? "night" : "day"}`, async () => {
    await page.setViewportSize({ width, height: 900 });
    for (const name of ["to_decide", "draft_risky"]) {
      await render(payload(`teams__${name}.snap`).attachments[0].content, night);
      const seen = await page.evaluate(() => {
        const holder = document.getElementById("card"), box = (node) => node.getBoundingClientRect();
        const bars = [...holder.querySelectorAll(".ac-columnSet")].map((set) => [...set.querySelectorAll(".ac-container")])
          .filter((columns) => /[█▒]/.test(columns[0]?.textContent ?? ""));
        const lines = (node) => {
          const range = document.createRange();
          range.selectNodeContents(node);
          return new Set([...range.getClientRects()].map((rect) => Math.round(rect.bottom))).size;
        };
        return {
          over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          bars: bars.map(([lead, words]) => ({
            lines: lines(lead), words: box(words).width, beside: box(lead).right <= box(words).left, begins: Math.round(box(words).left),
            from: lead.textContent.search(/[█▒░]/),
          })),
        };
      });
      assert.equal(seen.over, 0, "nothing sticks out");
      assert.ok(seen.bars.length >= 3, `${name}: ${seen.bars.length} bars`);
      for (const bar of seen.bars) {
        assert.equal(bar.lines, 1, "a number and its bar are one line");
        assert.ok(bar.beside && bar.words >= 150, `${name}: ${bar.words} pixels for the words, beside: ${bar.beside}`);
      }
      assert.equal(new Set(seen.bars.map((bar) => `${bar.begins} ${bar.from}`)).size, 1, "all begin below one another");
      await page.locator("#card").screenshot({ path: join(shots, `teams-${name}-${width}-${night ? "night" : "day"}.png`) });
    }
    await page.setViewportSize({ width: 480, height: 900 });
  });
}

test("a form sends the token and its own fields, and not before it is filled in", async () => {
  const card = payload("teams__by_hand_approval.snap").attachments[0].content;
  await render(card);
  const deny = card.actions.find((one) => one.title === "Deny");
  const input = all(deny, (node) => node.type === "Input.Text")[0];
  await page.getByRole("button", { name: "Deny", exact: true }).first().click();
  const send = page.getByRole("button", { name: deny.card.actions[0].title, exact: true }).last();
  await send.click();
  assert.deepEqual(await page.evaluate(() => window.sent), [], "a required field was empty");
  await page.getByLabel(input.label).fill("Use the summary");
  await send.click();
  const [sent] = await page.evaluate(() => window.sent);
  assert.equal(sent.type, "Action.Execute");
  assert.equal(sent.verb, "deny");
  assert.equal(sent.data.token, deny.card.actions[0].data.token);
  assert.equal(sent.data[input.id], "Use the summary");
});
