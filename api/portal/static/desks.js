// Comfort for forms of the desks: one more row of a table of fields, and what is read of a text while it is typed.

for (const table of document.querySelectorAll("fieldset.rows")) {
  const button = table.querySelector("[data-more]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const rows = table.querySelectorAll(".cells");
    const row = rows[rows.length - 1].cloneNode(true);
    for (const field of row.querySelectorAll("input")) field.value = "";
    row.setAttribute("aria-label", row.getAttribute("aria-label").replace(/\d+$/, String(rows.length + 1)));
    button.before(row);
    row.querySelector("input").focus();
  });
}
