// Follows dossiers that are being made; the page is loaded anew when one is finished.
(() => {
  const page = document.querySelector("[data-dossier-progress]");
  const waiting = [...page.querySelectorAll("[data-kind]")];

  async function follow() {
    try {
      const answer = await fetch(page.dataset.dossierProgress, { headers: { Accept: "application/json", "X-Background": "1" } });
      if (!answer.ok || answer.redirected) return;
      const now = await answer.json();
      for (const box of waiting) {
        const one = now[box.dataset.kind];
        if (!one || one.finished) return location.reload();
        const bar = box.querySelector("progress");
        [bar.max, bar.value] = [one.total || 1, one.done];
        const told = box.querySelector("output");
        if (told.textContent !== one.text) told.textContent = one.text;
      }
    } catch {
      // Away for a moment: the next look may succeed.
    }
    setTimeout(follow, document.hidden ? 15_000 : 2_500);
  }

  if (waiting.length) setTimeout(follow, 1_500);
})();
