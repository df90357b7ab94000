// The journeys in local-slack, a Slack that runs on this machine (an npm package made by others, installed for the test and never kept):
// the whole product beside it, in both modes, with people who ask and people who decide, clicking in its page.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { launch, picture } from "./support.mjs";
import { ASK, PEOPLE, Seat, Workspace, buttons, missing, until } from "./local_slack.mjs";

for (const mode of ["socket", "http"]) {
  describe(`local-slack, ${mode} mode`, { skip: missing }, () => {
    const slack = new Workspace();
    let browser, page, seat;
    before(async () => {
      await slack.start(mode);
      for (const user of Object.keys(PEOPLE)) await slack.direct(user);
      browser = await launch();
      const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
      await context.route((url) => !/^127\.0\.0\.1|^localhost/.test(url.host), (route) => route.abort());
      page = await context.newPage();
      await page.goto(slack.address);
      seat = new Seat(page);
    });
    after(async () => { await browser?.close(); await slack.stop(); });

    test("ask, approve in the message, hold it", async () => {
      const mira = await slack.direct("U01MIRA"), claire = await slack.direct("U02CLAIRE");
      await seat.as("U01MIRA");
      await seat.write(ASK);
      await seat.button("Submit").waitFor();
      await picture(page, `slack-${mode}-draft`);
      await seat.button("Submit").click();
      await slack.ours(mira, /Waiting/);
      const asked = await slack.ours(claire, /Mira Okafor asks for/);
      const stale = buttons(asked).find((b) => b.text.text === "Approve");
      await seat.as("U02CLAIRE");
      await seat.button("Approve").waitFor();
      await picture(page, `slack-${mode}-approval`);
      await seat.button("Approve").click();
      await slack.ours(mira, /Active/);
      // The message that was clicked shows how it stands, and has no button to decide with.
      const after = await until("the decided card", async () => {
        const fresh = (await slack.messages(claire)).find((m) => m.ts === asked.ts);
        return buttons(fresh).every((b) => !/Approve|Deny/.test(b.text.text)) && fresh;
      });
      assert.match(JSON.stringify(after.blocks), /Approved|Active|approved/);
      await picture(page, `slack-${mode}-approved`);
      await seat.as("U01MIRA");
      await page.getByText("Active").last().waitFor();
      await picture(page, `slack-${mode}-active`);
      // A click that comes too late, as from a screen that was not drawn anew.
      const { type, action_id, value, text } = stale;
      await slack.control("interact", { channel: claire, messageTs: asked.ts, user: "U02CLAIRE", action: { type, action_id, value, text } });
      const told = await until("the refusal", async () => (await slack.messages(claire)).find((m) => m.ephemeral_to === "U02CLAIRE" || (m.subtype === "ephemeral")));
      assert.doesNotMatch(JSON.stringify(told), /went wrong|Reference/);
    });

    test("deny with a reason in a window", async () => {
      const jonas = await slack.direct("U03JONAS"), claire = await slack.direct("U02CLAIRE");
      await seat.as("U03JONAS");
      await seat.write(ASK);
      await seat.button("Submit").click();
      await slack.ours(claire, /Jonas Keller asks for/);
      await seat.as("U02CLAIRE");
      await seat.button("Deny").waitFor();
      await seat.button("Deny").click();
      const modal = page.locator(".modal-overlay");
      await modal.getByText("Why not?").waitFor();
      await modal.locator("input, textarea").first().fill("The summary is enough for the deck.");
      await picture(page, `slack-${mode}-deny`);
      await modal.getByRole("button", { name: "Deny", exact: true }).click();
      await modal.waitFor({ state: "detached" });
      const denied = await slack.ours(jonas, /Denied/);
      assert.match(JSON.stringify(denied.blocks), /The summary is enough for the deck/);
      await seat.as("U03JONAS");
      await page.getByText("Denied").last().waitFor();
      await picture(page, `slack-${mode}-denied`);
    });

    test("a question to the helpdesk, words in a channel, a command, the start page", async () => {
      const mira = await slack.direct("U01MIRA");
      await slack.say("U01MIRA", "How do I get VPN access?");
      await slack.ours(mira, /VPN/);
      const before = (await slack.messages("C01GENERAL")).length;
      await slack.say("U01MIRA", "<@U0CLAVIGER> what do I have?", "C01GENERAL");
      await slack.ours(mira, /Q3 sales reports EMEA/);
      const told = await until("where the answer is", async () => (await slack.messages("C01GENERAL")).slice(before).find((m) => m.subtype === "ephemeral"));
      assert.equal(told.ephemeral_to, "U01MIRA");
      const open = (await slack.messages("C01GENERAL")).filter((m) => m.bot_id && m.subtype !== "ephemeral");
      assert.deepEqual(open, [], "nothing about anybody's access in a channel");
      await slack.control("command", { channel: "C01GENERAL", user: "U04ANA", command: "/access", text: ASK });
      await slack.ours(await slack.direct("U04ANA"), /Not filed yet/);
      await seat.as("U01MIRA");
      await picture(page, `slack-${mode}-answers`);
      await page.getByRole("button", { name: /claviger/i }).first().click();
      await page.locator("main").getByText("What you have", { exact: true }).waitFor();
      await page.locator("main").getByText("Nothing besides what you have.").waitFor(); // it does not stand there twice
      await page.locator("main").getByText("Q3 sales reports EMEA").first().waitFor();
      await picture(page, `slack-${mode}-home`);
    });

    test("somebody nobody knows is refused kindly and learns nothing", async () => {
      const strange = await slack.direct("U05STRANGE");
      await slack.say("U05STRANGE", ASK);
      const told = await until("the refusal", async () => (await slack.messages(strange)).find((m) => m.bot_id));
      assert.doesNotMatch(JSON.stringify(told), /Q3 sales|Claire|Mira/);
      await seat.as("U05STRANGE");
      await picture(page, `slack-${mode}-stranger`);
    });
  });
}
