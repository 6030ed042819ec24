// The count under the Swansea criteria follows the ticks. The sentences come from the server.
"use strict";

document.querySelectorAll("[data-swansea]").forEach((form) => {
  const told = form.querySelector("[data-says]"), sentences = JSON.parse(told.dataset.says);
  form.addEventListener("change", () => { told.textContent = sentences[form.querySelectorAll("[name=criterium]:checked").length]; });
  form.addEventListener("submit", (event) => event.preventDefault());
});
