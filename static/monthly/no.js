// The pages behind 'Nee, geen casus' of the monthly mail. The first posts itself once a person can see it; the second tells
// the portal that a person is there. Without this script both pages work with their buttons.
"use strict";

(() => {
  const visible = () => document.visibilityState === "visible";

  function whenVisible(act) {
    if (visible()) return act();
    document.addEventListener("visibilitychange", function seen() {
      if (!visible()) return;
      document.removeEventListener("visibilitychange", seen);
      act();
    });
  }

  // ---- the page that posts itself ---------------------------------------------------------------------------------

  function postItself(form) {
    form.querySelector("[data-choice]").hidden = true;
    form.querySelector("[data-wait]").hidden = false;
    whenVisible(() => form.submit());
    // The browser kept this page and shows it again: the answer may not have arrived.
    window.addEventListener("pageshow", (event) => { if (event.persisted) form.submit(); });
  }

  // ---- the proof that a person is there -----------------------------------------------------------------------------

  // Not "scroll": scanners scroll by script, and such a scroll looks real to a page.
  const GESTURES = ["pointermove", "pointerdown", "touchstart", "touchmove", "wheel", "keydown"];
  const PATIENCE = 1000;
  const HINT_AFTER = 5000;

  async function tell(box) {
    try {
      const body = () => new URLSearchParams({ sleutel: box.dataset.key });
      const answer = await portal.post(box.dataset.gesture, body, { keepalive: true, headers: { Accept: "application/json" } });
      if (!answer.ok) return false;
      const { telt: counts, waarom: doubt } = await answer.json();
      box.hidden = counts || !doubt;
      document.querySelector("[data-enough]").hidden = !box.hidden;
      box.querySelector("[data-doubt]").textContent = doubt;
      box.querySelector("[data-tap]").hidden = true;
      return true;
    } catch {
      return false;
    }
  }

  function waitForGesture(box) {
    const since = performance.now();
    let busy = false;
    let tries = 3;
    const hint = setTimeout(() => { box.hidden = false; }, HINT_AFTER);
    async function moved(event) {
      if (!event.isTrusted || busy || !visible() || performance.now() - since < PATIENCE) return;
      busy = true;
      tries -= 1;
      const told = await tell(box);
      if (told) clearTimeout(hint);
      if (told || !tries) GESTURES.forEach((name) => window.removeEventListener(name, moved));
      busy = false;
    }
    GESTURES.forEach((name) => window.addEventListener(name, moved, { passive: true }));
  }

  const form = document.querySelector("[data-posts-itself]");
  if (form) postItself(form);
  const box = document.querySelector("[data-gesture]");
  if (box) whenVisible(() => waitForGesture(box));
})();
