// Who is clicking, from Slack through a browser to the company's sign-in and back: the product as it is served, local-slack, and an OpenID
// Connect provider whose pages are filled in (`oidc-provider-mock` from PyPI, started by tests/run). An account is linked by signing in;
// a weighty yes is confirmed by signing in again, and a sign-in that is too weak is refused kindly.
import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessible, launch, picture, root } from "./support.mjs";
import { Seat, Workspace, buttons, missing, until } from "./local_slack.mjs";

const provider = process.env.CLAVIGER_TEST_OIDC;
const skip = provider ? missing : "CLAVIGER_TEST_OIDC names no provider; tests/run starts one";
const JASPER = "U06JASPER", ELENA = "U07ELENA", people = { [JASPER]: "Jasper de Vries", [ELENA]: "Elena Popescu" };
const STRONG = "urn:example:two-factors";
const program = process.env.CLAVIGER_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/claviger");

/** The product as operators run it, on this machine. */
async function serve(folder, port, chat) {
  const address = `http://localhost:${port}`, config = join(folder, "claviger.toml");
  writeFileSync(config, [
    "[http]", `listen = "127.0.0.1:${port}"`, `public_url = "${address}/"`,
    "[storage]", `data_dir = "${join(folder, "data")}"`, "[catalog]", `folder = "${join(folder, "company")}"`,
    "[sign_in]", `issuer = "${provider}"`, 'client_id = "claviger"', 'client_secret = "only for tests"', 'person_from = "subject"', 'name = "Example login"',
    "[step_up]", 'routes = ["security", "two_person", "break_glass"]', `acr_values = ["${STRONG}"]`, chat, "",
  ].join("\n"));
  const child = spawn(program, ["serve", "--config", config], { stdio: ["ignore", "pipe", "pipe"] });
  let heard = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => { heard += piece; });
  const ended = new Promise((done) => child.on("exit", done));
  const stop = async () => { child.kill("SIGTERM"); await ended; };
  try {
    await until("the product", () => {
      if (child.exitCode !== null) throw new Error("it ended");
      return fetch(`${address}/health/ready`).then((r) => r.ok, () => false);
    });
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${heard}`);
  }
  return { address, stop };
}

/** What the provider says of somebody from now on: when they signed in, and how. */
async function signsIn(sub, how) {
  const claims = { auth_time: Math.floor(Date.now() / 1000), ...(how ? { acr: how } : {}) };
  const told = await fetch(`${provider}/users/${sub}`, { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(claims) });
  assert.ok(told.ok, `${told.status}`);
}

/** Fills in the provider's page. */
async function atTheProvider(page, sub) {
  await page.getByRole("heading", { name: "Authorize Client" }).waitFor();
  await page.getByPlaceholder("sub").fill(sub);
  await page.getByRole("button", { name: "Authorize", exact: true }).click();
}

const linkIn = (message, path) => JSON.stringify(message).match(new RegExp(`http://localhost:\\d+/${path}/[\\w-]+`))?.[0];

describe("who is clicking, through a browser", { skip }, () => {
  const slack = new Workspace({ people, unknown: [JASPER], product: serve });
  let browser, chat, seat, jasper, direct;
  const newPage = async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
    await context.route((url) => !/^127\.0\.0\.1|^localhost/.test(url.host), (route) => route.abort());
    return context.newPage();
  };
  before(async () => {
    await slack.start("socket");
    browser = await launch();
    for (const user of Object.keys(people)) await slack.direct(user);
    chat = await newPage();
    await chat.goto(slack.address);
    seat = new Seat(chat, people);
    jasper = await newPage();
    direct = await slack.direct(JASPER);
  });
  after(async () => { await browser?.close(); await slack.stop(); });

  test("an account nobody knows is linked by signing in", async () => {
    await seat.as(JASPER);
    await seat.write("what waits for me?");
    const told = await slack.ours(direct, /tell me who you are/);
    const link = linkIn(told, "link");
    assert.ok(link, JSON.stringify(told));
    assert.ok(await chat.locator(`a[href="${link}"]`).count(), "it can be clicked in Slack");
    await jasper.goto(link);
    await jasper.getByRole("link", { name: /Sign in with Example login/ }).or(jasper.getByRole("button", { name: /Sign in with Example login/ })).first().click();
    await atTheProvider(jasper, "jasper.de-vries");
    await jasper.getByRole("heading", { name: "Is this Slack account yours?" }).waitFor();
    await jasper.getByText("Quillmere", { exact: true }).waitFor();
    await accessible(jasper, "the linking page");
    await picture(jasper, "link-account");
    await jasper.getByRole("button", { name: "Yes, that is my account" }).click();
    await jasper.waitForURL("**/accounts");
    const account = jasper.locator("li.card").filter({ hasText: "Slack" });
    // By names people know; the platform's ids are the small print.
    assert.match(await account.innerText(), /Slack · Quillmere as Jasper de Vries[\s\S]*Id U06JASPER, workspace T01TEST/);
    await accessible(jasper, "the accounts");
    await picture(jasper, "accounts-linked");
    await slack.ours(direct, /This account is linked now/);
  });

  test("a weighty yes is confirmed by signing in again, strongly enough", async () => {
    const elena = await slack.direct(ELENA);
    await seat.as(ELENA);
    await seat.write("I need permanent read access to the production database, to train the churn model");
    await seat.button("Submit").click();
    await slack.ours(elena, /Waiting/);
    const asked = await slack.ours(direct, /Elena Popescu asks for/);
    await seat.as(JASPER);
    await seat.button("Approve").click();
    const told = await until("the link", async () => (await slack.messages(direct)).find((m) => linkIn(m, "confirm")));
    assert.equal(told.ephemeral_to ?? JASPER, JASPER);
    await picture(chat, "slack-step-up");
    const link = linkIn(told, "confirm");
    // Not strong enough: nothing is decided, and the way on is said.
    await jasper.goto(link);
    await jasper.getByRole("heading", { name: "Confirm it is you" }).waitFor();
    await accessible(jasper, "the confirmation");
    await picture(jasper, "confirm-by-sign-in");
    await signsIn("jasper.de-vries");
    await jasper.getByRole("link", { name: "Sign in again with Example login" }).click();
    await atTheProvider(jasper, "jasper.de-vries");
    await jasper.getByText("does not weigh enough").waitFor();
    assert.match(await jasper.locator("main").innerText(), /Sign in again with the stronger method[\s\S]*Nothing was decided/);
    await accessible(jasper, "the refusal");
    await picture(jasper, "confirm-too-weak");
    const stands = async () => (await slack.messages(direct)).find((m) => m.ts === asked.ts);
    assert.ok(buttons(await stands()).some((b) => b.text.text === "Approve"), "it still waits");
    // Somebody else's sign-in is nobody's proof.
    await jasper.goto(link);
    await signsIn("elena.popescu", STRONG);
    await jasper.getByRole("link", { name: "Sign in again with Example login" }).click();
    await atTheProvider(jasper, "elena.popescu");
    await jasper.getByText("That was somebody else’s sign-in.").waitFor();
    // Strong enough: one click is left, and it is decided.
    await jasper.goto(link);
    await signsIn("jasper.de-vries", STRONG);
    await jasper.getByRole("link", { name: "Sign in again with Example login" }).click();
    await atTheProvider(jasper, "jasper.de-vries");
    await jasper.getByText("one click is left").waitFor();
    await picture(jasper, "confirm-proved");
    await jasper.locator("section.proof").getByRole("button", { name: /^Approve/ }).click();
    await jasper.waitForURL("**/requests/**");
    await jasper.getByText("You confirmed it by signing in again").first().waitFor();
    await until("no button to decide with", async () => buttons(await stands()).every((b) => !/Approve|Deny/.test(b.text.text)));
    // The link was good for one use.
    await jasper.goto(link);
    await jasper.getByText("used already").waitFor();
  });
});
