// Every page on the narrowest screens there are (WCAG 1.4.10: 320 pixels): nothing sticks out to the side, and the header stays short.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { accessible, fits, launch, person, picture, startDemo } from "./support.mjs";

let server, browser;
before(async () => { server = await startDemo(); browser = await launch(); });
after(async () => { await browser?.close(); await server?.stop(); });

test("the address that is printed first is the one where passkeys work", () => {
  assert.match(server.heard(), /Open http:\/\/localhost:\d+\//);
});

for (const width of [320, 344]) {
  test(`no page is wider than ${width} pixels`, async () => {
    const viewport = { width, height: 640 };
    const ana = await person(browser, server.address, "Ana", { viewport });
    await ana.say("I need read access to the Q3 sales reports for EMEA until Friday");
    await ana.card("Q3").waitFor();
    const paths = ["/chat", "/inbox", "/mine", "/apps", "/accounts", "/people", "/nowhere", "/confirm/nothing"];
    for (const path of paths) {
      await ana.go(path);
      await fits(ana.page, `${path} at ${width}`);
      const header = await ana.page.locator("header.bar").count() ? await ana.page.locator("header.bar").boundingBox() : null;
      assert.ok(!header || header.height <= 60, `${path}: the header is ${header?.height} pixels high`);
      if (width === 320) await picture(ana.page, `narrow${path.replaceAll("/", "-")}`);
    }
    await ana.go("/chat");
    await accessible(ana.page, "the chat at 320");
    await ana.leave();
  });
}

test("whoever decides on a narrow screen sees all of it", async () => {
  const viewport = { width: 320, height: 640 };
  const zeynep = await person(browser, server.address, "Elena Popescu", { viewport });
  await zeynep.say("I need permanent read access to the production database, to train the churn model");
  await zeynep.card("Submit").getByRole("button", { name: "Submit" }).click();
  await zeynep.card("Waiting").waitFor();
  await fits(zeynep.page, "the requester's chat");
  const request = await zeynep.page.locator('a[href^="/requests/"]').first().getAttribute("href");
  await zeynep.go(request);
  await fits(zeynep.page, "the request's page");
  await zeynep.leave();
  const jasper = await person(browser, server.address, "Jasper de Vries", { viewport });
  await jasper.go("/inbox");
  await fits(jasper.page, "the inbox with a card");
  const broken = await jasper.page.locator(".bar-points").evaluateAll((all) => all.filter((e) => e.clientHeight > 30).length);
  assert.equal(broken, 0, "points stand on one line");
  const deny = jasper.page.locator("summary").filter({ hasText: "Deny" }).first();
  if (await deny.count()) { await deny.click(); await fits(jasper.page, "the inbox with an open form"); }
  await picture(jasper.page, "narrow-deciding", { fullPage: true });
  await jasper.leave();
});

test("doors, the helpdesk's page and its tickets fit a narrow screen", async () => {
  const viewport = { width: 320, height: 640 };
  const ana = await person(browser, server.address, "Ana", { viewport });
  await ana.go("/apps");
  const places = await ana.page.locator(".door").evaluateAll((doors) => doors.map((d) => d.querySelector(".door-text").getBoundingClientRect().left));
  assert.equal(new Set(places.map(Math.round)).size, 1, "every door's words begin at the same place");
  for (const state of ["open", "closed"]) {
    await ana.go("/apps");
    await ana.go(await ana.page.locator(`.door.${state}`).first().getAttribute("href"));
    await fits(ana.page, `a door, ${state}`);
  }
  await ana.go("/chat");
  await ana.say("please let me talk to a person about my laptop");
  await ana.card("Handed to a person").waitFor();
  await fits(ana.page, "the chat with a ticket");
  await ana.leave();
  const dana = await person(browser, server.address, "Dana Whitfield", { viewport });
  for (const path of ["/helpdesk", "/inbox"]) {
    await dana.go(path);
    await fits(dana.page, path);
    await picture(dana.page, `narrow-dana${path.replaceAll("/", "-")}`, { fullPage: true });
  }
  await dana.leave();
});
