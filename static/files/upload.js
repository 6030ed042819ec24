// The page of a case: sending files with progress, and small changes without leaving the page.
// Without this script the page works with ordinary forms.
"use strict";

(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const page = one("[data-case]");
  if (!page) return;

  const section = one("[data-files]", page);

  // ---- the part of the page that follows the files ----------------------------------------------------------------

  let drawing = null;
  let again = false;
  let last = {};   // what the list was last asked to show, such as what was just removed

  /** Fetch the list of documents and files anew; keeps what is unfolded, what is being typed and where the focus is. */
  async function redraw(shown = last, headers = {}) {
    last = shown;
    if (drawing) {
      again = true;
      return drawing;
    }
    const address = `${page.dataset.listUrl}?${new URLSearchParams(shown)}`;
    drawing = fetch(address, { headers: { Accept: "text/html", ...headers } }).then(async (answer) => {
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      put(await answer.text());
    }).catch(() => portal.say("De lijst kon niet worden ververst. Ververs de pagina om te zien wat er is.", "warning"));
    await drawing;
    drawing = null;
    if (again) {
      again = false;
      await redraw();
    }
  }

  const TYPED = "input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), select:not([data-send]), textarea";
  /** Where a field stands, so that its successor is found. */
  const placeOf = (field) => (field.id ? `#${CSS.escape(field.id)}` : `#${CSS.escape(field.closest("[id]").id)} [name="${CSS.escape(field.name)}"]`);
  const isTyped = (field) => (field.options ? !field.selectedOptions[0]?.defaultSelected && field.selectedIndex > 0 : field.value !== field.defaultValue);
  const focused = () => (section.contains(document.activeElement) ? document.activeElement : null);
  const undoOf = () => one(".undo-bar form", section)?.action;

  function put(html) {
    const open = all("details[open][id]:not(.drop)", section).map((fold) => fold.id);
    // What was just sent needs no second time.
    const typed = all(TYPED, section).filter((field) => isTyped(field) && !field.form?.dataset.busy).map((field) => [placeOf(field), field.value]);
    const held = focused(), focus = held?.closest("[id]").id, undo = undoOf();
    const writing = held?.matches(TYPED) && [placeOf(held), held.selectionStart, held.selectionEnd];
    section.innerHTML = html;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const [place, value] of typed) if (one(place, section)) one(place, section).value = value;
    all("[data-needs-script]", section).forEach((element) => { element.hidden = false; });
    hideOwn();
    const same = writing && one(writing[0], section);
    if (same) {
      same.focus({ preventScroll: true });
      if (writing[1] !== null && same.setSelectionRange) same.setSelectionRange(writing[1], writing[2]);
    } else if (focus) refocus(document.getElementById(focus), undoOf() !== undo);
    document.dispatchEvent(new Event("redrawn"));
    stand();
    watch();
  }

  // What is on its way here is no news below.
  const uploads = new Set();      // everything that has not arrived
  const hideOwn = () => {
    const here = [...uploads].map((upload) => upload.parts?.address);
    for (const line of all("[data-unfinished]", section)) line.hidden = here.includes(line.dataset.unfinished);
  };

  /** How far the dossier is, in the bar that stays in sight. */
  function stand() {
    const place = one("[data-files-state]");
    if (place) place.textContent = one("[data-state]", section).dataset.state;
  }

  // While the portal still looks into files, the list is fetched again: often at first, then ever less.
  const FIRST_LOOK = 2_000;
  const LAST_LOOK = 600_000;
  let pause = FIRST_LOOK;
  let watching = null;

  function watch() {
    clearTimeout(watching);
    if (!one("[data-in-the-works]", section) || pause > LAST_LOOK) return;
    watching = setTimeout(() => {
      pause *= 1.5;
      // Who is typing is not disturbed by what nobody asked for.
      if (document.hidden || focused()?.matches(TYPED)) watch();
      else redraw(last, { "X-Background": "1" });   // nobody need be there: this keeps no session alive
    }, pause);
  }

  // Whoever works by keyboard goes on where they were; after a removal that is the way back.
  function refocus(place, removed) {
    const reachable = "button, a[href], input, select, summary";
    const target = (removed && one(".undo-bar button", section)) || (place?.matches(reachable) ? place : place && one(reachable, place));
    target?.focus({ preventScroll: true });
  }

  stand();
  watch();

  // ---- small forms ------------------------------------------------------------------------------------------------

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-quiet]");
    if (!form || event.defaultPrevented) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "ja";
    try {
      const body = () => new URLSearchParams(new FormData(form, event.submitter));
      const answer = await portal.post(form.action, body, { headers: { Accept: "application/json" } });
      const said = await answer.json();
      if (said.error) portal.say(said.error, "error");
      else await redraw(said.shown);
    } catch {
      portal.say("Dit is niet opgeslagen: er is geen verbinding met het portaal. Probeer het zo opnieuw.", "error");
    }
    delete form.dataset.busy;
  });

  section.addEventListener("click", (event) => {
    if (event.target.closest(".undo-bar [data-dismiss]")) last = {};
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
  });

  // One after the other: each is made in a process of its own.
  document.addEventListener("click", async (event) => {
    const whole = event.target.closest("[data-strip-all]");
    if (!whole) return;
    const forms = all("form[data-strip]", section);
    whole.disabled = true;
    for (const [number, form] of forms.entries()) {
      whole.textContent = `Bestand ${number + 1} van ${forms.length} …`;
      try {
        const answer = await portal.post(form.action, () => new URLSearchParams(new FormData(form)), { headers: { Accept: "application/json" } });
        const said = await answer.json();
        if (said.error) portal.say(said.error, "error");
      } catch {
        portal.say("Dit is niet opgeslagen: er is geen verbinding met het portaal. Probeer het zo opnieuw.", "error");
        break;
      }
    }
    await redraw();
  });

  if (!page.dataset.writable) return;

  // ---- sending ----------------------------------------------------------------------------------------------------

  const AT_ONCE = 2;
  const list = one("[data-uploads]");
  const template = one("[data-upload-template]");
  const chooser = document.getElementById("bestanden-kiezen");
  let asked = "";                 // the document for which files are being chosen
  let same = null;                // the unfinished upload for which its file is being chosen
  let replaces = "";              // the file whose place the chosen one takes
  let withoutThem = false;        // somebody said that what did not arrive may stay behind

  const waiting = () => [...uploads].filter((upload) => upload.state === "waiting");
  const running = () => [...uploads].filter((upload) => upload.state === "running");
  const lost = () => [...uploads].filter((upload) => upload.state === "failed" && upload.again);   // what may not come at all was told
  const busy = () => waiting().length + running().length > 0;

  const size = (bytes) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1).replace(".", ",").replace(",0", "")}GB` : bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))}KB` : `${(bytes / 1e6).toFixed(1).replace(".", ",")}MB`);

  // What a header can hold; the server tidies the rest.
  function shortName(name) {
    const dot = name.lastIndexOf(".");
    return name.length < 256 ? name : name.slice(0, 180) + (dot > 0 ? name.slice(dot).slice(0, 12) : "");
  }

  function button(label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button quiet small";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }

  /** Show how an upload stands; `actions` are the buttons that help now. */
  function tell(upload, state, text, actions = []) {
    upload.state = state;
    upload.row.classList.toggle("is-failed", state === "failed");
    upload.row.classList.toggle("is-done", state === "done");
    one("[data-upload-text]", upload.row).textContent = text;
    one("[data-upload-actions]", upload.row).replaceChildren(...actions);
    one("[data-submit-hint]").textContent = busy() ? "Er worden nog bestanden verstuurd." : "";
  }

  // As the server keeps it (models/typed_text.py): a Mac writes other blanks, and letters in two parts.
  const tidyName = (name) => shortName(name).normalize("NFC").replace(/\p{Zs}/gu, " ").replace(/\p{Cf}/gu, "");

  /** The unfinished upload of this very file, if there is one that is not going on here already. */
  function unfinished(file, before) {
    const fits = ({ name, size: bytes, modified, replaces: place }) => place === before && tidyName(name) === tidyName(file.name) && Number(bytes) === file.size && Number(modified) === file.lastModified;
    return all("[data-unfinished]", section).find((line) => !line.hidden && fits(line.dataset));
  }

  function add(file, document, before = "") {
    const row = template.content.firstElementChild.cloneNode(true);
    const upload = { file, row, document, before, key: (crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`).replaceAll(/[^\w-]/g, "") };
    one("[data-upload-name]", row).textContent = file.name;
    one("[data-upload-progress]", row).setAttribute("aria-label", `Voortgang van ${file.name}`);
    list.append(row);
    uploads.add(upload);
    const problem = refusal(file);
    if (problem) return fail(upload, problem, false);
    tell(upload, "waiting", "wacht", [button("Annuleren", () => drop(upload))]);
  }

  function refusal(file) {
    if (file.size === 0) return "Dit bestand is leeg, of het is een map.";
    if (file.size > Number(page.dataset.maxSize)) return `Dit bestand is groter dan ${size(Number(page.dataset.maxSize))}. Verdeel het over meer bestanden.`;
    return file.size > Number(page.dataset.room) ? "Dit bestand past niet meer in wat uw ziekenhuis vandaag kan toevoegen. Voeg het morgen toe." : "";
  }

  function fail(upload, text, mayRetry = true) {
    const retry = mayRetry ? [button("Opnieuw proberen", () => { tell(upload, "waiting", "wacht"); next(); })] : [];
    withoutThem = false;
    upload.again = mayRetry;
    list.append(upload.row);   // what still runs stays on top
    tell(upload, "failed", text, [...retry, button("Sluiten", () => drop(upload))]);
  }

  function drop(upload) {
    upload.request?.abort();
    if (upload.state !== "failed" || upload.hopeless) upload.parts?.stop();   // what failed may go on later
    else upload.parts?.abort();
    uploads.delete(upload);
    upload.row.remove();
    hideOwn();
    one("[data-submit-hint]").textContent = busy() ? "Er worden nog bestanden verstuurd." : "";
    next();
  }

  function next() {
    for (const upload of waiting().slice(0, AT_ONCE - running().length)) (upload.file.size > Number(page.dataset.inPartsFrom) ? sendInParts : send)(upload);
  }

  /** Say it to who cannot see the bar; not each of its steps. */
  function announce(sentence) {
    one("[data-upload-said]").textContent = sentence;
  }

  function sendInParts(upload) {
    const { file, before } = upload;
    const bar = one("[data-upload-progress]", upload.row);
    const text = one("[data-upload-text]", upload.row);
    const cancel = () => [button("Annuleren", () => drop(upload))];
    const went = unfinished(file, before);
    text.setAttribute("aria-live", "off");
    let quarter = 0;
    const about = { begin: `${page.dataset.uploadUrl}/delen`, name: shortName(file.name), document: upload.document, replaces: before };
    about.address = upload.parts?.address || went?.dataset.unfinished;
    tell(upload, "running", `0KB van ${size(file.size)}`, cancel());
    upload.parts = window.resumable.send(file, about, {
      begun() {},
      sent(bytes) {
        bar.value = (100 * bytes) / file.size;
        text.textContent = bytes < file.size ? `${size(bytes)} van ${size(file.size)}` : "wordt gecontroleerd";
        const now = Math.floor((4 * bytes) / file.size);
        if (now > quarter && now < 4) announce(`${file.name}: ${25 * now} procent verstuurd`);
        quarter = now;
      },
      waits(sentence) {
        text.textContent = sentence;
        announce(`${file.name}: ${sentence}`);
      },
      done(said) {
        announce(`${said.name} is ontvangen`);
        done(upload, said);
        next();
      },
      failed(sentence, again) {
        upload.hopeless = !again;
        if (upload.hopeless) upload.parts?.stop();
        announce("");
        text.removeAttribute("aria-live");
        fail(upload, sentence, again);
        redraw();
        next();
      },
    });
    hideOwn();
  }

  async function send(upload) {
    const { file, row } = upload;
    const about = new URLSearchParams({ sleutel: upload.key });
    if (upload.document) about.set("document", upload.document);
    if (upload.before) about.set("vervangt", upload.before);
    tell(upload, "running", `0KB van ${size(file.size)}`, [button("Annuleren", () => drop(upload))]);
    const answer = await portal.sendFile(`${page.dataset.uploadUrl}?${about}`, file, {
      name: shortName(file.name),
      begin(request) {
        upload.request = request;
        return uploads.has(upload);
      },
      sent(bytes) {
        one("[data-upload-progress]", row).value = (100 * bytes) / file.size;
        one("[data-upload-text]", row).textContent = bytes < file.size ? `${size(bytes)} van ${size(file.size)}` : "wordt gecontroleerd";
      },
    });
    arrived(upload, answer);
  }

  function done(upload, said) {
    one("[data-upload-progress]", upload.row).value = 100;
    tell(upload, "done", "ontvangen");
    if (said.note) portal.say(said.note, "warning");
    uploads.delete(upload);
    pause = FIRST_LOOK;
    redraw().then(() => setTimeout(() => upload.row.remove(), 2500));
  }

  function arrived(upload, { status, said, error, readable }) {
    if (status === 201) {
      done(upload, said);
    } else {
      // What is wrong with the file itself does not get better by sending it again.
      fail(upload, error, readable && ![413, 415, 422].includes(status));
    }
    next();
  }

  function take(files, document, before = "") {
    for (const file of files) add(file, document, before);
    next();
  }

  chooser.addEventListener("change", () => {
    const other = same && [...chooser.files].find((file) => unfinished(file, replaces) !== same);
    if (other) portal.say(`${other.name} is niet hetzelfde bestand: de naam, de grootte of de datum is anders. Kies precies het bestand waarmee u begon, of verwijder de onvolledige upload.`, "warning");
    else take(chooser.files, asked, replaces);
    chooser.value = "";
  });

  document.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-pick], [data-pick-same]");
    if (!pick) return;
    same = pick.closest("[data-unfinished]");
    asked = pick.dataset.pick || "";
    replaces = pick.dataset.replaces || same?.dataset.replaces || "";
    chooser.multiple = !replaces;   // one takes the place of one
    chooser.click();
  });

  // ---- dropping anywhere on the page ------------------------------------------------------------------------------

  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

  function hover(target) {
    document.body.classList.toggle("is-dropping", target !== null);
    all(".is-over", section).forEach((element) => element.classList.remove("is-over"));
    (target?.closest("[data-asked]") || (target && one(".tile-add", section)))?.classList.add("is-over");
  }

  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    hover(event.target);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) hover(null); });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    hover(null);
    const maps = [...event.dataTransfer.items].filter((item) => item.webkitGetAsEntry?.()?.isDirectory).map((item) => item.getAsFile());
    const isMap = (file) => maps.some((map) => map && map.name === file.name && map.size === file.size);
    if (maps.length) portal.say("U sleepte een map. Open de map, en sleep de bestanden die erin staan.", "warning");
    take([...event.dataTransfer.files].filter((file) => !isMap(file)), event.target.closest("[data-asked]")?.dataset.asked);
  });

  // ---- leaving ----------------------------------------------------------------------------------------------------

  window.addEventListener("beforeunload", (event) => { if (busy()) event.preventDefault(); });

  // Handing in waits a few seconds for files that are still looked at; what is not ready then, the server asks about.
  const MOST_WAITS = 8;
  let waits = 0;

  one("[data-submit-case]")?.addEventListener("submit", (event) => {
    const form = event.target;
    if (busy()) {
      event.preventDefault();
      portal.say("Er worden nog bestanden verstuurd. Wacht tot alles is ontvangen, en dien de melding dan in.", "warning");
    } else if (lost().length && !withoutThem) {
      event.preventDefault();
      const names = lost().map((upload) => upload.file.name).join(", ");
      portal.ask("Niet alle bestanden zijn aangekomen. Toch verder?", { yes: "Verder zonder deze", detail: `Niet aangekomen: ${names}. Kies 'Annuleren' om ze nog eens te versturen.` })
        .then((yes) => { if ((withoutThem = yes)) form.requestSubmit(); });
    } else if (waits > 0 && waits < MOST_WAITS) {
      event.preventDefault();   // pressed again while it waits
    } else if (waits < MOST_WAITS && one("[data-in-the-works]", section)) {
      event.preventDefault();
      wait(form);
    }
  });

  async function wait(form) {
    const hint = one("[data-submit-hint]");
    hint.setAttribute("role", "status");
    for (waits = 1; waits < MOST_WAITS && one("[data-in-the-works]", section); waits += 1) {
      hint.textContent = "Wij kijken uw bestanden nog na. Een ogenblik…";
      await new Promise((done) => { setTimeout(done, 1000); });
      await redraw();
    }
    hint.textContent = "";
    waits = MOST_WAITS;
    form.requestSubmit();
    waits = 0;   // after a refusal it may be pressed again
  }
})();
