// Edit pages: rows of another table inside the form, and look-ups that search the server while you type.
"use strict";

(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- inline rows ----------------------------------------------------------------------------------------------

  function addRow(holder) {
    const list = holder.querySelector("[data-inline-list]");
    const row = holder.querySelector("[data-inline-template]").content.firstElementChild.cloneNode(true);
    const numbers = [...list.children].map((child) => Number(child.id.split("-").pop()) + 1);
    row.id = `${holder.id}-${Math.max(0, ...numbers)}`;
    const named = (value) => (value ? `${row.id}-${value}` : row.id);
    all("[name]", row).forEach((field) => { field.name = named(field.name); });
    all("[id]", row).forEach((element) => { element.id = named(element.id); });
    all("label[for]", row).forEach((label) => { label.htmlFor = named(label.htmlFor); });
    list.append(row);
    all("[data-role=select2-ajax]", row).forEach(makeLookup);
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }

  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-inline-add]");
    if (add) addRow(add.closest("[data-inline]"));
    const remove = event.target.closest("[data-inline-remove]");
    if (!remove) return;
    const holder = remove.closest("[data-inline]");
    remove.closest("[data-inline-row]").remove();
    holder.querySelector("[data-inline-add]").focus();
  });

  // ---- look-ups: a combobox over Flask-Admin's ajax/lookup --------------------------------------------------------

  function element(tag, className, attributes = {}) {
    const made = document.createElement(tag);
    made.className = className;
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  }

  async function search(url, query) {
    const address = new URL(url, window.location);
    Object.entries({ query, offset: 0, limit: 10 }).forEach(([name, value]) => address.searchParams.set(name, value));
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }

  function makeLookup(store) {
    const many = store.dataset.multiple === "1";
    const json = JSON.parse(store.dataset.json || "null");
    let picked = (many ? json : json && [json]) || [];
    let timer, turn = 0, at = -1;

    const box = element("div", "lookup");
    const chips = element("ul", "lookup-chosen", { "aria-label": "Gekozen" });
    const input = element("input", "", { type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "false",
      "aria-autocomplete": "list", "aria-controls": `${store.id}-keuzes`, placeholder: "Typ om te zoeken" });
    const list = element("ul", "lookup-list", { id: `${store.id}-keuzes`, role: "listbox", "aria-label": "Keuzes", hidden: "" });
    ["aria-describedby", "aria-invalid"].forEach((name) => store.hasAttribute(name) && input.setAttribute(name, store.getAttribute(name)));
    input.id = store.id;
    store.id = `${store.id}-waarde`;
    store.after(box);
    box.append(...(many ? [chips] : []), input, list);

    function keep() {
      store.value = picked.map(([id]) => id).join(store.dataset.separator || ",");
      input.value = many ? "" : (picked[0]?.[1] ?? "");
      chips.replaceChildren(...picked.map((pick) => {
        const chip = element("li", "chip");
        const button = element("button", "icon-button", { type: "button", "aria-label": `${pick[1]} weghalen` });
        button.append(window.portal.icon("close"));
        button.addEventListener("click", () => { picked = picked.filter((other) => other !== pick); keep(); input.focus(); });
        chip.append(pick[1], button);
        return chip;
      }));
    }

    function close() {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function choose(pick) {
      picked = many ? [...picked.filter(([id]) => String(id) !== String(pick[0])), pick] : [pick];
      keep();
      close();
    }

    function show(found, note) {
      list.replaceChildren(...found.map((pick, index) => {
        const option = element("li", "", { role: "option", id: `${list.id}-${index}`, "aria-selected": "false" });
        option.textContent = pick[1];
        option.addEventListener("mousedown", (event) => { event.preventDefault(); choose(pick); });
        return option;
      }));
      if (note) list.append(Object.assign(element("li", "is-note", { role: "option", "aria-disabled": "true", "aria-selected": "false" }), { textContent: note }));
      list.hidden = false;
      at = -1;
      input.setAttribute("aria-expanded", "true");
    }

    async function look() {
      const mine = ++turn;
      const query = picked.length && !many && input.value === picked[0][1] ? "" : input.value.trim();
      if (query.length < Number(store.dataset.minimumInputLength || 0)) return close();
      try {
        const found = await search(store.dataset.url, query);
        if (mine === turn && document.activeElement === input) show(found, found.length ? "" : "Niets gevonden");
      } catch {
        if (mine === turn) show([], "Zoeken lukte niet. Controleer uw verbinding en probeer het opnieuw.");
      }
    }

    function move(step) {
      const options = all("[role=option]:not(.is-note)", list);
      if (!options.length) return;
      at = (at + step + options.length) % options.length;
      options.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
      input.setAttribute("aria-activedescendant", options[at].id);
      options[at].scrollIntoView({ block: "nearest" });
    }

    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 200); });
    input.addEventListener("focus", look);
    input.addEventListener("blur", () => {
      if (!many && input.value.trim() === "") picked = [];
      keep();
      close();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) look();
        else move(event.key === "ArrowDown" ? 1 : -1);
      }
      if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        all("[role=option]", list)[at]?.dispatchEvent(new MouseEvent("mousedown", { cancelable: true }));
      }
    });
    keep();
  }

  all("[data-role=select2-ajax]").filter((field) => !field.closest("template")).forEach(makeLookup);
})();
