// Passkeys: asks the browser's authenticator and sends what it answers. Forms stay hidden where that cannot work.
"use strict";
(() => {
  const place = document.querySelector("[data-passkeys]");
  if (!place) return;
  const $ = (selector) => place.querySelector(selector);
  const known = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;
  const here = location.origin === place.dataset.origin;
  const say = (words) => {
    const line = $("[data-passkey-problem]");
    if (line) { line.textContent = words; line.hidden = !words; }
  };
  if (place.dataset.passkeys && !here) {
    const line = $("[data-passkey-elsewhere]");
    if (line) line.hidden = false;
  }
  if (!known || !here) return;
  for (const form of place.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.getAttribute("aria-busy") === "true") return;
      form.setAttribute("aria-busy", "true");
      say("");
      try {
        const body = new URLSearchParams({ csrf: form.elements.csrf.value });
        const answer = await fetch(form.dataset.options, { method: "POST", body });
        if (!answer.ok || !(answer.headers.get("content-type") ?? "").startsWith("application/json")) {
          say("It could not be begun. Reload the page and try again; nothing was done.");
          return;
        }
        const options = await answer.json();
        const credential = form.dataset.passkey === "make"
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
        form.elements.answer.value = JSON.stringify(credential.toJSON());
        form.submit();
      } catch (error) {
        const making = form.dataset.passkey === "make";
        if (error.name === "InvalidStateError") say("This device has a passkey for you already.");
        else if (making) say("No passkey was added: it was cancelled, took too long, or this device makes none. Nothing was changed.");
        else say("The passkey was not used: it was cancelled, took too long, or this device has none of yours. Nothing was done.");
      } finally {
        form.removeAttribute("aria-busy");
      }
    });
  }
})();
