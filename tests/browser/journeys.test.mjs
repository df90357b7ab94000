// The journeys a person makes, against the whole product: `claviger demo` on a free port with a data folder of its own.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { accessible, fits, launch, person, picture, startDemo } from "./support.mjs";

const ASK = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";
const TITLE = "Q3 sales reports EMEA (read)";
let server, browser;
before(async () => { server = await startDemo(); browser = await launch(); });
after(async () => { await browser?.close(); await server?.stop(); });
const as = (name, options) => person(browser, server.address, name, options);

const draft = (who) => who.page.locator("[data-card]").filter({ has: who.page.getByText("Not filed yet", { exact: true }) }).last();
const standing = (who, word) => who.page.locator("[data-card]").filter({ has: who.page.locator(".badge", { hasText: word }) }).last();
const fact = (card, label) => card.locator(".facts > div").filter({ has: card.page().locator("dt", { hasText: new RegExp(`^${label}$`) }) }).locator("dd");

/** True once the room behind a door can be entered (or cannot any more); the page follows by itself. */
const room = async (who, open) => {
  await who.go("/apps");
  await who.page.getByRole("link", { name: TITLE }).first().click();
  await who.page.getByText(open ? "You are in." : "closed to you").waitFor();
};

test("1: the demo says plainly that anyone can be anyone, on this machine only", async () => {
  const first = await as(null);
  await first.page.getByText("This is a demo.").waitFor();
  await first.page.getByText("served to this machine only").waitFor();
  assert.ok(await first.page.locator("#everybody button").count() > 100, "everybody of the company is there");
  await first.page.getByLabel("Find somebody").fill("data scientist");
  assert.ok(await first.page.locator("#everybody li:visible").count() < 15);
  await accessible(first.page, "the first page");
  first.quiet();
  await first.leave();
});

test("2: a sales analyst asks, corrects, submits, holds it, gives it back", async () => {
  const ana = await as("Ana Kovač");
  await room(ana, false);
  await ana.go("/chat");
  await ana.say(ASK);
  await draft(ana).waitFor();
  const asked = draft(ana);
  assert.match(await asked.innerText(), /Q3 sales reports EMEA \(read\)/);
  assert.match(await fact(asked, "Until").innerText(), /23:59|00:00|end of/i, "an absolute end");
  assert.match(await asked.innerText(), /board deck/);
  await asked.locator(".score").waitFor();
  const before = await fact(asked, "Until").innerText();
  await picture(ana.page, "chat");
  await accessible(ana.page, "the read-back");
  await ana.say("make it two weeks");
  await ana.page.waitForFunction((old) => [...document.querySelectorAll("[data-card]")]
    .some((card) => card.innerText.includes("Not filed yet") && !card.innerText.includes(old)), before);
  await draft(ana).getByRole("button", { name: "Submit" }).click();
  await standing(ana, "Active").waitFor();
  await room(ana, true);
  await ana.go("/mine");
  const held = ana.page.locator("#access [data-card]").filter({ hasText: TITLE });
  await held.getByText("I'm done with it", { exact: true }).first().click();
  await held.locator("form").getByRole("button", { name: /I'm done with it/ }).click();
  await ana.page.locator("#access").getByText("You hold nothing that was given here.").or(ana.page.locator("#access .badge", { hasText: "End" })).first().waitFor();
  await room(ana, false);
  ana.quiet();
  await ana.leave();
});

test("3: a marketing analyst asks for the same, and her manager decides", async () => {
  const mira = await as("Mira Okafor"), claire = await as("Claire Fontaine");
  await claire.go("/inbox");
  const file = async () => {
    await mira.say(ASK);
    await draft(mira).getByRole("button", { name: "Submit" }).click();
    await standing(mira, "Waiting").waitFor();
  };
  await file();
  const card = claire.page.locator("#decisions [data-card]").filter({ hasText: "Mira Okafor" });
  await card.waitFor();
  await claire.page.getByRole("link", { name: /Inbox.*1.*waiting/ }).waitFor();
  assert.ok(await card.locator(".bars li").count() > 0, "the factors are bars");
  await fact(card, "Why you").waitFor();
  await claire.page.setViewportSize({ width: 1280, height: 1000 });
  await picture(claire.page, "approval");
  await accessible(claire.page, "the approver's card");
  await claire.page.setViewportSize({ width: 390, height: 844 });
  await picture(claire.page, "approval-small");
  await fits(claire.page, "the approver's card, small");
  await claire.page.setViewportSize({ width: 1280, height: 900 });

  await card.getByText("Ask", { exact: true }).first().click();
  await card.getByLabel("What do you want to know?").fill("Which board deck?");
  await card.locator("details[open]").getByRole("button").click();
  await mira.page.getByText("Which board deck?").first().waitFor();

  await card.getByText("Deny", { exact: true }).first().click();
  await card.getByLabel(/Why not/).fill("The summary is enough for the deck.");
  await card.locator("details[open]").getByRole("button").click();
  await claire.page.getByText("Nothing waits for your decision.").waitFor();
  await standing(mira, "Denied").getByText("The summary is enough for the deck.").waitFor();
  await standing(mira, "Denied").getByText("Claire Fontaine").first().waitFor();

  await file();
  await card.waitFor();
  await card.getByText("Approve for less time", { exact: true }).first().click();
  await card.getByLabel(/Until when/).fill("tomorrow");
  await card.locator("details[open]").getByRole("button").click();
  await standing(mira, "Active").waitFor();
  await room(mira, true);
  mira.quiet(); claire.quiet();
  await mira.leave(); await claire.leave();
});

test("4: the production database goes to security; two sides of a payment are never in one hand; a contractor's access ends", async () => {
  const elena = await as("Elena Popescu"), grace = await as("Grace Mbeki"), nikhil = await as("Nikhil Rao");
  await elena.say("I need permanent read access to the production database, to train the churn model");
  const card = draft(elena);
  await card.waitFor();
  assert.match(await fact(card, "Who decides").innerText(), /security/i);
  // 74 or 75 in office hours (tests/it/journeys.rs has the clock for that), a little more at night or on a Sunday.
  const score = Number(await card.locator(".score strong").innerText());
  assert.ok(score >= 74 && score <= 80, `${score} points`);

  await grace.say("I need to release payments until Friday, for the month end");
  const refused = standing(grace, "Not allowed");
  await refused.waitFor();
  assert.match(await refused.innerText(), /SOD-FI-001/);
  assert.equal(await refused.getByRole("button", { name: "Submit", exact: true }).count(), 0);

  await nikhil.say("I need to look at the feature flags forever, for the migration");
  await draft(nikhil).waitFor();
  assert.match(await fact(draft(nikhil), "Until").innerText(), /20\d\d/, "an end with a date");
  for (const one of [elena, grace, nikhil]) { one.quiet(); await one.leave(); }
});

test("6: what one has, what became of a request, who decides and why not are answered from the record", async () => {
  const mira = await as("Mira Okafor");
  const answered = async (words, pattern) => {
    await mira.say(words);
    // The answer follows the question; a card that is shown again moves down to its newest place.
    const question = mira.page.locator("#thread > .mine").filter({ hasText: words }).last();
    await question.waitFor();
    const answer = mira.page.locator("#thread > .theirs:last-child");
    await answer.waitFor();
    assert.match(await answer.innerText(), pattern, words);
  };
  await answered("What do I have?", /Q3 sales reports EMEA/);
  await answered("What happened to my request?", /Active|approved|Claire/i);
  await answered("Who approves the production database?", /security|Adler/i);
  await answered("Why was I denied?", /The summary is enough|Claire/i);
  await mira.go("/mine");
  await accessible(mira.page, "/mine");
  mira.quiet();
  await mira.leave();
});
