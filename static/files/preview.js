// A file beside the page of its case. Without this script a file opens in a tab of its own.
"use strict";

(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const pane = one("[data-preview-pane]");
  if (!pane) return;

  // Made here: a hidden frame in the page would swallow the links of who has no script.
  const frame = document.createElement("iframe");
  frame.name = "voorbeeld";
  pane.append(frame);

  let shown = "";       // address of the file beside the page
  let opener = null;

  /** The files that can be shown, in the order of the tiles. */
  const links = () => [...document.querySelectorAll(".tiles [data-preview]")];
  const nameOf = (link) => link.title || link.dataset.preview || link.textContent;

  function mark() {
    for (const link of document.querySelectorAll("[data-preview]")) {
      link.toggleAttribute("aria-current", link.href === shown);
      link.closest(".tile")?.classList.toggle("is-shown", link.href === shown);
    }
  }

  function show(link) {
    const name = nameOf(link);
    shown = link.href;
    pane.hidden = false;
    document.body.classList.add("has-preview");
    one("[data-preview-name]", pane).textContent = name;
    one("[data-preview-download]", pane).href = shown.replace(/bekijken.*$/, "download");
    frame.title = `Voorbeeld van ${name}`;
    mark();
    // The page became narrower: keep what was clicked in sight.
    if (pane.offsetWidth < window.innerWidth) link.scrollIntoView({ block: "nearest" });
  }

  function close() {
    pane.hidden = true;
    document.body.classList.remove("has-preview");
    frame.src = "about:blank";
    shown = "";
    mark();
    opener?.focus();
  }

  function step(by) {
    const all = links();
    const next = all[(all.findIndex((link) => link.href === shown) + by + all.length) % all.length];
    if (!next) return;
    show(next);
    frame.src = next.href;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-preview]");
    if (link && !event.ctrlKey && !event.metaKey) {
      opener = link;
      show(link);
    }
    const stepper = event.target.closest("[data-preview-step]");
    if (stepper) step(Number(stepper.dataset.previewStep));
    if (event.target.closest("[data-preview-close]")) close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !pane.hidden && !one("dialog[open]")) close();
  });
  document.addEventListener("redrawn", mark);
})();
