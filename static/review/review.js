// The coordinator's page of a case: the request for missing documents writes itself, files by keyboard, the time line's filter.
"use strict";

(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- the message about missing documents ------------------------------------------------------------------------

  const form = one("form[data-compose]");
  const boxes = form ? [...form.elements].filter((field) => field.name === "ontbreekt") : [];

  /** The request for what is ticked, in the words that the server uses too. */
  function request() {
    const labels = boxes.filter((box) => box.checked).map((box) => {
      const what = form.elements[`wat-${box.value}`]?.value.trim();
      return `- ${box.dataset.label}${what ? `: ${what}` : ""}`;
    });
    return labels.length ? [form.dataset.opening, ...labels, "", form.dataset.closing].join("\n") : "";
  }

  if (form) {
    const text = document.getElementById(form.dataset.compose);
    let written = request();
    const fields = [...boxes, ...[...form.elements].filter((field) => field.name.startsWith("wat-"))];
    for (const field of fields) field.addEventListener("change", () => {
      const fresh = request();
      if (fresh === written || (field.type !== "checkbox" && written && !text.value.includes(written))) return;
      // What the coordinator added around the request stays; a request that was rewritten by hand is left alone.
      if (written && text.value.includes(written)) text.value = text.value.replace(written, () => fresh);
      else if (fresh) text.value = [text.value.trim(), fresh].filter(Boolean).join("\n\n");
      text.value = text.value.trim();
      if (fresh && !written) one("[data-message]", form).open = true;   // what will be sent is in sight
      written = fresh;
      one("[data-composed]", form).value = "ja";
    });
  }

  // ---- a file that came by another route: raw, so that it may be as large as a hospital's --------------------------

  const sending = one("form[data-upload]");
  // Another file, or another document, is another upload: under the key of one that was sent already it would be dropped.
  sending?.addEventListener("change", ({ target }) => {
    if (["bestanden", "document"].includes(target.name)) sending.elements.sleutel.value = (crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`).replaceAll(/[^\w-]/g, "");
  });
  sending?.addEventListener("submit", async (event) => {
    const fields = new FormData(sending);
    const file = fields.get("bestanden");
    if (!file?.name) return;   // the portal says that a file is missing
    event.preventDefault();
    const said = one("[data-upload-said]", sending);
    if (said.dataset.busy) return;
    said.dataset.busy = "ja";
    said.textContent = "Wordt verstuurd …";
    const about = new URLSearchParams(["sleutel", "langs", "document"].map((name) => [name, fields.get(name) || ""]));
    const answer = await portal.sendFile(`${sending.dataset.upload}?${about}`, file);
    if (answer.status === 201) return location.reload();
    said.textContent = answer.error;
    delete said.dataset.busy;
  });

  // ---- files ------------------------------------------------------------------------------------------------------

  function step(count) {
    const links = all("[data-files] a[data-preview]");
    if (!links.length) return;
    const now = links.findIndex((link) => link.hasAttribute("aria-current"));
    const next = links[now < 0 ? (count > 0 ? 0 : links.length - 1) : (now + count + links.length) % links.length];
    next.click();
    next.scrollIntoView({ block: "nearest" });
  }

  // The file that is open when the page comes.
  const opened = one("[data-preview-pane] iframe[src]")?.src;
  const first = all("[data-files] a[data-preview]").find((link) => link.href === opened);
  first?.setAttribute("aria-current", "true");
  first?.closest(".tile").classList.add("is-shown");

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-file-step]");
    if (button) step(Number(button.dataset.fileStep));
  });
  document.addEventListener("keydown", (event) => {
    const count = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!count || !event.altKey || !one("[data-files]") || event.target.closest("select")) return;
    event.preventDefault();
    step(count);
  });

  // ---- time line --------------------------------------------------------------------------------------------------

  const filter = one("[data-timeline-filter]");
  function show() {
    const groups = all("input:checked", filter).map((box) => box.value);
    all(".timeline [data-group]").forEach((item) => { item.hidden = !groups.includes(item.dataset.group); });
  }
  if (filter) {
    filter.addEventListener("change", show);
    show();
  }
})();
