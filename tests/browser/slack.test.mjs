// The journeys in local-slack, a Slack that runs on this machine (an npm package made by others, installed for the test and never kept):
// the whole product beside it, in both modes, with people who ask and people who decide, clicking in its page.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, picture, root, startDemo } from "./support.mjs";

const program = process.env.CLAVIGER_LOCAL_SLACK;
const ASK = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";
const PEOPLE = { U01MIRA: "Mira Okafor", U02CLAIRE: "Claire Fontaine", U03JONAS: "Jonas Keller", U04ANA: "Ana Kovač", U05STRANGE: "Stan Stranger" };
/** The example company, with these accounts in its directory: who is who is known there. */
const company = (folder) => {
  cpSync(join(root, "catalog"), folder, { recursive: true });
  const people = join(folder, "people");
  for (const file of readdirSync(people).filter((name) => name.endsWith(".yaml"))) {
    let text = readFileSync(join(people, file), "utf8");
    for (const [account, name] of Object.entries(PEOPLE)) {
      const id = mail(name).split("@")[0].replaceAll(".", "\\.");
      const accounts = `accounts: [{surface: slack, space: T01TEST, id: ${account}}]`;
      text = text.replace(new RegExp(`(\\{id: ${id}),`), `$1, ${accounts},`).replace(new RegExp(`^( *)- id: ${id}$`, "m"), `$&\n$1  ${accounts}`);
    }
    writeFileSync(join(people, file), text);
  }
};
const mail = (name) => `${name.toLowerCase().replace("č", "c").replace(" ", ".")}@quillmere.example`;

const freePort = () => new Promise((found) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => found(port));
  });
});

/** Asks until something is there; what it waits for is the product's own work, so the limit is only for the case that it never comes. */
const until = async (what, look) => {
  for (let n = 0; n < 300; n++) {
    const found = await look();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`never came: ${what}`);
};

class Workspace {
  async start(mode) {
    this.folder = mkdtempSync(join(tmpdir(), "claviger-slack-"));
    const [port, ours] = [await freePort(), await freePort()];
    this.address = `http://127.0.0.1:${port}`;
    const app = { appId: "A01CLAVIGER", botUserId: "U0CLAVIGER", botName: "Claviger", botToken: "xoxb-local", appToken: "xapp-local", signingSecret: "local-secret" };
    writeFileSync(join(this.folder, "slack.json"), JSON.stringify({
      workspace: { name: "Quillmere", domain: "quillmere", teamId: "T01TEST" },
      apps: [{ ...app, mode: mode === "http" ? "events" : "socket", ...(mode === "http" ? { requestUrl: `http://127.0.0.1:${ours}/slack/events` } : {}) }],
      users: Object.entries(PEOPLE).map(([id, name]) => ({ id, name: name.split(" ")[0].toLowerCase(), real_name: name, email: mail(name) })),
      channels: [{ id: "C01GENERAL", name: "general", members: ["U0CLAVIGER", ...Object.keys(PEOPLE)] }],
    }));
    this.peer = spawn(program, ["--config", join(this.folder, "slack.json"), "--port", String(port), "--base-host", "127.0.0.1", "--files-dir", join(this.folder, "files")], { stdio: "ignore" });
    await until("local-slack", () => fetch(`${this.address}/_control/state`).then((r) => r.ok, () => false));
    writeFileSync(join(this.folder, "claviger.toml"), [
      "[slack]", `mode = "${mode}"`, 'bot_token = "xoxb-local"', 'app_token = "xapp-local"', 'signing_secret = "local-secret"',
      `api_url = "${this.address}/api"`, "",
    ].join("\n"));
    company(join(this.folder, "company"));
    this.server = await startDemo("--company", join(this.folder, "company"), "--chat", join(this.folder, "claviger.toml"), "--port", String(ours));
    await until("the connection", () => fetch(`${this.server.address}/health/ready`).then((r) => r.ok, () => false));
    if (mode === "socket") await until("the socket", async () => (await this.log()).some((l) => /socket connected/.test(l.summary)));
  }
  async stop() {
    await this.server?.stop();
    const gone = new Promise((done) => this.peer?.on("exit", done));
    this.peer?.kill("SIGTERM");
    if (this.peer) await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
  async control(path, body) {
    const answer = await fetch(`${this.address}/_control/${path}`, body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  }
  async log() { return (await this.control("log")).log; }
  async api(method, body) {
    const answer = await fetch(`${this.address}/api/${method}`, { method: "POST", headers: { "content-type": "application/json", authorization: "Bearer xoxb-local" }, body: JSON.stringify(body) });
    return answer.json();
  }
  async direct(user) { return (await this.api("conversations.open", { users: user })).channel.id; }
  async messages(channel) { return (await this.control(`messages/${channel}`)).messages; }
  async say(user, text, channel) { return this.control("message", { channel: channel ?? await this.direct(user), user, text }); }
  /** The newest message of ours in a conversation whose words match. */
  async ours(channel, pattern) {
    return until(`${pattern}`, async () => (await this.messages(channel)).filter((m) => m.bot_id && pattern.test(JSON.stringify(m.blocks ?? m.text))).at(-1));
  }
}

const buttons = (message) => (message.blocks ?? []).flatMap((b) => b.elements ?? []).filter((e) => e.type === "button");

/** A person before local-slack's page. */
class Seat {
  constructor(page) { this.page = page; }
  async as(user) {
    await this.page.getByRole("combobox", { name: "Act as" }).selectOption({ label: PEOPLE[user] });
    await this.page.getByRole("complementary").getByRole("button", { name: PEOPLE[user], exact: false }).first().click();
    return this;
  }
  async write(words) {
    const box = this.page.locator("main").getByPlaceholder(/^Message /);
    await box.fill(words);
    await this.page.getByRole("button", { name: "Send" }).click();
  }
  button(name) { return this.page.locator("main").getByRole("button", { name, exact: true }).last(); }
}

for (const mode of ["socket", "http"]) {
  describe(`local-slack, ${mode} mode`, { skip: program ? false : "CLAVIGER_LOCAL_SLACK names no local-slack; tests/run installs it" }, () => {
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
      await page.locator("main").getByText("What you have").waitFor();
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
