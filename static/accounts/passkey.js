// The second step with a passkey: asks the browser for it and sends its answer.
"use strict";

(() => {
  const form = document.querySelector("[data-passkey]");
  if (!form) return;
  const says = form.querySelector("[data-passkey-says]");
  const again = form.querySelector("[data-passkey-again]");

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  function options() {
    const given = JSON.parse(form.dataset.options);
    const made = { ...given, challenge: bytes(given.challenge) };
    if (given.user) made.user = { ...given.user, id: bytes(given.user.id) };
    if (given.excludeCredentials) made.excludeCredentials = named(given.excludeCredentials);
    if (given.allowCredentials) made.allowCredentials = named(given.allowCredentials);
    return made;
  }

  function answer(credential) {
    const { response } = credential;
    const parts = ["attestationObject", "clientDataJSON", "authenticatorData", "signature", "userHandle"];
    const told = Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, text(response[part])]));
    if (response.getTransports) told.transports = response.getTransports();
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response: told,
      extensions: JSON.stringify(credential.getClientExtensionResults()),
    });
  }

  const REASONS = {
    InvalidStateError: "Deze passkey is al ingesteld voor uw account. Kies een andere.",
    NotSupportedError: "Deze browser kan dit soort passkey niet maken. Kies een andere passkey, of een app.",
    SecurityError: "Een passkey werkt alleen op het eigen adres van het portaal, over een beveiligde verbinding.",
  };

  async function run() {
    again.hidden = true;
    says.textContent = "Volg wat uw browser vraagt.";
    try {
      const credential = await navigator.credentials[form.dataset.passkey]({ publicKey: options() });
      form.elements.credential.value = answer(credential);
      form.submit();
    } catch (problem) {
      says.textContent = REASONS[problem.name] || "Het is niet gelukt of het duurde te lang. Probeer het opnieuw.";
      again.hidden = false;
      again.focus();
    }
  }

  if (again.tagName === "BUTTON") again.addEventListener("click", run);
  if (window.PublicKeyCredential) run();
  else says.textContent = "Deze browser kent geen passkeys. Gebruik een andere browser, of kies een andere manier.";
})();
