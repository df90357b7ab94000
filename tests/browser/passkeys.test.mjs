// Confirming with a passkey, against the whole product: Chromium's own virtual authenticator makes and uses it.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessible, fits, launch, person, picture, startDemo } from "./support.mjs";

let server, browser, folder, home;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "claviger-passkeys-"));
  const settings = join(folder, "claviger.toml");
  // The demo asks in the web chat, too, so that no chat platform is needed here.
  writeFileSync(settings, '[step_up]\nroutes = ["security", "two_person"]\nweb = true\n');
  server = await startDemo("--chat", settings);
  // Passkeys are bound to a name.
  home = server.address.replace("127.0.0.1", "localhost");
  browser = await launch();
});
after(async () => { await browser?.close(); await server?.stop(); rmSync(folder, { recursive: true, force: true }); });

const authenticator = async (who, options = {}) => {
  const cdp = await who.context.newCDPSession(who.page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true, ...options,
  } });
  return { cdp, authenticatorId };
};

/** Somebody asks for production data, and Jasper's inbox holds it. */
const asked = async () => {
  const elena = await person(browser, home, "Elena Popescu");
  await elena.say("I need permanent read access to the production database, to train the churn model");
  const draft = elena.page.locator("[data-card]").filter({ has: elena.page.getByText("Not filed yet", { exact: true }) }).last();
  await draft.getByRole("button", { name: "Submit" }).click();
  await elena.page.locator(".badge", { hasText: "Waiting" }).first().waitFor();
  await elena.leave();
};

test("a passkey is added, confirms a weighty yes, and is removed", async () => {
  await asked();
  const jasper = await person(browser, home, "Jasper de Vries");
  const { cdp, authenticatorId } = await authenticator(jasper);
  await jasper.go("/accounts");
  await accessible(jasper.page, "accounts");
  await fits(jasper.page, "accounts");
  await jasper.page.getByLabel("What do you call this device or key?").fill("Jasper's laptop");
  await jasper.page.getByRole("button", { name: "Add a passkey" }).click();
  await jasper.page.getByText("Passkey added").waitFor();
  assert.equal((await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length, 1);
  await picture(jasper.page, "accounts");
  // The same device again is told as such.
  await jasper.page.getByRole("button", { name: "Add a passkey" }).click();
  await jasper.page.getByText("This device has a passkey for you already.").waitFor();

  await jasper.go("/inbox");
  const card = jasper.page.locator("[data-card]").filter({ hasText: "Elena Popescu" }).first();
  await card.getByRole("button", { name: "Approve", exact: true }).click();
  await jasper.page.waitForURL("**/confirm/*");
  await jasper.page.getByRole("heading", { name: "Confirm it is you" }).waitFor();
  const link = jasper.page.url();
  await accessible(jasper.page, "confirm");
  await fits(jasper.page, "confirm");
  await picture(jasper.page, "confirm", { fullPage: true });
  await jasper.page.emulateMedia({ colorScheme: "dark" });
  await accessible(jasper.page, "confirm in the dark");
  await picture(jasper.page, "confirm-dark", { fullPage: true });
  await jasper.page.emulateMedia({ colorScheme: "light" });
  await jasper.page.setViewportSize({ width: 320, height: 640 });
  await fits(jasper.page, "confirm on the narrowest phone");
  await picture(jasper.page, "confirm-phone", { fullPage: true });
  await jasper.page.setViewportSize({ width: 1280, height: 900 });

  // A device that does not know who holds it proves nothing.
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await jasper.page.getByRole("button", { name: "Approve with a passkey" }).click();
  await jasper.page.locator("[data-passkey-problem]:visible").waitFor();
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
  await jasper.page.getByRole("button", { name: "Approve with a passkey" }).focus();
  await jasper.page.keyboard.press("Enter");
  await jasper.page.waitForURL("**/requests/*");
  await jasper.page.getByText("You confirmed it with a passkey").waitFor();
  await jasper.page.getByText("confirmed with a passkey").first().waitFor();
  await jasper.page.goto(link);
  await jasper.page.getByText("This link was used already").waitFor();

  await jasper.go("/accounts");
  await jasper.page.getByRole("button", { name: "Remove Jasper's laptop" }).click();
  await jasper.page.getByText("Passkey removed").waitFor();
  jasper.quiet();
  await jasper.leave();
});

test("an address that is a number offers no passkey and says where they work", async () => {
  const jasper = await person(browser, server.address, "Jasper de Vries");
  await jasper.go("/accounts");
  await jasper.page.getByText("open this page there to add one").waitFor();
  assert.equal(await jasper.page.getByRole("button", { name: "Add a passkey" }).count(), 0);
  jasper.quiet();
  await jasper.leave();
});
