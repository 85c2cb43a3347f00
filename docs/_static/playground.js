/* Shows the films of the gallery's playground: every frame was computed by skmlp. */
(function () {
  "use strict";

  const data = document.currentScript.previousElementSibling;
  const root = document.querySelector(".playground");
  const films = JSON.parse(data.textContent);
  const SPAN = 1.3; // The plane goes from -SPAN to SPAN.
  const FRAME_MS = 120;
  const LOW = [179, 88, 6], HIGH = [84, 39, 136]; // Class 0 and class 1.

  root.innerHTML = `
    <div class="playground-problems" role="group" aria-label="Problem"></div>
    <div class="playground-controls">
      <button type="button" class="playground-play">Play</button>
      <input type="range" min="0" value="0" aria-label="Epoch">
      <output></output>
    </div>
    <div class="playground-views">
      <figure><canvas width="400" height="400"></canvas><figcaption>boundary</figcaption></figure>
      <figure><canvas width="400" height="400"></canvas><figcaption>hidden units</figcaption></figure>
      <figure><canvas width="400" height="400"></canvas>
        <figcaption>loss: <b class="training">training</b>, <b class="test">test</b></figcaption></figure>
    </div>`;

  const play = root.querySelector(".playground-play");
  const slider = root.querySelector("input");
  const output = root.querySelector("output");
  const [plane, units, curves] = [...root.querySelectorAll("canvas")].map((c) => c.getContext("2d"));
  let film, timer = null;

  function decode(text) {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  }

  /* Return the bytes of one square picture of a film. */
  function picture(bytes, index, side) {
    return bytes.subarray(index * side * side, (index + 1) * side * side);
  }

  /* White at one half, the colours of the classes at 0 and 1. */
  function shade(value) {
    const end = value < 128 ? LOW : HIGH;
    const part = 0.65 * Math.abs(value / 127.5 - 1);
    return end.map((channel) => 255 + part * (channel - 255));
  }

  function drawShades(context, values, x, y, size) {
    const side = Math.sqrt(values.length);
    const small = document.createElement("canvas");
    small.width = small.height = side;
    const image = small.getContext("2d").createImageData(side, side);
    values.forEach((value, i) => image.data.set([...shade(value), 255], 4 * i));
    small.getContext("2d").putImageData(image, 0, 0);
    context.drawImage(small, x, y, size, size);
  }

  /* Draw where the values pass through one half: a segment per cell of the grid, or two. */
  function drawBoundary(context, values, size) {
    const side = Math.sqrt(values.length), step = size / side, half = 127.5;
    const at = (row, column) => values[row * side + column] - half;
    context.beginPath();
    for (let row = 0; row < side - 1; row++) {
      for (let column = 0; column < side - 1; column++) {
        const corners = [[0, 0], [0, 1], [1, 1], [1, 0]].map(([r, c]) => [row + r, column + c]);
        const crossings = [];
        corners.forEach((one, i) => {
          const other = corners[(i + 1) % 4], a = at(...one), b = at(...other);
          if (a < 0 === b < 0) return;
          crossings.push([0, 1].map((k) => (one[k] + (a / (a - b)) * (other[k] - one[k]) + 0.5) * step));
        });
        for (let i = 0; i < crossings.length; i += 2) {
          context.moveTo(crossings[i][1], crossings[i][0]);
          context.lineTo(crossings[i + 1][1], crossings[i + 1][0]);
        }
      }
    }
    context.lineWidth = 2;
    context.strokeStyle = "#000";
    context.stroke();
  }

  function drawPoints(context, points, size) {
    context.lineWidth = 1;
    context.strokeStyle = "#fff";
    for (const [x, y, label] of points) {
      context.fillStyle = `rgb(${label ? HIGH : LOW})`;
      context.beginPath();
      context.arc((x / SPAN + 1) * size / 2, (1 - y / SPAN) * size / 2, 4, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }

  /* Unit by unit, from the first layer to the last. */
  function drawUnits(context, frame, size) {
    const count = film.layers.reduce((sum, width) => sum + width, 0);
    const columns = count > 4 ? 4 : 2, cell = size / columns, gap = cell / 20;
    context.clearRect(0, 0, size, size);
    for (let unit = 0; unit < count; unit++) {
      const x = (unit % columns) * cell, y = Math.floor(unit / columns) * cell;
      drawShades(context, picture(film.activations, frame * count + unit, 16), x + gap, y + gap, cell - 2 * gap);
    }
  }

  function drawCurves(context, frame, size) {
    const top = Math.max(...film.losses.flat()), last = film.losses.length - 1, edge = 12;
    const place = (i, loss) => [edge + i / last * (size - 2 * edge), size - edge - loss / top * (size - 2 * edge)];
    const style = getComputedStyle(root);
    context.clearRect(0, 0, size, size);
    ["--playground-training", "--playground-test"].forEach((name, k) => {
      const color = style.getPropertyValue(name);
      for (const [end, alpha] of [[last, 0.25], [frame, 1]]) {
        context.beginPath();
        film.losses.slice(0, end + 1).forEach((pair, i) => context.lineTo(...place(i, pair[k])));
        context.globalAlpha = alpha;
        context.lineWidth = 4;
        context.strokeStyle = color;
        context.stroke();
      }
      context.beginPath();
      context.arc(...place(frame, film.losses[frame][k]), 7, 0, 2 * Math.PI);
      context.fillStyle = color;
      context.fill();
    });
  }

  function show() {
    const frame = Number(slider.value), size = plane.canvas.width;
    const values = picture(film.probabilities, frame, 40);
    drawShades(plane, values, 0, 0, size);
    drawBoundary(plane, values, size);
    drawPoints(plane, film.points, size);
    drawUnits(units, frame, size);
    drawCurves(curves, frame, size);
    const percent = (100 * film.accuracies[frame]).toFixed(1);
    output.textContent = `epoch ${film.epochs[frame]}: ${percent} % of the test points are right`;
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  }

  function advance() {
    if (slider.value === slider.max) return pause();
    slider.value = Number(slider.value) + 1;
    show();
  }

  function start() {
    if (slider.value === slider.max) slider.value = 0;
    show();
    timer = setInterval(advance, FRAME_MS);
    play.textContent = "Pause";
  }

  function choose(name) {
    pause();
    for (const button of root.querySelectorAll(".playground-problems button")) {
      button.setAttribute("aria-pressed", button.textContent === name);
    }
    film = films[name];
    slider.max = film.epochs.length - 1;
    slider.value = 0;
    show();
  }

  for (const [name, one] of Object.entries(films)) {
    one.probabilities = decode(one.probabilities);
    one.activations = decode(one.activations);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => choose(name));
    root.querySelector(".playground-problems").append(button);
  }
  play.addEventListener("click", () => (timer === null ? start() : pause()));
  slider.addEventListener("input", () => { pause(); show(); });
  choose(Object.keys(films)[0]);
})();
