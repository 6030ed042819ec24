// Changing a questionnaire: questions dragged into place, the help of one kind of answer, and trying a version out.
"use strict";

(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- dragging: pointer events, so that a pen and a finger work as well as a mouse ---------------------------------

  let dragged = null;
  let before = "";
  const codes = (list) => all(":scope > li", list).map((item) => item.dataset.code);

  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip) return;
    dragged = grip.closest("li");
    before = codes(dragged.parentNode).join();
    grip.setPointerCapture(event.pointerId);
    dragged.classList.add("is-dragged");
    event.preventDefault();
  });
  document.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    if (event.clientY < 60) scrollBy(0, -12);
    if (event.clientY > innerHeight - 60) scrollBy(0, 12);
    const over = document.elementFromPoint(event.clientX, event.clientY)?.closest("li[data-code]");
    if (!over || over === dragged || over.parentNode !== dragged.parentNode) return;
    const box = over.getBoundingClientRect();
    over[event.clientY > box.top + box.height / 2 ? "after" : "before"](dragged);
  });
  document.addEventListener("pointerup", async () => {
    if (!dragged) return;
    const item = dragged;
    const list = item.parentNode;
    dragged = null;
    item.classList.remove("is-dragged");
    if (codes(list).join() === before) return;
    const form = list.closest("form");
    const body = () => new URLSearchParams(codes(list).map((code) => ["vraag", code]));
    try {
      const answer = await portal.post(form.action, body);
      if (!answer.ok) throw new Error(answer.status);
      // What the server has now, with its buttons at the ends of the list switched off; and why, when it refused.
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(item.id)?.parentNode;
      if (!fresh) throw new Error("session");
      list.replaceWith(fresh);
      all("[data-grip]", fresh).forEach((grip) => { grip.hidden = false; });
      all("[data-flashes] .notice div", page).forEach((text) => portal.say(text.textContent, "error"));
    } catch {
      portal.say("De volgorde is niet opgeslagen. Ververs de pagina en probeer het opnieuw.", "error");
    }
  });
  document.addEventListener("pointercancel", () => {
    dragged?.classList.remove("is-dragged");
    dragged = null;
  });

  // ---- the form of a question: only what its kind asks ------------------------------------------------------------

  const chosen = one("[data-kind]");
  function fit() {
    const kind = chosen.value;
    const rows = all("[data-kinds] [data-kind-of]");
    rows.forEach((row) => row.classList.toggle("is-now", row.dataset.kindOf === kind));
    const help = one(`[data-kind-of="${CSS.escape(kind)}"] dd`)?.textContent || "";
    const nothing = ["ja/nee", "datum", "tijd", "datum + tijd"].includes(kind);
    one("[data-filling]").hidden = nothing;
    const told = one("[data-filling] .field-help");
    if (told) told.textContent = help;
    all("[data-open-answers]").forEach((part) => { part.hidden = kind === "auto"; });
  }
  if (chosen) {
    chosen.addEventListener("change", fit);
    fit();
  }

  // ---- trying out: the server says what is shown ------------------------------------------------------------------

  const trial = one("[data-trial]");
  let asked = 0;
  async function follow() {
    const mine = ++asked;
    const answer = await portal.post(trial.action, () => new FormData(trial));
    if (mine !== asked || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // The number of repetitions changed: then there are other fields, and the page has to come anew.
    if (all("[data-question]", page).length !== all("[data-question]").length) return trial.submit();
    all("[data-question]", page).forEach((fresh) => {
      const here = document.getElementById(fresh.id);
      here.hidden = fresh.hidden;
      for (const part of ["[data-value]", "[data-trouble]", "[data-reason] [data-sentence]", "[data-warnings]"]) {
        const [old, now] = [one(part, here), one(part, fresh)];
        if (old && now) old.replaceChildren(...now.childNodes);
        if (old && now) old.hidden = now.hidden;
      }
      const reason = one("[data-reason]", here);
      if (reason) reason.hidden = one("[data-reason]", fresh).hidden;
    });
    all("[data-part]", page).forEach((part, at) => { all("[data-part]")[at].hidden = part.hidden; });
    one("[data-trial-count]").textContent = one("[data-trial-count]", page).textContent;
  }
  trial?.addEventListener("change", () => follow().catch(() => {}));
})();
