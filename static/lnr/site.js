// The supplier's site: searching a page, copying a piece of code, and looking at a message without leaving the page.
"use strict";

(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- the chapters fold on a phone -------------------------------------------------------------------------------

  const chapters = one("[data-chapters]");
  if (chapters && matchMedia("(max-width: 900px)").matches) chapters.open = false;

  // ---- searching --------------------------------------------------------------------------------------------------

  const box = one("[data-find]");
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const rows = all("[data-row]").map((row) => [row, plain(row.textContent + " " + row.id)]);
  function find() {
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach(([row, text]) => {
      row.hidden = !words.every((word) => text.includes(word));
      count += !row.hidden;
    });
    // A section without a row that is left says nothing.
    all("[data-rows]").forEach((part) => { part.hidden = !one("[data-row]:not([hidden])", part); });
    const told = one("[data-found]");
    told.textContent = words.length ? (count ? `${count} ${told.dataset.some}` : told.dataset.none) : "";
  }
  if (box) {
    box.addEventListener("input", find);
    // Who follows a link to a row that the search hides, wants to see it.
    addEventListener("hashchange", () => {
      if (one(`#${CSS.escape(decodeURIComponent(location.hash.slice(1)))}`)?.closest("[hidden]")) {
        box.value = "";
        find();
        one(location.hash.replace(/[^#\w-]/g, "\\$&"))?.scrollIntoView();
      }
    });
  }

  // ---- copying ----------------------------------------------------------------------------------------------------

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
      return;
    }
    const before = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = before; }, 2000);
  });

  // ---- a message: dropped, chosen or pasted; its report comes below ------------------------------------------------

  const form = one("[data-message]");
  if (!form) return;
  const area = one("textarea", form);
  const chosen = one("input[type=file]", form);
  let asked = 0;

  async function judge(file) {
    const mine = ++asked;
    const body = new FormData();
    // As a file, so that every byte stays as it is and the whole megabyte fits.
    body.append("bestand", file || new Blob([area.value]), "bericht.xml");
    const place = one("[data-report]");
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await portal.post(form.action, () => body);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = one("[data-report]", page);
      if (mine !== asked) return;
      place.replaceChildren(...(fresh ? fresh.childNodes : all("main h1, main p", page)));
      all("[data-needs-script]", place).forEach((part) => { part.hidden = false; });
      one("h2", place)?.focus();
    } catch {
      place.textContent = form.dataset.failed;
    } finally {
      place.removeAttribute("aria-busy");
    }
  }

  async function take(file) {
    if (!file) return;
    area.value = file.size <= 1_000_000 ? await file.text() : "";
    judge(file);
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    judge(null);
  });
  chosen.addEventListener("change", () => {
    take(chosen.files[0]);
    chosen.value = "";
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.toggle("is-over", kind === "dragover");
      if (kind === "drop") take(event.dataTransfer.files[0]);
    });
  }
  // A line number of the report shows that line in the message.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line]");
    if (!button || !area.value) return;
    const lines = area.value.split("\n");
    const start = lines.slice(0, button.dataset.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[button.dataset.line - 1] || "").length);
    area.scrollTop = (button.dataset.line - 6) * parseFloat(getComputedStyle(area).lineHeight);
    area.scrollIntoView({ block: "center" });
  });
})();
