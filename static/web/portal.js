// Behaviour of every page: menu, messages, confirmation, double submits. Everything hangs on data- attributes;
// pages keep working without it. Other scripts use portal.say() and portal.ask().
"use strict";

(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- messages -------------------------------------------------------------------------------------------------

  const ICONS = { info: "info", success: "check-circle", warning: "warning", error: "error" };
  const script = document.currentScript.src;

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", new URL(`icons/sprite.svg#${name}`, script));
    svg.append(use);
    return svg;
  }

  /** Show a message on top of the page, as a flashed one; kind: info, success, warning or error. */
  function say(text, kind = "info") {
    const notice = document.createElement("div");
    notice.className = `notice ${kind}`;
    if (kind === "error") notice.setAttribute("role", "alert");
    const body = document.createElement("div");
    body.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "icon-button";
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", "Bericht sluiten");
    close.append(icon("close"));
    notice.append(icon(ICONS[kind]), body, close);
    one("[data-flashes]")?.append(notice);
    notice.scrollIntoView({ block: "nearest" });
  }

  // What an act answered stands on top, and its button perhaps two screens down, where the address leads: it is shown there.
  window.addEventListener("load", () => {
    const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const told = all("[data-flashes] > .notice");
    if (place && one("main")?.contains(place) && told.length) {
      (place.closest("table, ul, ol, dl") || place).before(...told);
      told[0].scrollIntoView({ block: "center" });
    }
    const refused = one("main .notice.error");
    if (!refused || document.activeElement.matches("[data-error-summary], input, textarea")) return;
    const { top, bottom } = refused.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) refused.scrollIntoView({ block: "center" });
  });

  // ---- confirmation ---------------------------------------------------------------------------------------------

  /** Ask a question in the page's own dialog; resolves to true when the person says yes. */
  function ask(question, { yes = "Doorgaan", detail = "" } = {}) {
    const dialog = one("[data-confirm-dialog]");
    one("[data-confirm-text]", dialog).textContent = question;
    one("[data-confirm-detail]", dialog).textContent = detail;
    one("[data-confirm-yes]", dialog).textContent = yes;
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "ja"), { once: true });
    });
  }

  const asks = (element) => element?.dataset.confirm && [
    element.dataset.confirm, { yes: element.dataset.confirmYes, detail: element.dataset.confirmDetail }];

  // ---- the form key ----------------------------------------------------------------------------------------------
  // It belongs to a session. A page may outlive that: somebody logs in again in another tab, and goes on here.

  const keyed = one("meta[name=csrf-token]");
  const STALE = [400, 401];   // what a key of before may be answered with

  /** Put the key of the session of now into this page; resolves to whether it is another one than before. */
  async function renewKey() {
    try {
      const answer = await fetch(keyed.dataset.renew, { headers: { Accept: "application/json", "X-Background": "1" }, cache: "no-store" });
      const { key } = await answer.json();
      if (!answer.ok || key === keyed.content) return false;
      keyed.content = key;
      all("input[name=csrf_token]").forEach((field) => { field.value = key; });
      return true;
    } catch {
      return false;
    }
  }

  /** POST with the form key, once more when it had become another; `body`: what makes the body, or undefined. */
  async function post(address, body, { headers, ...more } = {}) {
    const ask = () => fetch(address, { method: "POST", body: body?.(), ...more, headers: { ...headers, "X-CSRFToken": keyed.content } });
    const answer = await ask();
    return STALE.includes(answer.status) && await renewKey() ? ask() : answer;
  }

  const AWAY = 5_000;   // milliseconds: nobody logs in faster
  let left = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) left = performance.now();
    else if (keyed && performance.now() - left > AWAY) renewKey();
  });
  // Out of the browser's memory a page comes back as it was left.
  window.addEventListener("pageshow", (event) => { if (event.persisted && keyed) renewKey(); });

  // ---- sending a form -------------------------------------------------------------------------------------------

  const asking = new WeakSet();   // forms that wait for an answer
  const passed = new WeakSet();   // forms whose questions have been answered
  const busy = new Map();         // form -> what to restore

  const isPost = (form) => form.method === "post" && !form.hasAttribute("data-no-guard");

  function setBusy(form, button) {
    const buttons = [...form.elements].filter((element) => element.type === "submit" && !element.disabled);
    busy.set(form, { buttons, button, label: button && [...button.childNodes] });
    buttons.forEach((element) => { element.disabled = true; });
    if (button) button.replaceChildren("Bezig…");
    form.setAttribute("aria-busy", "true");
    setTimeout(() => restore(form), 30000);   // somebody pressed Escape while the page was on its way
  }

  function restore(form) {
    const state = busy.get(form);
    if (!state) return;
    busy.delete(form);
    state.buttons.forEach((element) => { element.disabled = false; });
    state.button?.replaceChildren(...state.label);
    form.removeAttribute("aria-busy");
  }

  // Leaving the page for the browser's own error page would lose what was typed.
  async function reachable() {
    try {
      await fetch(script, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(8000) });
      return true;
    } catch {
      return false;
    }
  }

  async function clear(form, button) {
    const question = asks(button) || asks(form);
    if (question && !(await ask(...question))) return false;
    if (!isPost(form) || await reachable()) return true;
    say("Er is geen verbinding met het portaal. Uw tekst staat er nog; probeer het zo opnieuw.", "error");
    return false;
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    if (form.method === "dialog") return;
    if (busy.has(form) || asking.has(form)) {
      event.preventDefault();
      return;
    }
    const questions = asks(button) || asks(form) || form.hasAttribute("data-keep");
    if (questions && !passed.delete(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      asking.add(form);
      const yes = await clear(form, button);
      asking.delete(form);
      if (yes) passed.add(form);
      if (yes) form.requestSubmit(button);
      return;
    }
    // what goes to a frame leaves this page as it is, and its buttons with it
    if (!isPost(form) || button?.formTarget) return;
    // after the other listeners: a script that sends the form itself has called preventDefault by then
    setTimeout(() => { if (!event.defaultPrevented) setBusy(form, button); });
  }, true);

  window.addEventListener("pageshow", () => [...busy.keys()].forEach(restore));

  // ---- what is wrong with a field: at the field and in Dutch, in place of the browser's bubble, which goes after seconds --------

  function complaint({ type, tagName, validity, min, max, minLength, maxLength }) {
    const day = (text) => (type === "date" ? text.split("-").reverse().join("-") : text);
    if (validity.valueMissing) return type === "checkbox" ? "Zet hier een vinkje." : type === "file" ? "Kies een bestand." : tagName === "SELECT" || type === "radio" ? "Maak hier een keuze." : "Vul dit in.";
    if (validity.typeMismatch && type === "email") return "Vul een volledig e-mailadres in, zoals naam@ziekenhuis.nl.";
    if (validity.tooLong) return `Gebruik hier hoogstens ${maxLength} tekens.`;
    if (validity.tooShort) return `Gebruik hier minstens ${minLength} tekens.`;
    if (validity.badInput && type === "date") return "Vul een volledige datum in: dag, maand en jaar.";
    if (validity.rangeUnderflow) return type === "date" ? `Kies ${day(min)} of een latere dag.` : `Vul hier ${min} of meer in.`;
    if (validity.rangeOverflow) return type === "date" ? `Kies ${day(max)} of een eerdere dag.` : `Vul hier ${max} of minder in.`;
    return "Controleer wat u hier invulde.";
  }

  /** All that gives one answer: the choices of a group, or the field alone. */
  const choices = (field) => (field.type === "radio" && field.form
    ? [...field.form.elements].filter((other) => other.type === "radio" && other.name === field.name) : [field]);

  function complain(field) {
    const fields = choices(field);
    const last = fields.at(-1);
    const id = `${fields[0].id || fields[0].name}-fout`;
    let said = document.getElementById(id);
    if (!said) {
      said = document.createElement("p");
      said.className = "field-error";
      said.id = id;
      said.dataset.complaint = "";
      said.append(icon("error"), document.createElement("span"));
      const legend = last.closest("fieldset[data-complaint-on-top]")?.firstElementChild;   // of large choices
      (legend || last.closest(".choice, label") || last).after(said);
    }
    one("span", said).textContent = complaint(field);
    fields.forEach((other) => {
      const described = (other.getAttribute("aria-describedby") || "").split(" ").filter((part) => part && part !== id);
      other.setAttribute("aria-describedby", [...described, id].join(" "));
      other.setAttribute("aria-invalid", "true");
    });
  }

  let wrong = null;   // the first of the form: there the person goes
  document.addEventListener("invalid", (event) => {
    event.preventDefault();
    complain(event.target);
    if (wrong) return;
    wrong = event.target;
    setTimeout(() => {
      for (let fold = wrong.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      wrong.focus({ preventScroll: true });
      (wrong.closest(".field") || wrong).scrollIntoView({ block: "center" });
      wrong = null;
    });
  }, true);

  document.addEventListener("input", ({ target }) => {
    const fields = target.validity ? choices(target) : [];
    const said = fields.length && document.getElementById(`${fields[0].id || fields[0].name}-fout`);
    if (!said || !("complaint" in said.dataset)) return;
    said.remove();
    fields.forEach((other) => {
      const described = (other.getAttribute("aria-describedby") || "").split(" ").filter((part) => part && part !== said.id);
      if (described.length) other.setAttribute("aria-describedby", described.join(" "));
      else other.removeAttribute("aria-describedby");
      other.removeAttribute("aria-invalid");
    });
  }, true);

  // ---- clicks -----------------------------------------------------------------------------------------------------

  const clicks = {
    "[data-dismiss]": (button) => button.closest(".notice").remove(),
    "[data-print]": () => window.print(),
    "[data-back]": () => window.history.back(),
    "[data-menu-toggle]": (button) => {
      const open = button.getAttribute("aria-expanded") !== "true";
      button.setAttribute("aria-expanded", String(open));
      one("[data-site-header]").classList.toggle("is-open", open);
    },
    "a[data-confirm]": (link, event) => {
      event.preventDefault();
      ask(...asks(link)).then((yes) => { if (yes) window.location.assign(link.href); });
    },
    "a[data-preview]": (link) => {
      all("[data-preview]").forEach((other) => {
        other.toggleAttribute("aria-current", other === link);
        other.closest(".tile")?.classList.toggle("is-shown", other === link);
      });
      const hint = one("[data-preview-hint]");
      if (hint) hint.hidden = true;
      if (window.matchMedia("(max-width: 860px)").matches) one("[data-preview-pane]")?.scrollIntoView();
    },
  };

  document.addEventListener("click", (event) => {
    all("[data-menu-group][open]").forEach((group) => { if (!group.contains(event.target)) group.open = false; });
    for (const [selector, act] of Object.entries(clicks)) {
      const found = event.target.closest?.(selector);
      if (found) act(found, event);
    }
  });

  document.addEventListener("keydown", (event) => {
    const group = event.key === "Escape" && one("[data-menu-group][open]");
    if (!group) return;
    group.open = false;
    if (group.contains(document.activeElement)) one("summary", group).focus();
  });

  // Once every script of the page listens: a button that nobody hears yet is no button.
  window.addEventListener("DOMContentLoaded", () => {
    all("[data-needs-script]").forEach((element) => { element.hidden = false; element.disabled = false; });
  });
  all("[data-back]").forEach((element) => { element.hidden = window.history.length < 2; });
  all("[data-print]").forEach((element) => { element.hidden = false; });
  one("[data-error-summary]")?.focus();

  /** A name as a header can carry it: what stands in an address is kept by proxies and browsers. */
  const inHeader = (name) => new URLSearchParams({ name }).toString().slice("name=".length).replaceAll("+", "%20");

  const CLOSED = [0, 403, 405, 501];   // how a network says that it lets no PUT through; an answer of ours has a sentence

  const SLOW = [408, 502, 503, 504];   // how what stands before the portal says that it got no answer, or not in time

  /** Why a file did not arrive where the portal itself said nothing: of a line that broke, or what stands before the portal. */
  function reason(status, readable) {
    if (!readable) return "Dit bestand is niet te lezen: het is verplaatst of gewijzigd, of het is een map. Kies het opnieuw.";
    if (status === 0) return "De verbinding is verbroken. Dit bestand is niet aangekomen. Probeer het opnieuw.";
    if (status === 413) return "Dit bestand is te groot voor deze verbinding. Verdeel het over kleinere bestanden.";
    if (SLOW.includes(status)) return "Het portaal antwoordt nu niet. Wacht een paar minuten en probeer het dan opnieuw.";
    return "Dit bestand is niet aangekomen. Ververs de pagina en probeer het opnieuw.";
  }

  /**
   * Send a file as the raw body of a PUT: once more with the key of now when it had become another, and as POST where no PUT
   * passes. Resolves to { status, said, error, readable }, with status 0 for a line that broke; `error`: what to tell of what is
   * no success, of the portal or else by `reason`; `readable`: whether the file still is.
   * `about`: name, sent(bytes), and begin(request), which gives false for a sending that was given up.
   */
  async function sendFile(address, file, about = {}, method = "PUT") {
    const answer = await new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open(method, address);
      const headers = { "Content-Type": "application/octet-stream", Accept: "application/json", "X-File-Name": inHeader(about.name || file.name), "X-CSRFToken": keyed.content };
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.addEventListener("progress", ({ loaded }) => about.sent?.(loaded));
      for (const event of ["load", "error"]) request.addEventListener(event, () => {
        let said = {};
        try { said = JSON.parse(request.responseText) || {}; } catch { /* not an answer of ours */ }
        resolve({ status: request.status, said, readable: true });
      });
      if (about.begin?.(request) !== false) request.send(file);
    });
    if (STALE.includes(answer.status) && await renewKey()) return sendFile(address, file, about, method);
    if (answer.status === 0) answer.readable = await file.slice(0, 1).arrayBuffer().then(() => true, () => false);
    if (method === "PUT" && answer.readable && !answer.said.error && CLOSED.includes(answer.status)) return sendFile(address, file, about, "POST");
    return { ...answer, error: answer.said.error || reason(answer.status, answer.readable) };
  }

  /** The key for a request that is not made by `post`. */
  const key = () => keyed.content;

  window.portal = { say, ask, icon, inHeader, post, sendFile, key, renewKey };
})();
