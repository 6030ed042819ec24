// Lists: choosing rows for a batch action, and building one filter at a time.
"use strict";

(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- rows -----------------------------------------------------------------------------------------------------

  const batch = one("[data-batch]");
  const every = one("[data-pick-all]");
  const everything = one("[data-pick-everything]");

  function countPicks() {
    const boxes = all("[data-pick]");
    const picked = boxes.filter((box) => box.checked);
    boxes.forEach((box) => box.closest("tr").classList.toggle("is-selected", box.checked));
    every.checked = picked.length > 0 && picked.length === boxes.length;
    every.indeterminate = picked.length > 0 && picked.length < boxes.length;
    batch.classList.toggle("is-picking", picked.length > 0);
    const whole = Boolean(everything && everything.checked);
    all("button", batch).forEach((button) => {
      button.disabled = picked.length === 0 && !whole;
      // The next page asks, with the number of rows.
      if (whole && button.dataset.confirm) { button.dataset.confirmLater = button.dataset.confirm; delete button.dataset.confirm; }
      if (!whole && button.dataset.confirmLater) { button.dataset.confirm = button.dataset.confirmLater; }
    });
    one("[data-batch-text]", batch).textContent = whole ? "" : picked.length === 0
      ? "Vink regels aan om ze samen te bewerken."
      : `${picked.length} ${picked.length === 1 ? "regel" : "regels"} gekozen`;
  }

  if (batch && every) {
    document.addEventListener("change", (event) => {
      if (event.target === every) all("[data-pick]").forEach((box) => { box.checked = every.checked; });
      if (event.target.matches("[data-pick], [data-pick-all], [data-pick-everything]")) countPicks();
    });
    window.addEventListener("pageshow", countPicks);
  }

  // ---- filters --------------------------------------------------------------------------------------------------

  const builder = one("[data-filter-builder]");
  if (!builder) return;

  const groups = JSON.parse(builder.dataset.groups);
  const fields = one("[data-filter-field]", builder);
  const operations = one("[data-filter-operation]", builder);
  const values = one("[data-filter-values]", builder);
  const toggle = one("[data-filter-toggle]");

  const chosen = () => groups[fields.value][operations.selectedIndex];

  function input(type, label, id) {
    const element = document.createElement("input");
    element.type = type;
    element.required = true;
    if (type === "datetime-local") element.step = "1";
    if (id) element.id = id;
    else element.setAttribute("aria-label", label);
    return element;
  }

  // what Flask-Admin calls the kind of filter -> native inputs, and how their values become one
  const stamp = (value) => value.replace("T", " ").padEnd(19, ":00");
  const KINDS = {
    datepicker: { types: ["date"], join: ([day]) => day },
    daterangepicker: { types: ["date", "date"], join: (days) => days.join(" to ") },
    datetimepicker: { types: ["datetime-local"], join: ([moment]) => stamp(moment) },
    datetimerangepicker: { types: ["datetime-local", "datetime-local"], join: (moments) => moments.map(stamp).join(" to ") },
    timepicker: { types: ["time"], join: ([time]) => time.padEnd(8, ":00") },
    timerangepicker: { types: ["time", "time"], join: (times) => times.map((time) => time.padEnd(8, ":00")).join(" to ") },
  };

  function drawValue() {
    const filter = chosen();
    if (filter.options) {
      const select = document.createElement("select");
      select.id = "filter-waarde";
      select.append(...filter.options.map(([value, text]) => new Option(text, value)));
      values.replaceChildren(select);
      return;
    }
    const types = (KINDS[filter.type] || { types: ["text"] }).types;
    values.replaceChildren(...types.map((type, at) => input(type, "tot en met", at ? "" : "filter-waarde")));
    if (filter.type === "select2-tags") values.firstChild.placeholder = "waarden met komma’s ertussen";
  }

  function drawOperations() {
    operations.replaceChildren(...groups[fields.value].map((filter) => new Option(filter.operation)));
    drawValue();
  }

  fields.append(...Object.keys(groups).map((name) => new Option(name)));
  fields.addEventListener("change", drawOperations);
  operations.addEventListener("change", drawValue);
  drawOperations();

  toggle.addEventListener("click", () => {
    builder.hidden = !builder.hidden;
    toggle.setAttribute("aria-expanded", String(!builder.hidden));
    if (!builder.hidden) fields.focus();
  });

  builder.addEventListener("submit", () => {
    const filter = chosen();
    const kind = filter.options ? null : KINDS[filter.type];
    const parts = all("input, select", values).map((element) => element.value);
    const hidden = input("hidden");
    hidden.name = `flt${builder.dataset.next}_${filter.arg}`;
    hidden.value = kind ? kind.join(parts) : parts[0];
    all("[data-added]", builder).forEach((old) => old.remove());
    hidden.dataset.added = "";
    builder.append(hidden);
  });
})();
