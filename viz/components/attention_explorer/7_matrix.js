// How large is each weight? Query by key, the mask hatched, the value under the pointer. Rollout is drawn the same way.

// `read` gives {n, index, values, exact} of what to draw, or null while it is fetched.
function matrixView(app, pane, box, read = () => pane.weights(pane.layer(app.state), pane.headsOf(app.state), app.state.special)) {
  const canvas = h("canvas", { role: "img" }), down = h("div", { class: "band" }), across = h("div", { class: "band" }), dot = h("div", { class: "cursor" });
  const stage = h("div", { class: "stage", tabindex: 0, role: "group", "aria-label": "Weights: arrow keys move from cell to cell" }, canvas, across, down, dot);
  const legend = h("canvas", { class: "legend", role: "img" });
  box.append(h("div", { class: "scroll both" }, stage), legend);
  let w, g, cell = null;

  function mark(q, k) {
    for (const e of [down, across, dot]) e.hidden = true;
    if (!w || (q < 0 && k < 0)) return;
    const s = g.cell, put = (e, x, y, a, b) => { e.hidden = false; Object.assign(e.style, { left: `${x}px`, top: `${y}px`, width: `${a}px`, height: `${b}px` }); };
    if (q >= 0) put(across, g.left, g.top + q * s, g.side, s);
    if (k >= 0) put(down, g.left + k * s, g.top, s, g.side);
    if (q >= 0 && k >= 0) put(dot, g.left + k * s, g.top + q * s, s, s);
  }
  function tell(speak) {
    const [q, k] = cell, layer = pane.layer(app.state), [i, j] = [w.index[q], w.index[k]];
    const value = pane.masked(layer, i, j) ? "masked" : share(w.values[q * w.n + k], w.exact ? 3 : 2);
    app.readout(pane, h("span", null, chip(pane.tokens[i], app.state.spaces), " looks at ", chip(pane.tokens[j], app.state.spaces), " ", h("b", { class: "exact" }, value)),
      `query ${about(pane.tokens[i], i)}. Key ${about(pane.tokens[j], j)}.`);
    if (speak) app.say(`${plain(pane.tokens[i])} looks at ${plain(pane.tokens[j])}: ${value}`);
  }
  const go = (q, k, speak) => {
    cell = [q, k];
    app.hover({ pane: pane.index, token: w.index[q], key: w.index[k], side: "query" }, true);
    mark(q, k);
    tell(speak);
  };
  const leave = () => { cell = null; app.hover(null); };
  canvas.addEventListener("pointermove", (e) => {
    if (!w) return;
    const r = canvas.getBoundingClientRect(), q = Math.floor((e.clientY - r.top - g.top) / g.cell), k = Math.floor((e.clientX - r.left - g.left) / g.cell);
    if (q < 0 || k < 0 || q >= w.n || k >= w.n) { if (cell) leave(); } else if (!cell || cell[0] !== q || cell[1] !== k) go(q, k);
  });
  canvas.addEventListener("pointerleave", () => cell && leave());
  canvas.addEventListener("click", () => cell && app.pin({ pane: pane.index, token: w.index[cell[0]], side: "query" }));
  stage.addEventListener("blur", () => cell && leave());
  stage.addEventListener("keydown", (e) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key];
    if (!w || !step || e.shiftKey) return;
    e.preventDefault();
    e.stopPropagation();
    const start = Math.max(0, w.index.indexOf(app.state.token ?? w.index.at(-1)));
    const [q, k] = cell ? cell.map((x, axis) => Math.max(0, Math.min(w.n - 1, x + step[axis]))) : [start, start];
    go(q, k, true);
    dot.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  return {
    update() {
      const { look, em, state } = app, layer = pane.layer(state);
      w = read();
      if (!w) return;
      const room = box.clientWidth, edge = Math.min(edgeOf(pane, w.index, state.spaces, em), room * 0.26);
      const fit = Math.min(room - edge - em * 2, Math.max(em * 22, window.innerHeight * 0.87 - edge)) / w.n;
      const size = Math.max(Math.min(fit, em * 3.4), w.n > 200 ? 3 : 2);
      const options = { cell: size > 4 ? Math.floor(size * 2) / 2 : size, em, edge, spaces: state.spaces };
      const side = edge + em * 1.6 + options.cell * w.n;
      g = paintMatrix(new CanvasPainter(sized(canvas, side + 1, edge * 0.9 + em * 1.7 + options.cell * w.n), look), look, pane, layer, w, options);
      const key = new CanvasPainter(sized(legend, Math.min(room, em * 34), em * 1.9), look);
      paintLegend(key, look, em * 0.5, em * 0.2, Math.min(room, em * 34), em, maskWords(pane, layer));
      legend.setAttribute("aria-label", `Colour scale from 0 to 1, by the square root of the weight${maskWords(pane, layer) && `; hatched: ${maskWords(pane, layer)}`}`);
      canvas.setAttribute("aria-label", app.summary(pane, w));
      cell = null;
    },
    cursor(indices, side, key) {
      if (!w) return;
      const at = w.index.indexOf(indices[0] ?? -1), other = key == null ? -1 : w.index.indexOf(key);
      if (side === "key") mark(-1, at);
      else mark(at, other);
    },
    note: () => "Colour is the square root of the weight, from 0 to 1, so small weights can be seen.",
    export(make) {
      if (!w) return;
      const { look, em, state } = app, layer = pane.layer(state), size = w.n <= 64 ? em * (w.n <= 16 ? 2.6 : 1.4) : Math.max(4, (em * 90) / w.n), edge = edgeOf(pane, w.index, state.spaces, em);
      const width = edge + em * 1.6 + size * w.n, height = edge * 0.9 + em * 1.7 + size * w.n;
      make.add(Math.max(width, em * 30), height + em * 3, (p, x, y) => {
        paintMatrix(p, look, pane, layer, w, { x, y, cell: size, em, edge, spaces: state.spaces });
        paintLegend(p, look, x + em * 2, y + height + em * 0.8, em * 26, em, maskWords(pane, layer));
      });
    },
  };
}
