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

// What is read of a need, while it is typed; without script a button shows the same.
const reading = document.querySelector("[data-read]");
if (reading) {
  const source = document.querySelector('script[src*="/static/portal."]').src;
  const { post, afterPause } = await import(source);
  const names = JSON.parse(reading.dataset.read);
  const field = document.querySelector("textarea[name=text]");
  const inside = (one, whole) => one.start !== null && whole.start !== null && whole.start <= one.start && one.end <= whole.end;
  // Conditions that do not count: by the names that the page wrote, or else by their words alone.
  const line = document.querySelector("input[name=without]");
  const dropped = () => {
    const words = (name) => name.slice(name.indexOf(":") + 1).trim();
    const hidden = [...document.querySelectorAll("input[name=named_without]")].map((one) => one.value);
    const named = [];
    let rest = line.value;
    for (const name of hidden.sort((one, other) => words(other).length - words(one).length)) {
      const escaped = words(name).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      const whole = new RegExp(`(^|[、,;\uff0c\uff1b])\\s*${escaped}\\s*(?=[、,;\uff0c\uff1b]|$)`);
      const same = named.some((other) => words(other) === words(name)); // one word, read as two conditions
      if (!same && !whole.test(rest)) continue;
      named.push(name);
      rest = rest.replace(whole, "$1");
    }
    return new Set([...named, ...rest.split(/[、,;\uff0c\uff1b]+/).map((one) => one.trim())]);
  };
  // All but these, and but the numbers that a budget or deadline was read from.
  const conditions = (all) => {
    const names = dropped();
    const wholes = all.filter((one) => one.type === "budget" || one.type === "deadline");
    return all
      .filter((one) => one.type !== "quantity" || !wholes.some((whole) => inside(one, whole)))
      .filter((one) => !names.has(one.text) && !names.has(`${one.type}:${one.text}`));
  };
  const list = (found) =>
    conditions(found.requirements).map((one) => {
      const chip = document.createElement("li");
      const name = document.createElement("span");
      chip.className = "chip";
      name.className = "meta";
      name.textContent = names[one.type] ?? "";
      chip.append(name, ` ${one.text}`);
      return chip;
    });
  const show = afterPause(async (signal) => {
    const text = field.value.trim();
    const found = text && (await post("/v1/understand", { text }, signal));
    if (!found) return;
    const chips = reading.querySelector("ul") ?? document.createElement("ul");
    chips.className = "chips";
    chips.replaceChildren(...list(found));
    if (!chips.isConnected) reading.replaceChildren(chips);
  });
  field.addEventListener("input", () => show());
  line.addEventListener("input", () => show());
  if (field.value !== field.defaultValue) show(); // typed before this ran
}
