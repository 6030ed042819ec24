// What a person typed survives a log-in that had to come in between: a session that ended, or a page that stood open too long.
//
// Every form that is posted keeps a draft in this tab's sessionStorage, under the person, the page and the form. The log-in
// page and error pages mark the drafts to be put back; the first page with that form, for that same person, does so. A draft
// goes when its form was accepted, at log-out, when somebody else logs in, and with the tab. Passwords, files, hidden fields
// and forms with data-no-draft are never kept; but what a field says was seen (data-seen) goes along with what was typed beside
// it, so that nobody overwrites what a colleague wrote meanwhile.
"use strict";

(() => {
  const PREFIX = "concept:";
  const person = document.querySelector("meta[name=portal-person]")?.content;
  const loggingIn = document.querySelector("[data-log-in]") !== null;
  const forms = [...document.querySelectorAll("form[method=post]:not([data-no-draft])")];

  const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  const read = (key) => JSON.parse(sessionStorage.getItem(key) || "null");
  function write(key, draft) {
    try { sessionStorage.setItem(key, JSON.stringify(draft)); } catch { /* full or forbidden: the page works without drafts */ }
  }

  const typed = (field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type);
  const fields = (form) => [...form.elements].filter(typed);
  const same = (form, name) => [...form.elements].filter((field) => field.name === name);
  const seenWith = (field) => field.closest("fieldset")?.querySelector("[data-seen]");
  const chosen = (field) => ["checkbox", "radio"].includes(field.type);
  const keyOf = (form) => `${PREFIX}${person}:${window.location.pathname}:${new URL(form.action, window.location).pathname}`;
  const now = (field) => (chosen(field) ? field.checked : field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value);
  const initial = (field) => (chosen(field) ? field.defaultChecked
    : field.options ? [...field.options].some((option) => option.defaultSelected !== option.selected) ? null : now(field) : field.defaultValue);
  const changed = (field) => JSON.stringify(now(field)) !== JSON.stringify(initial(field));

  function keep(form) {
    const mine = fields(form).filter(changed), seen = new Set(mine.map(seenWith).filter(Boolean));
    const values = [...seen, ...mine].map((field) => [same(form, field.name).indexOf(field), field.name, now(field)]);
    if (values.length) write(keyOf(form), { values, sent: false, back: false });
    else sessionStorage.removeItem(keyOf(form));
  }

  function put(field, value) {
    if (chosen(field)) field.checked = value;
    else if (field.multiple) [...field.options].forEach((option) => { option.selected = value.includes(option.value); });
    else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function restore(form) {
    const draft = read(keyOf(form));
    if (!draft?.back) return false;
    // Looked up one by one: putting a value back may make the field of the next one.
    const mine = draft.values.map(([place, name, value]) => {
      const field = same(form, name)[place];
      if (field) put(field, value);
      return field;
    });
    write(keyOf(form), { ...draft, back: false });
    return mine.some(Boolean);
  }

  const failed = (performance.getEntriesByType("navigation")[0]?.responseStatus ?? 200) >= 400;

  if (loggingIn || (person && failed)) {
    keys().forEach((key) => write(key, { ...read(key), sent: false, back: true }));
  } else if (person) {
    keys().forEach((key) => { if (read(key).sent || !key.startsWith(`${PREFIX}${person}:`)) sessionStorage.removeItem(key); });
    // Restored once every script of the page listens, so that what depends on a field follows.
    window.addEventListener("DOMContentLoaded", () => {
      if (forms.map(restore).some(Boolean)) {
        window.portal?.say("Wat u had getypt, staat er weer. Het is nog niet verstuurd.", "info");
      }
    });
  }
  if (!person) return;

  let timer;
  document.addEventListener("input", ({ target }) => {
    const { form } = target;   // now: by then the field may have been exchanged, and belong to none
    if (!forms.includes(form)) return;
    clearTimeout(timer);
    timer = setTimeout(() => keep(form), 400);
  });
  // A script saved part of the form by itself: only the rest is still a draft.
  document.addEventListener("portal:kept", ({ target }) => keep(target));
  document.addEventListener("submit", ({ target }) => {
    clearTimeout(timer);
    if (target.getAttribute("action")?.endsWith("/uitloggen")) keys().forEach((key) => sessionStorage.removeItem(key));
    else if (forms.includes(target)) {
      keep(target);
      const draft = read(keyOf(target));
      if (draft) write(keyOf(target), { ...draft, sent: true });
    }
  });
})();
