// While somebody writes a need, what is understood of it; and copying the link to a search.

const shared = import(document.querySelector('script[src*="/static/portal."]').src);

function chip(requirement, names, must) {
  const made = document.createElement("span");
  made.className = requirement.strength === "must" ? "chip must" : "chip";
  const type = document.createElement("small");
  type.textContent = names[requirement.type] + (requirement.strength === "must" ? ` · ${must}` : "");
  made.append(`${requirement.text} `, type);
  return made;
}

/** All but the numbers that a budget or deadline was read from. */
function conditions(requirements) {
  const spans = requirements.filter((one) => one.type === "budget" || one.type === "deadline");
  const inside = (one) => spans.some((span) => span.start <= one.start && one.end <= span.end);
  return requirements.filter((one) => one.type !== "quantity" || !inside(one));
}

const room = document.querySelector("[data-read]");
const field = document.querySelector("#ask textarea");
if (room && field) {
  const names = JSON.parse(room.dataset.names);
  const empty = [...room.childNodes];
  const { afterPause, post } = await shared;
  const read = afterPause(async (signal) => {
    const answer = field.value.trim() ? await post("/v1/understand", { text: field.value }, signal) : null;
    if (signal.aborted) return;
    const found = answer ? conditions(answer.requirements) : [];
    room.replaceChildren(...(found.length ? found.map((one) => chip(one, names, room.dataset.must)) : empty));
  });
  field.addEventListener("input", () => read());
  if (field.value.trim()) read();
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = button.dataset.done;
  });
}
