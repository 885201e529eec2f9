// Comfort for every page; each page works without it.

// A form that is on its way is not sent again; the browser's back button brings it back to life.
for (const form of document.querySelectorAll("form[data-form]")) {
  form.addEventListener("submit", (event) => {
    const asks = event.submitter?.dataset.confirm;
    if (asks && !window.confirm(asks)) {
      event.preventDefault();
      return;
    }
    if (form.dataset.sent === "yes") {
      event.preventDefault();
      return;
    }
    if (form.method === "post") form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Errors are read out where they stand.
document.querySelector("[data-focus]")?.focus();

// A choice that stands alone in its form is sent as soon as it is made.
for (const field of document.querySelectorAll("[data-submit]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}

/** POST of JSON to `/v1` as the visitor; the parsed answer, or null where it was refused or overtaken. */
export async function post(path, body, signal) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  try {
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Runs `work` when calls have stopped for `pause` milliseconds; a newer call aborts what the older one began. */
export function afterPause(work, pause = 400) {
  let timer;
  let running;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running?.abort();
      running = new AbortController();
      work(running.signal, ...values);
    }, pause);
  };
}
