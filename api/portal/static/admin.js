// Comfort for the console: sliders with a live preview, one key for one act, word that something takes a while.

const shared = import(document.querySelector('script[src*="/static/portal."]').src);

// Sliders beside the number fields; whatever is moved is previewed on the server, once it rests.
const weights = document.querySelector("#weights");
if (weights) {
  const { afterPause } = await shared;
  const shown = document.querySelector("#preview");
  const working = document.querySelector("#working");
  const said = working.textContent;
  let chosen;

  const preview = afterPause(async (signal) => {
    const body = new FormData(weights);
    body.set("act", "preview");
    if (chosen) body.set("need_id", chosen);
    working.textContent = working.dataset.working;
    shown.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(weights.action, { method: "POST", body, signal });
      const made = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#preview");
      if (made && answer.ok) shown.replaceChildren(...made.childNodes);
    } catch {
      // Overtaken by a newer one, or the line is down: what is shown stays.
    } finally {
      if (!signal.aborted) {
        working.textContent = said;
        shown.removeAttribute("aria-busy");
      }
    }
  }, 500);

  for (const field of weights.querySelectorAll("[data-low]")) {
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = field.dataset.low;
    slider.max = field.dataset.high;
    slider.step = (slider.max - slider.min) / 200;
    slider.value = field.value;
    slider.setAttribute("aria-label", field.closest(".field").querySelector("label").textContent);
    slider.addEventListener("input", () => {
      field.value = String(Number(Number(slider.value).toPrecision(4)));
      preview();
    });
    field.addEventListener("input", () => {
      slider.value = field.value;
      preview();
    });
    field.before(slider);
  }
  for (const field of weights.querySelectorAll("[name=need], [name=judgement_set]")) {
    field.addEventListener("input", () => {
      chosen = undefined;
      preview();
    });
  }
  weights.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.value === "save") return;
    event.preventDefault();
    event.stopPropagation();
    chosen = button?.name === "need_id" ? button.value : chosen;
    delete weights.dataset.sent;
    preview();
  }, true);
}

// Word that something takes a while, where it is read out.
for (const line of document.querySelectorAll("form [data-working]")) {
  line.closest("form").addEventListener("submit", (event) => {
    if (event.submitter?.value !== "save") line.textContent = line.dataset.working;
  });
}

// Single keys can be switched off (WCAG 2.1.4), and never act while somebody types.
const room = document.querySelector("[data-shortcuts]");
if (room) {
  const name = "pilotmatch-shortcuts";
  const label = document.createElement("label");
  const box = document.createElement("input");
  label.className = "box";
  box.type = "checkbox";
  box.checked = localStorage.getItem(name) !== "off";
  box.addEventListener("change", () => localStorage.setItem(name, box.checked ? "on" : "off"));
  label.append(box, " ", room.querySelector(".hint").textContent);
  room.querySelector(".hint").replaceWith(label);

  const acts = room.dataset.shortcuts === "judging" ? judging : approvals;
  document.addEventListener("keydown", (event) => {
    const types = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (!box.checked || types || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (acts(event.key.toLowerCase())) event.preventDefault();
  });
}

function judging(key) {
  const button = document.querySelector(`#grades [data-key="${CSS.escape(key)}"]`);
  button?.form.requestSubmit(button);
  return Boolean(button);
}

function approvals(key) {
  const entries = [...document.querySelectorAll("[data-entry]")];
  const here = entries.findIndex((one) => one.contains(document.activeElement));
  if (key === "j" || key === "k") {
    entries[Math.min(Math.max(here + (key === "j" ? 1 : -1), 0), entries.length - 1)]?.focus();
    return true;
  }
  const entry = entries[here];
  if (key === "a" && entry) {
    const button = entry.querySelector("[data-approve]");
    button?.form.requestSubmit(button);
    return Boolean(button);
  }
  const back = key === "r" && entry ? entry.querySelector("[data-return]") : null;
  if (back) {
    back.open = true;
    back.querySelector("textarea").focus();
  }
  return Boolean(back);
}
