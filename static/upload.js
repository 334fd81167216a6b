// Shows how far each file of a form is. Those of a form of files go one by one, each with its own answer; those that belong to a
// record go with it, all or nothing. Without this script the form is simply sent.
"use strict";

for (const form of document.querySelectorAll("form[data-with-files]")) {
  const input = form.querySelector("input[type=file]");
  const list = document.createElement("ul");
  list.className = "uploads";
  input.after(list);

  const line = (file, start) => {
    const item = document.createElement("li"), bar = document.createElement("progress"), said = document.createElement("span");
    bar.max = file.size;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    said.textContent = file.name;
    item.append(said, bar);
    list.append(item);
    return { item, bar, said, start };
  };

  const show = (request) => {
    document.open();
    document.write(request.responseText);
    document.close();
    history.replaceState(null, "", request.responseURL);
    scrollTo(0, 0);
  };

  form.addEventListener("submit", (event) => {
    if (event.submitter?.name || !input.files.length) return;
    event.preventDefault();
    list.replaceChildren();
    let size = 0;
    const lines = [...input.files].map((file) => line(file, (size += file.size) - file.size));
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      for (const { bar, start } of lines) bar.value = loaded - (total - size) - start;
    });
    request.addEventListener("load", () => show(request));
    request.addEventListener("error", () => {
      for (const { item, bar, said } of lines) {
        item.className = "bad";
        said.textContent += " · " + form.dataset.failed;
        bar.remove();
      }
      form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
      form.dispatchEvent(new Event("input"));
    });
    request.open("POST", form.getAttribute("action") || location.href);
    request.send(new FormData(form));
  });
}

for (const form of document.querySelectorAll("form[data-one-by-one]")) {
  const input = form.querySelector("input[type=file]"), button = form.querySelector("button");
  const list = document.createElement("ul");
  list.className = "uploads";
  form.append(list);

  const line = (name) => {
    const item = document.createElement("li"), bar = document.createElement("progress"), said = document.createElement("span");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", name);
    said.textContent = name;
    item.append(said, bar);
    list.append(item);
    return { item, bar, said };
  };

  const send = (file) => new Promise((done) => {
    const { item, bar, said } = line(file.name), body = new FormData(form), request = new XMLHttpRequest();
    body.delete(input.name);
    body.append(input.name, file);
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    request.addEventListener("loadend", () => {
      const page = request.response, well = request.status === 200 && page;
      const told = page ? [...page.querySelectorAll(well ? ".messages .note.good" : "form .note.wrong")] : [];
      const words = told.map((each) => each.textContent.trim()).join(" ");
      said.textContent = file.name + " · " + (words || (well ? form.dataset.kept : form.dataset.failed));
      item.className = well ? "well" : "bad";
      bar.remove();
      if (well) document.querySelector("[data-kept-list]").replaceWith(page.querySelector("[data-kept-list]"));
      done(well);
    });
    request.responseType = "document";
    request.open("POST", form.getAttribute("action") || location.href);
    request.send(body);
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...input.files];
    list.replaceChildren();
    const left = new DataTransfer();
    for (const file of files) if (!await send(file)) left.items.add(file);
    input.files = left.files;
    button.disabled = false;
  });
}
