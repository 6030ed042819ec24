// The coordinator asks about an answer or a file where it stands. Without this script the link shows the form on a page of its own.
"use strict";

(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const template = document.querySelector("[data-ask-template]");

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-ask]");
    if (!link || !template) return;
    event.preventDefault();
    const form = template.content.firstElementChild.cloneNode(true), over = link.dataset.ask;
    const text = form.querySelector("textarea");
    form.elements.over.value = over;
    text.id = `vraag-${over}`;
    form.querySelector("[data-ask-label]").htmlFor = text.id;
    link.replaceWith(form);
    text.focus();
  });

  document.querySelector("[data-open-all]")?.addEventListener("click", ({ target }) => {
    const parts = all("[data-answers]"), open = parts.some((part) => !part.open);
    parts.forEach((part) => { part.open = open; });
    target.textContent = open ? "Alles sluiten" : "Alles openen";
  });
})();
