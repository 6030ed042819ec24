// The log-in pages: show what is typed in a password field, and fill in a demonstration account.
"use strict";

document.addEventListener("click", (event) => {
  const reveal = event.target.closest("[data-reveal]");
  if (reveal) {
    const field = document.getElementById(reveal.dataset.reveal);
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    reveal.setAttribute("aria-pressed", String(shown));
    reveal.querySelector("span").textContent = shown ? "Wachtwoord verbergen" : "Wachtwoord tonen";
  }
  const account = event.target.closest("[data-demo-account]");
  if (account) {
    document.getElementById("email").value = account.dataset.demoAccount;
    document.getElementById("password").value = account.dataset.demoPassword;
    document.getElementById("password").form.querySelector("[type=submit]").focus();
  }
});

// A password that is left readable would end up in the browser's list of what was typed before.
document.addEventListener("submit", (event) => {
  for (const button of event.target.querySelectorAll("[data-reveal][aria-pressed=true]")) {
    document.getElementById(button.dataset.reveal).type = "password";
  }
}, true);
