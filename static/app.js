// Refines pages that work without it: saves drafts by itself, says what is kept, guards against a second tap.
"use strict";

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const said = form.querySelector("[data-saved]");
  let timer = 0;
  let dirty = false;

  const save = async () => {
    if (!dirty) return;
    const body = new FormData(form);
    body.delete("photos");
    body.set("act", "save");
    try {
      const answer = await fetch(form.getAttribute("action") || location.href, { method: "POST", body, headers: { "X-Autosave": "1" }, redirect: "manual" });
      if (answer.status !== 204) throw new Error();
      dirty = false;
      said.textContent = form.dataset.saved + " " + new Date().toTimeString().slice(0, 5);
    } catch {
      said.textContent = form.dataset.offline;
    }
  };

  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, 3000);
  });
  form.addEventListener("submit", () => { // what was sent is no draft any more
    clearTimeout(timer);
    dirty = false;
  });
  addEventListener("online", save);
  document.addEventListener("visibilitychange", () => document.hidden && save());
}

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
    setTimeout(() => form.querySelectorAll("button:not([name])").forEach((button) => { button.disabled = true; }));
  });
}
