// Keys that work on every page: / j k ?. They are single letters, so they keep silent in fields and can be turned off for good
// (WCAG 2.1.4). Speech control and screen readers that use the same letters are why.
(() => {
  "use strict";
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const OFF = "sneltoetsen-uit";
  const dialog = one("[data-shortcuts]");
  if (!dialog) return;

  const isOff = () => { try { return localStorage.getItem(OFF) === "ja"; } catch { return false; } };
  function turn(on) {
    try { if (on) localStorage.removeItem(OFF); else localStorage.setItem(OFF, "ja"); } catch { /* a browser that keeps nothing */ }
  }

  function step(count) {
    const links = all("[data-step-list] [data-step]");
    if (!links.length) return;
    const now = links.indexOf(document.activeElement);
    links[now < 0 ? 0 : Math.min(Math.max(now + count, 0), links.length - 1)].focus();
  }

  function search() {
    const field = one("[data-key='/']");
    if (!field) return;
    if (!field.offsetParent) one("[data-menu-toggle]")?.click(); // folded into the menu of a small screen
    field.focus();
    field.select();
  }

  const open = () => { if (!dialog.open) dialog.showModal(); };
  const keys = { "/": search, j: () => step(1), k: () => step(-1), "?": open };

  document.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || isOff()) return;
    if (one("dialog[open]") || event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    act();
  });

  const box = one("[data-shortcuts-on]", dialog);
  box.checked = !isOff();
  box.addEventListener("change", () => turn(box.checked));
  const button = one("[data-shortcuts-open]");
  if (!button) return;   // the English pages have a foot of their own
  button.hidden = false;
  button.addEventListener("click", open);
})();
