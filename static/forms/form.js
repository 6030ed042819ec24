// Filling in a questionnaire: every answer is saved while somebody types, one at a time; what is shown, calculated and open
// follows from the server's reply. Without this script the same form saves a section at once.
"use strict";

(() => {
  const form = document.querySelector("[data-questions]");
  if (!form) return;
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  const PAUSE = 900;        // milliseconds without typing before an answer is saved
  const RETRIES = [2, 5, 10, 20, 30];   // seconds between tries without connection
  const bar = one("[data-bar]");
  const waiting = new Map();            // place -> question, in the order in which they were touched
  const timers = new Map();
  let running = null, retry = null, failures = 0, lastSaved = "", sending = false;

  const questionOf = (element) => element.closest("[data-question]");
  const questions = () => all("[data-question]", form);
  const at = (question) => question.dataset.question;
  const byPlace = (place) => questions().find((question) => at(question) === place);
  const fieldsOf = (question) => all("input, select, textarea", question).filter((field) => field.name && !field.closest("[data-inquiry]"));

  // ---- what the page says --------------------------------------------------------------------------------------

  function say(text, look = "") {
    const place = one("[data-save-text]", bar);
    if (place.textContent !== text) place.textContent = text;   // a screen reader speaks every change
    one("[data-save-state]", bar).dataset.look = look;
    one("[data-retry]", bar).hidden = look !== "failed";
  }

  function note(part, sentence) {
    if (!part) return;
    part.hidden = !sentence;
    one("[data-sentence]", part).textContent = sentence || "";
  }

  function trouble(question, sentence) {
    note(one("[data-trouble]", question), sentence);
    fieldsOf(question).filter((field) => field.type !== "hidden").forEach((field) => {
      if (sentence) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    });
  }

  function mark(question, look, text) {
    const state = one("[data-question-state]", question);
    state.dataset.look = look;
    state.replaceChildren(...(look === "saved" ? [window.portal.icon("check"), text] : [text]));
  }

  function follow(told) {
    questions().forEach((question) => {
      question.hidden = !told.shown.includes(at(question));
      if (at(question) in told.calculated) one("[data-value]", question).textContent = told.calculated[at(question)] || "–";
      const open = told.open[at(question)];
      if (question.dataset.refused === undefined) trouble(question, open?.why === "tegenspraak" ? open.sentence : "");
      const reason = one("[data-reason]", question);
      if (open?.why === "toelichting") note(reason, open.sentence);
      else if (reason && !one("[data-reason-field]", reason).value) note(reason, "");
    });
    one("[data-done]", bar).value = told.done;
    one("[data-counted]", bar).textContent = told.still ? `${told.still} van ${told.asked} open` : "Alles is ingevuld";
    all("[data-step]").forEach((step) => {
      const [still] = told.progress[step.dataset.step] || [0];
      step.classList.toggle("is-done", !still);
      const count = one("[data-step-open]", step);
      const hint = Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: still ? " open" : "niets meer open" });
      count.replaceChildren(...(still ? [String(still), hint] : [window.portal.icon("check-circle"), hint]));
    });
    openHere(told.open);
    // A section appeared or went: the list of sections is another one.
    const listed = all("[data-step]").map((step) => step.dataset.step).join();
    if (Object.keys(told.progress).join() !== listed) renewSteps();
  }

  async function renewSteps() {
    try {
      const page = await (await fetch(window.location, { headers: { Accept: "text/html" } })).text();
      const fresh = new DOMParser().parseFromString(page, "text/html");
      const list = one(".section-list", fresh), onward = one("[data-onward]", fresh);
      if (!list || !onward) return;
      one(".section-list").replaceWith(list);
      one("[data-onward]").replaceWith(onward);
    } catch { /* the next page has it */ }
  }

  function openHere(open) {
    const text = one("[data-open-here]", form);
    const links = Object.keys(open).map(byPlace).filter(Boolean).map((question) => {
      const link = document.createElement("a");
      link.href = `#${question.id}`;
      link.textContent = one("[data-name]", question).textContent;
      return link;
    });
    text.replaceChildren(...(links.length ? ["Nog open in dit onderdeel: ", ...links.flatMap((link, index) => (index ? [", ", link] : [link]))] : []));
  }

  // ---- saving ----------------------------------------------------------------------------------------------------

  function bodyOf(question) {
    const body = new URLSearchParams();
    body.set("versie", form.elements.versie.value);
    body.set("vraag", at(question));
    fieldsOf(question).forEach((field) => {
      if (field.matches("[data-reason-field]")) { if (field.value !== field.defaultValue) body.set("reden", field.value); }
      else if (!["checkbox", "radio"].includes(field.type) || field.checked) body.append(field.name, field.value);
    });
    return body;
  }

  // What stands here now is what the server has: a draft need not keep it any more.
  function settle(question) {
    fieldsOf(question).forEach((field) => {
      if (["checkbox", "radio"].includes(field.type)) field.defaultChecked = field.checked;
      else if (field.options) [...field.options].forEach((option) => { option.defaultSelected = option.selected; });
      else field.defaultValue = field.value;
    });
    form.dispatchEvent(new CustomEvent("portal:kept", { bubbles: true }));
  }

  const differs = (question) => fieldsOf(question).some((field) => (["checkbox", "radio"].includes(field.type) ? field.checked !== field.defaultChecked
    : field.options ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected)) : field.value !== field.defaultValue));

  function revise(question, revision) {
    question.dataset.revision = revision;
    fieldsOf(question).find((field) => field.name === `${at(question)}.gezien`).value = revision;
  }

  // A reason goes with the answer that it was given for: with another answer the server has none.
  function settleReason(question, kept) {
    const field = one("[data-reason-field]", question);
    if (!field) return;
    if (field.value === field.defaultValue) field.value = kept;
    field.defaultValue = kept;
  }

  function accept(question, told, sent) {
    // Before anything is changed here: who typed on while it was sent has more to save.
    const same = String(bodyOf(question)) === sent;
    delete question.dataset.refused;
    one("[data-clash]", question).hidden = true;
    revise(question, told.revision);
    fieldsOf(question).find((field) => field.name === `${at(question)}.was`).value = told.mark;
    settleReason(question, told.reason);
    if (same) settle(question);
    mark(question, "saved", "Bewaard");
    const warnings = one("[data-warnings]", question);
    warnings.replaceChildren(...told.warnings.map((sentence) => {
      const line = document.createElement("p");
      line.append(window.portal.icon("warning"), Object.assign(document.createElement("span"), { textContent: sentence }));
      return line;
    }));
    lastSaved = told.at;
    follow(told);
  }

  function refuse(question, told) {
    question.dataset.refused = "";
    mark(question, "failed", "");
    if (told.html) return clash(question, told);
    // Who is still typing is not corrected half-way.
    if (question.contains(document.activeElement) && document.activeElement.matches("input:not([type=radio], [type=checkbox])")) {
      question.dataset.later = told.error;
    } else trouble(question, told.error);
  }

  function clash(question, told) {
    const box = one("[data-clash]", question);
    one("[data-clash-by]", box).textContent = told.by;
    one("[data-clash-mine]", box).textContent = told.mine;
    one("[data-clash-whose]", box).textContent = `Antwoord van ${told.by}`;
    one("[data-clash-theirs]", box).textContent = told.theirs;
    const keep = one("[data-keep-theirs]", box);
    keep.textContent = `Dat van ${told.by} houden`;
    keep.dataset.html = told.html;
    box.dataset.revision = told.revision;
    box.hidden = false;
    trouble(question, "");
  }

  const NOT_YET = "Nog niet opgeslagen…";
  const LOST = "Niet opgeslagen: er is geen verbinding. Wat u typte, staat er nog.";

  async function send(question) {
    const sent = String(bodyOf(question));
    mark(question, "busy", "");
    const answer = await portal.post(form.dataset.answerUrl, () => sent, {
      credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(20000),
      headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
    });
    const told = await answer.json();
    if (answer.ok) accept(question, told, sent);
    else if ([409, 422].includes(answer.status)) refuse(question, told);
    else throw Object.assign(new Error(told.error), { status: answer.status, sentence: told.error });
  }

  function fail(error) {
    if (error.status === 401) {
      say("Niet opgeslagen: u bent niet meer ingelogd. Uw tekst blijft staan. ", "out");
      const link = Object.assign(document.createElement("a"), { href: form.dataset.enterUrl, textContent: "Log opnieuw in" });
      one("[data-save-text]", bar).append(link);
      return;
    }
    if (error.status && error.status < 500) return say(`Niet opgeslagen: ${error.sentence}`, "failed");
    say(error.status ? `Niet opgeslagen: ${error.sentence}` : LOST, "failed");
    const seconds = RETRIES[Math.min(failures, RETRIES.length - 1)];
    failures += 1;
    clearTimeout(retry);
    retry = setTimeout(run, seconds * 1000);
  }

  async function work() {
    while (waiting.size) {
      const [place, question] = waiting.entries().next().value;
      say("Bezig met bewaren…", "busy");
      waiting.delete(place);
      try {
        await send(question);
        failures = 0;
      } catch (error) {
        if (!waiting.has(place)) waiting.set(place, question);
        fail(error);
        return false;
      }
    }
    const refused = questions().filter((question) => question.dataset.refused !== undefined && !question.hidden);
    if (refused.length) say(`${refused.length === 1 ? "Eén antwoord is" : `${refused.length} antwoorden zijn`} nog niet opgeslagen: zie hieronder.`, "refused");
    else if (timers.size) say(NOT_YET, "busy");
    else say(lastSaved ? `Opgeslagen om ${lastSaved}` : "Uw antwoorden worden meteen opgeslagen.", "saved");
    return true;
  }

  /** Save what waits; resolves to whether nothing waits any more. */
  function run() {
    clearTimeout(retry);
    if (!running) running = work().finally(() => { running = null; });
    return running;
  }

  async function flush() {
    [...timers].forEach(([place, { timer, question }]) => { clearTimeout(timer); timers.delete(place); waiting.set(place, question); });
    if (running) await running;
    return waiting.size ? run() : true;
  }

  function forgetTimer(question) {
    clearTimeout(timers.get(at(question))?.timer);
    timers.delete(at(question));
  }

  function touched(question, pause) {
    forgetTimer(question);
    // The two buttons of a clash decide, not the next letter.
    if (!one("[data-clash]", question).hidden) return;
    const timer = setTimeout(() => { timers.delete(at(question)); waiting.set(at(question), question); run(); }, pause);
    timers.set(at(question), { timer, question });
    if (!["failed", "out"].includes(one("[data-save-state]", bar).dataset.look)) say(NOT_YET, "busy");
  }

  // The browser sends every field itself; nothing waits any more.
  function through() {
    timers.forEach(({ timer }) => clearTimeout(timer));
    timers.clear();
    waiting.clear();
    sending = true;
  }

  const unsaved = () => !sending && (waiting.size > 0 || timers.size > 0 || running !== null || questions().some((question) => question.dataset.refused !== undefined && !question.hidden));

  // ---- typing and choosing ------------------------------------------------------------------------------------------

  function alone(field) {
    const same = fieldsOf(questionOf(field)).filter((other) => other.name === field.name && other !== field);
    if (field.type !== "checkbox" || !field.checked) return;
    if (field.matches("[data-alone]")) same.forEach((other) => { other.checked = false; });
    else same.filter((other) => other.matches("[data-alone]")).forEach((other) => { other.checked = false; });
    if (field.matches("[data-other]")) same.forEach((other) => { other.checked = false; });
  }

  const emptied = new WeakMap();   // question -> [[field, what stood there], …]

  function putBack(question, except) {
    (emptied.get(question) || []).filter(([field]) => field !== except).forEach(([field, value]) => {
      field.value = value;
      if (field.dataset.limit) count(field);
    });
    emptied.delete(question);
  }

  // 'onbekend' and a typed answer exclude each other; the last touched one stays. Who unticks has back what was typed.
  function other(field) {
    const question = questionOf(field);
    const ticked = all("[data-other]:checked", question);
    if (field.matches("[data-other]") && field.checked) {
      const typed = fieldsOf(question).filter((one) => !["hidden", "checkbox", "radio"].includes(one.type) && !one.matches("[data-reason-field], [data-row-count]"));
      // A tick comes as two events; at the second one nothing stands there.
      if (typed.some((one) => one.value)) emptied.set(question, typed.map((one) => [one, one.value]));
      typed.forEach((one) => { one.value = ""; });
    } else if (field.matches("[data-other]")) {
      putBack(question);
    } else if (ticked.length && field.type !== "checkbox" && field.value && !field.matches("[data-reason-field], [data-row-count]")) {
      ticked.forEach((box) => { box.checked = false; });
      putBack(question, field);
    }
  }

  function count(field) {
    const limit = Number(field.dataset.limit), counter = one("[data-counter]", questionOf(field));
    if (!counter || field.matches("[data-reason-field]")) return;
    counter.hidden = field.value.length < limit * 0.8;
    counter.textContent = field.value.length > limit ? `${field.value.length - limit} tekens te lang (hoogstens ${limit})` : `Nog ${limit - field.value.length} tekens`;
    counter.classList.toggle("is-over", field.value.length > limit);
  }

  // Digits alone are enough: a telephone's number keys have no dash.
  function punctuate(field) {
    const digits = /^\d+$/.test(field.value) && field.selectionStart === field.value.length ? field.value : "";
    if (field.matches("[data-date]") && digits.length === 8) field.value = `${digits.slice(0, 2)}-${digits.slice(2, 4)}-${digits.slice(4)}`;
    if (field.matches("[data-time]") && digits.length === 4) field.value = `${digits.slice(0, 2)}:${digits.slice(2)}`;
  }

  // A date whose time is still to come, and the like: half an answer is not saved yet.
  const between = (field) => field.id.endsWith("-veld") && one(`[id="${field.id}-2"]`, questionOf(field)) !== null;

  const clearable = (question) => {
    const button = one("[data-clear]", question);
    if (button) button.hidden = !fieldsOf(question).some((field) => field.type === "radio" && field.checked);
  };

  function changed({ target, type }) {
    const question = target.closest?.("[data-question]");
    if (!question || !target.name || target.type === "hidden" || target.closest("[data-inquiry]") || !form.contains(question)) return;
    if (type === "input") punctuate(target);
    alone(target);
    other(target);
    clearable(question);
    if (target.dataset.limit) count(target);
    if (target.matches("[data-row-count]")) return grow(question, Number(target.value));
    delete question.dataset.later;
    mark(question, "", "");
    const typing = type === "input" && !["checkbox", "radio", "select-one"].includes(target.type);
    touched(question, typing || between(target) ? PAUSE : 0);
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);

  form.addEventListener("focusout", ({ target, relatedTarget }) => {
    const question = questionOf(target);
    if (!question || question.contains(relatedTarget)) return;
    if (timers.has(at(question))) touched(question, 0);
    if (question.dataset.later) trouble(question, question.dataset.later);
    delete question.dataset.later;
  });

  // ---- rows of a list -----------------------------------------------------------------------------------------------

  function number(table) {
    all("[data-row-name]", table).forEach((name, index) => { name.textContent = `Regel ${index + 1}`; });
    one("[data-row-count]", table).value = all("[data-row]", table).length;
  }

  function addRow(table) {
    const rows = all("[data-row]", table), last = rows[rows.length - 1], row = last.cloneNode(true);
    const place = at(questionOf(table)), id = questionOf(table).id;
    const numberOf = (text) => Number(text.slice(place.length + 1).split(".")[0]);
    const old = numberOf(one("[name]", last).name), next = old + 1;
    all("[name]", row).forEach((field) => {
      field.name = field.name.replace(`${place}.${old}.`, `${place}.${next}.`);
      field.value = field.defaultValue = "";
      if (field.options) [...field.options].forEach((option) => { option.defaultSelected = false; });
      field.removeAttribute("aria-invalid");
    });
    all("[id]", row).forEach((element) => { element.id = element.id.replace(`${id}-${old}-`, `${id}-${next}-`).replace(`${id}-regel-${old}`, `${id}-regel-${next}`); });
    all("[aria-labelledby]", row).forEach((field) => {
      field.setAttribute("aria-labelledby", field.getAttribute("aria-labelledby").replaceAll(`${id}-${old}-`, `${id}-${next}-`).replaceAll(`${id}-regel-${old}`, `${id}-regel-${next}`));
    });
    one("[data-rows]", table).append(row);
    number(table);
    return row;
  }

  function grow(question, wanted) {
    const table = one("[data-grows]", question);
    while (table && all("[data-row]", table).length < Math.min(wanted, 60)) addRow(table);
  }

  function removeRow(button) {
    const table = button.closest("[data-table]"), question = questionOf(table), row = button.closest("[data-row]");
    const rows = all("[data-row]", table), beside = rows[rows.indexOf(row) + 1] || rows[rows.indexOf(row) - 1];
    if (!beside) all("[name]", row).forEach((field) => { field.value = ""; });
    else row.remove();
    number(table);
    (beside ? one("[data-remove-row]", beside) : one("[name]", row)).focus();
    touched(question, 0);
  }

  // The empty row behind the others is for who has no script.
  all("[data-grows]", form).forEach((table) => {
    const rows = all("[data-row]", table);
    if (rows.length > 1) rows[rows.length - 1].remove();
    number(table);
    one("[data-row-count]", table).defaultValue = one("[data-row-count]", table).value;
  });

  // ---- clicks -----------------------------------------------------------------------------------------------------

  const clicks = {
    "[data-clear]": (button) => {
      const question = questionOf(button);
      fieldsOf(question).filter((field) => field.type === "radio").forEach((field) => { field.checked = false; });
      clearable(question);
      one("input[type=radio]", question).focus();
      touched(question, 0);
    },
    "[data-add-row]": (button) => one("[name]", addRow(button.closest("[data-table]"))).focus(),
    "[data-remove-row]": removeRow,
    "[data-keep-mine]": (button) => {
      const question = questionOf(button), box = one("[data-clash]", question);
      revise(question, box.dataset.revision);
      box.hidden = true;
      touched(question, 0);
      one("input:not([type=hidden]), select, textarea", question)?.focus();
    },
    "[data-keep-theirs]": (button) => {
      const question = questionOf(button);
      const theirs = new DOMParser().parseFromString(button.dataset.html, "text/html").querySelector("[data-question]");
      forgetTimer(question);
      waiting.delete(at(question));
      question.replaceWith(theirs);
      prepare(theirs);
      one("input:not([type=hidden]), select, textarea", theirs)?.focus();
      form.dispatchEvent(new CustomEvent("portal:kept", { bubbles: true }));
      run();
    },
  };

  form.addEventListener("click", (event) => {
    for (const [selector, act] of Object.entries(clicks)) {
      const found = event.target.closest(selector);
      if (found) act(found);
    }
  });
  one("[data-retry]", bar).addEventListener("click", () => run());
  window.addEventListener("online", () => { if (waiting.size) run(); });

  // ---- leaving --------------------------------------------------------------------------------------------------------

  async function leave(address) {
    if (!(await flush())) return;
    const first = questions().find((question) => question.dataset.refused !== undefined && !question.hidden);
    if (!first) return window.location.assign(address);
    if (first.dataset.later) trouble(first, first.dataset.later);
    first.scrollIntoView({ block: "center" });
    (one("[data-clash]:not([hidden]) button", first) || one("input:not([type=hidden]), select, textarea", first)).focus();
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-leave]");
    if (!link || !unsaved() || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    leave(link.href);
  });
  form.addEventListener("submit", (event) => {
    // A button that does something else sends all fields at once, as without this script.
    if (event.submitter?.matches("[data-through]")) return through();
    event.preventDefault();
    leave(one("[data-onward]", form).dataset.onward);
  });
  // A reply to the coordinator leaves the page; what was typed elsewhere on it goes first.
  document.addEventListener("submit", async (event) => {
    const { target, submitter } = event;
    if (!target.matches("[data-reply]") || !unsaved()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await flush()) target.requestSubmit(submitter);
  }, true);
  window.addEventListener("beforeunload", (event) => { if (unsaved() && one("[data-save-state]", bar).dataset.look !== "out") event.preventDefault(); });

  function prepare(question) {
    clearable(question);
    all("[data-needs-script]", question).forEach((element) => { element.hidden = false; });
    all("[data-limit]", question).forEach(count);
    all("[data-date], [data-time]", question).forEach((field) => { field.inputMode = "numeric"; });
  }
  questions().forEach(prepare);
  // Typed before this script was there, or put back by the browser after a reload.
  questions().filter(differs).forEach((question) => touched(question, 0));
  openHere(Object.fromEntries(questions().filter((question) => question.dataset.open !== undefined).map((question) => [at(question), {}])));
})();
