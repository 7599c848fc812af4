// Tells how much room a text has left. Characters count as they do on the server: code points, not halves
// of pairs.
"use strict";

function count(field) {
  const output = field.form?.querySelector(`output[for="${CSS.escape(field.id)}"]`);
  if (!output) return;
  const used = [...field.value.trim().normalize("NFC")].length;
  output.textContent = `${used} / ${field.dataset.most}`;
  field.setCustomValidity(used > Number(field.dataset.most) ? output.textContent : "");
}

for (const field of document.querySelectorAll("textarea[data-most]")) count(field);
document.addEventListener("input", (event) => {
  if (event.target.matches("textarea[data-most]")) count(event.target);
});
