// local-slack for the journeys there: a Slack that runs on this machine (an npm package made by others, installed for the test and never
// kept), with the whole product beside it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, startDemo } from "./support.mjs";

export const program = process.env.CLAVIGER_LOCAL_SLACK;
export const missing = program ? false : "CLAVIGER_LOCAL_SLACK names no local-slack; tests/run installs it";
export const ASK = "I need read access to the Q3 sales reports for EMEA until Friday, for the board deck";
export const PEOPLE = { U01MIRA: "Mira Okafor", U02CLAIRE: "Claire Fontaine", U03JONAS: "Jonas Keller", U04ANA: "Ana Kovač", U05STRANGE: "Stan Stranger" };
/** The example company, with these accounts in its directory: who is who is known there. */
const company = (folder, named) => {
  cpSync(join(root, "catalog"), folder, { recursive: true });
  const people = join(folder, "people");
  for (const file of readdirSync(people).filter((name) => name.endsWith(".yaml"))) {
    let text = readFileSync(join(people, file), "utf8");
    for (const [account, name] of Object.entries(named)) {
      const id = mail(name).split("@")[0].replaceAll(".", "\\.");
      const accounts = `accounts: [{surface: slack, space: T01TEST, id: ${account}}]`;
      text = text.replace(new RegExp(`(\\{id: ${id}),`), `$1, ${accounts},`).replace(new RegExp(`^( *)- id: ${id}$`, "m"), `$&\n$1  ${accounts}`);
    }
    writeFileSync(join(people, file), text);
  }
};
const mail = (name) => `${name.toLowerCase().replace("č", "c").replace(" ", ".").replaceAll(" ", "-")}@quillmere.example`;

export const freePort = () => new Promise((found) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => found(port));
  });
});

/** Asks until something is there; what it waits for is the product's own work, so the limit is only for the case that it never comes. */
export const until = async (what, look) => {
  for (let n = 0; n < 300; n++) {
    const found = await look();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`never came: ${what}`);
};

export class Workspace {
  /** Everybody there; those of them that the directory has no account of; and who starts the product, given its port and its settings. */
  constructor({ people = PEOPLE, unknown = [], product } = {}) { Object.assign(this, { people, unknown, product }); }
  async start(mode) {
    this.folder = mkdtempSync(join(tmpdir(), "claviger-slack-"));
    const [port, ours] = [await freePort(), await freePort()];
    this.address = `http://127.0.0.1:${port}`;
    const app = { appId: "A01CLAVIGER", botUserId: "U0CLAVIGER", botName: "Claviger", botToken: "xoxb-local", appToken: "xapp-local", signingSecret: "local-secret" };
    writeFileSync(join(this.folder, "slack.json"), JSON.stringify({
      workspace: { name: "Quillmere", domain: "quillmere", teamId: "T01TEST" },
      apps: [{ ...app, mode: mode === "http" ? "events" : "socket", ...(mode === "http" ? { requestUrl: `http://127.0.0.1:${ours}/slack/events` } : {}) }],
      users: Object.entries(this.people).map(([id, name]) => ({ id, name: name.split(" ")[0].toLowerCase(), real_name: name, email: mail(name) })),
      channels: [{ id: "C01GENERAL", name: "general", members: ["U0CLAVIGER", ...Object.keys(this.people)] }],
    }));
    this.peer = spawn(program, ["--config", join(this.folder, "slack.json"), "--port", String(port), "--base-host", "127.0.0.1", "--files-dir", join(this.folder, "files")], { stdio: "ignore" });
    await until("local-slack", () => fetch(`${this.address}/_control/state`).then((r) => r.ok, () => false));
    const settings = [
      "[slack]", `mode = "${mode}"`, 'bot_token = "xoxb-local"', 'app_token = "xapp-local"', 'signing_secret = "local-secret"',
      `api_url = "${this.address}/api"`, "",
    ].join("\n");
    company(join(this.folder, "company"), Object.fromEntries(Object.entries(this.people).filter(([id]) => !this.unknown.includes(id))));
    this.server = await (this.product ? this.product(this.folder, ours, settings) : this.demo(ours, settings));
    await until("the connection", () => fetch(`${this.server.address}/health/ready`).then((r) => r.ok, () => false));
    if (mode === "socket") await until("the socket", async () => (await this.log()).some((l) => /socket connected/.test(l.summary)));
  }
  demo(port, settings) {
    const file = join(this.folder, "claviger.toml");
    writeFileSync(file, settings);
    return startDemo("--company", join(this.folder, "company"), "--chat", file, "--port", String(port));
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

export const buttons = (message) => (message.blocks ?? []).flatMap((b) => b.elements ?? []).filter((e) => e.type === "button");

/** A person before local-slack's page. */
export class Seat {
  constructor(page, people = PEOPLE) { Object.assign(this, { page, people }); }
  async as(user) {
    await this.page.getByRole("combobox", { name: "Act as" }).selectOption({ label: this.people[user] });
    await this.page.getByRole("complementary").getByRole("button", { name: this.people[user], exact: false }).first().click();
    return this;
  }
  async write(words) {
    const box = this.page.locator("main").getByPlaceholder(/^Message /);
    await box.fill(words);
    await this.page.getByRole("button", { name: "Send" }).click();
  }
  button(name) { return this.page.locator("main").getByRole("button", { name, exact: true }).last(); }
}
