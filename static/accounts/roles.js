// The account form asks for a hospital, or for a committee, only for roles that have one.
"use strict";

(() => {
  const boxes = [...document.querySelectorAll('input[name="role_names"]')];
  const rules = document.querySelector("[data-role-fields]");
  if (!boxes.length || !rules) return;
  const wanted = JSON.parse(rules.dataset.roleFields);

  function show() {
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    Object.entries(wanted).forEach(([name, roles]) => {
      const field = document.getElementById(name);
      const needed = chosen.some((role) => roles.includes(role));
      // Without a role yet, and where something stands that has to go, it stays in sight.
      field.closest(".field").hidden = chosen.length > 0 && !needed && (field.value === "" || field.value === "__None");
      field.required = needed;
    });
  }

  boxes.forEach((box) => box.addEventListener("change", show));
  Object.keys(wanted).forEach((name) => document.getElementById(name).addEventListener("change", show));
  show();
})();
