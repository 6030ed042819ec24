// Uploading messages with progress, and following how far the portal is with them. Without it forms and links do the same.
"use strict";

(() => {
  const form = document.querySelector("[data-lnr-upload]");
  const following = document.querySelector("[data-lnr-progress]");
  const number = new Intl.NumberFormat("nl-NL");

  async function send(file) {
    const state = form.querySelector("[data-upload-state]");
    const bar = state.querySelector("progress");
    const told = state.querySelector("output");
    const button = form.querySelector("button");
    const where = new URL(form.dataset.put, location.href);
    where.searchParams.set("sleutel", form.elements.sleutel.value);
    const stop = (sentence) => {
      told.textContent = sentence;
      told.className = "field-error";
      bar.hidden = true;
      button.disabled = false;
    };
    state.hidden = bar.hidden = false;
    bar.hidden = false;
    told.className = "";
    if (file.size > Number(form.dataset.largest)) return stop(form.dataset.tooLarge);
    button.disabled = true;
    told.textContent = "Bezig met versturen…";
    const { status, said, error } = await window.portal.sendFile(where, file, {
      sent(bytes) {
        bar.value = (100 * bytes) / file.size;
        if (bytes === file.size) told.textContent = "Verstuurd. De berichten worden klaargezet…";
      },
    });
    if (status === 201 && said.address) location.assign(said.address);
    else stop(error);
  }

  form?.addEventListener("submit", (event) => {
    const [file] = form.elements.bestand.files;
    if (!file) return;
    event.preventDefault();
    send(file);
  });

  async function follow() {
    try {
      const answer = await fetch(following.dataset.lnrProgress, { headers: { Accept: "application/json", "X-Background": "1" } });
      if (!answer.ok || answer.redirected) return;
      const now = await answer.json();
      if (now.finished) return location.reload();
      following.querySelector("progress").value = now.done;
      following.querySelector("output").textContent =
        `${number.format(now.done)} van ${number.format(now.total)} berichten gecontroleerd`;
    } catch {
      // Away for a moment: the next look may succeed.
    }
    setTimeout(follow, document.hidden ? 15_000 : 2_500);
  }

  if (following) setTimeout(follow, 1_500);
})();
