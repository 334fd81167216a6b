// Turns each hidden field of a signature into a pad to draw on with a finger; the strokes go into the field as numbers on a grid.
"use strict";

{ // nothing of it is global: a page may come to stand where another stood
  const WIDTH = 900, HEIGHT = 300, STEP = 5, MOST = 1400, STROKES = 60;

  const pad = (input) => {
    let strokes = [];
    try { strokes = JSON.parse(input.value || "[]"); } catch { strokes = []; }
    const box = document.createElement("div");
    box.className = "field pad";
    const label = document.createElement("p");
    label.className = "form-label";
    label.textContent = input.dataset.sign;
    const canvas = document.createElement("canvas");
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", input.dataset.sign);
    const clear = document.createElement("button");
    clear.type = "button";
    clear.className = "linklike";
    clear.textContent = input.dataset.clear;
    box.append(label, canvas, clear);
    input.after(box);
    box.id = input.id; // where the page leads to what is to be mended
    input.removeAttribute("id");
    const pen = canvas.getContext("2d");

    const draw = () => {
      pen.clearRect(0, 0, WIDTH, HEIGHT);
      pen.lineWidth = 8;
      pen.lineCap = pen.lineJoin = "round";
      pen.strokeStyle = getComputedStyle(canvas).color;
      for (const stroke of strokes) {
        pen.beginPath();
        stroke.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
        if (stroke.length === 1) pen.lineTo(...stroke[0]);
        pen.stroke();
      }
    };
    const keep = () => {
      input.value = strokes.length ? JSON.stringify(strokes) : "";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const point = (event) => {
      const area = canvas.getBoundingClientRect();
      const at = (value, start, size, most) => Math.min(most, Math.max(0, Math.round((value - start) / size * most)));
      return [at(event.clientX, area.left, area.width, WIDTH), at(event.clientY, area.top, area.height, HEIGHT)];
    };
    let drawing = null;

    canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      if (strokes.length >= STROKES || strokes.flat().length > MOST) return;
      canvas.setPointerCapture(event.pointerId);
      strokes.push(drawing = [point(event)]);
      draw();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drawing || strokes.flat().length > MOST) return;
      const next = point(event), last = drawing.at(-1);
      if (Math.hypot(next[0] - last[0], next[1] - last[1]) < STEP) return;
      drawing.push(next);
      draw();
    });
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, () => { if (drawing) keep(); drawing = null; });
    }
    clear.addEventListener("click", () => { strokes = []; draw(); keep(); });

    const { when, by } = input.dataset;
    const show = () => { box.hidden = when && !when.split(" ").includes(input.form.elements[by].value); };
    input.form.addEventListener("change", show);
    show();
    draw();
  };

  document.querySelectorAll("input[data-sign]").forEach(pad);
}
