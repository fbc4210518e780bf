// Which head does what? Every head of every layer as a small picture on one canvas.

// Where each head's picture goes: layers down, heads across, in as many blocks as fill the width; or a ranking.
function mapLayout(pane, state, ranking, width, em, tall) {
  const { layers, heads } = pane, gutter = em * 2.6;
  if (ranking) {
    const cell = Math.max(em * 3, Math.min(em * 4.6, width / 4 - em)), gap = em * 0.6, line = cell + em * 2.5;
    const across = Math.max(1, Math.floor((width + gap) / (cell + gap)));
    return {
      cell, ranking, across, width, height: Math.ceil(ranking.length / across) * line,
      place: (rank) => [(rank % across) * (cell + gap), Math.floor(rank / across) * line],
      find: (x, y) => { const c = Math.floor(x / (cell + gap)), rank = Math.floor(y / line) * across + c; return c < across && ranking[rank] ? [ranking[rank].layer, ranking[rank].head] : null; },
    };
  }
  let best = null;
  for (let blocks = 1; blocks <= Math.min(4, layers); blocks++) {
    const rows = Math.ceil(layers / blocks);
    const fits = (width - blocks * gutter - (blocks - 1) * em) / (blocks * heads);
    const cell = Math.floor(Math.min(fits, tall / rows, em * 5.4));
    if (!best || cell > best.cell) best = { blocks, rows, cell: Math.max(cell, 8) };
  }
  const { blocks, rows, cell } = best, top = em * (pane.shared ? 3 : 1.5), stride = gutter + heads * cell + em;
  return {
    cell, blocks, rows, top, gutter, stride, width: blocks * stride - em, height: top + rows * cell + 2,
    place: (layer, head) => [Math.floor(layer / rows) * stride + gutter + head * cell, top + (layer % rows) * cell],
    find: (x, y) => {
      const block = Math.floor(x / stride), head = Math.floor((x - block * stride - gutter) / cell), row = Math.floor((y - top) / cell), layer = block * rows + row;
      return head >= 0 && head < heads && row >= 0 && row < rows && block < blocks && layer < layers ? [layer, head] : null;
    },
  };
}

// Heads by falling value of the sorting measure, those under the filter left out; null when sorted by layer.
function rank(pane, state) {
  const at = pane.measures.findIndex((m) => m.key === state.sort);
  if (at < 0) return null;
  const all = [];
  for (let layer = 0; layer < pane.layers; layer++) for (let head = 0; head < pane.heads; head++) {
    const value = pane.measure(at, layer, head);
    if (state.filter == null || value >= state.filter) all.push({ layer, head, value });
  }
  return all.sort((a, b) => (b.value || 0) - (a.value || 0) || a.layer - b.layer || a.head - b.head);
}

function thumbAtlas(pane, look) {
  const { side, values } = pane.thumbnails, canvas = document.createElement("canvas");
  canvas.width = pane.heads * side;
  canvas.height = pane.layers * side;
  const image = new ImageData(canvas.width, canvas.height), pixels = new Uint32Array(image.data.buffer);
  const [r, g, b] = rgb(look.paper.raised), hidden = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  for (let layer = 0, at = 0; layer < pane.layers; layer++) for (let head = 0; head < pane.heads; head++)
    for (let q = 0; q < side; q++) for (let k = 0, to = (layer * side + q) * canvas.width + head * side; k < side; k++, at++, to++)
      pixels[to] = pane.causal && k > q ? hidden : look.pixels[values[at]];
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function paintMap(p, look, pane, state, layout, atlas, em, { x = 0, y = 0 } = {}) {
  const { side } = pane.thumbnails, { cell } = layout, c = p.c, quiet = look.paper.quiet, size = em * 0.75;
  const keyColour = look.words(look.parts.key);
  const draw = (layer, head, dx, dy, d) => {
    c.imageSmoothingEnabled = d < side;
    c.drawImage(atlas, head * side, layer * side, side, side, dx, dy, d, d);
  };
  if (layout.ranking) {
    layout.ranking.forEach(({ layer, head, value }, i) => {
      const [dx, dy] = layout.place(i).map((v, axis) => v + [x, y][axis]);
      draw(layer, head, dx, dy, cell);
      p.rect(dx, dy, cell, cell, { stroke: look.paper.line });
      p.text(dx + cell / 2, dy + cell + em * 0.7, number(value), { size: em * 0.85, anchor: "middle", bold: true });
      p.text(dx + cell / 2, dy + cell + em * 1.6, `L${layer} H${head}`, { size, anchor: "middle", fill: quiet });
    });
    return;
  }
  const gap = cell > 12 ? 1.5 : 0.5;
  for (let layer = 0; layer < pane.layers; layer++) {
    const [bx, by] = layout.place(layer, 0);
    if (cell >= em * 0.9 || layer % 2 === 0) p.text(x + bx - em * 0.4, y + by + cell / 2, String(layer), { size, anchor: "end", fill: quiet });
    for (let head = 0; head < pane.heads; head++) draw(layer, head, x + bx + head * cell + gap / 2, y + by + gap / 2, cell - gap);
  }
  for (let block = 0; block < layout.blocks; block++) {
    const [bx, by] = layout.place(block * layout.rows, 0);
    for (let head = 0; head < pane.heads; head += cell >= em * 1.1 ? 1 : 2) p.text(x + bx + (head + 0.5) * cell, y + by - em * 0.6, String(head), { size, anchor: "middle", fill: quiet });
    p.text(x + bx - em * 0.4, y + by - em * 0.6, "layer", { size: size * 0.9, anchor: "end", fill: quiet });
    if (pane.shared) for (const [group, members] of kvGroups(pane)) {
      const left = x + bx + members[0] * cell + 3, right = x + bx + (members.at(-1) + 1) * cell - 3, top = y + em * 1.35;
      p.rect(left, top, right - left, 1.5, { fill: keyColour });
      p.rect(left, top, 1.5, em * 0.4, { fill: keyColour });
      p.rect(right - 1.5, top, 1.5, em * 0.4, { fill: keyColour });
      const words = right - left > em * 7 ? `key/value head ${group}` : right - left > em * 2.6 ? `kv ${group}` : String(group);
      p.text((left + right) / 2, y + em * 0.7, words, { size, anchor: "middle", fill: keyColour });
    }
  }
}
// [[key/value head, [query heads that read it]]]
function kvGroups(pane) {
  const groups = new Map();
  pane.key_value_heads.forEach((group, head) => groups.set(group, [...(groups.get(group) ?? []), head]));
  return [...groups];
}
function sharing(pane) {
  const groups = kvGroups(pane);
  if (!pane.shared) return "No sharing: every query head has its own key/value head.";
  const each = pane.heads / groups.length;
  return `Grouped-query attention: ${pane.heads} query heads share ${groups.length} key/value head${groups.length > 1 ? "s" : ""}${Number.isInteger(each) ? `, ${each} each` : ""}.`;
}

// Why a ranking shows nothing.
function emptiness(pane, state) {
  const at = pane.measures.findIndex((m) => m.key === state.sort), name = pane.measures[at]?.name.toLowerCase();
  if (at < 0) return "";
  if (!pane.arrays.measures.subarray(at * pane.layers * pane.heads, (at + 1) * pane.layers * pane.heads).some(Number.isFinite)) return `No head has a value for “${name}” on this text.`;
  return rank(pane, state).length ? "" : "No head reaches this value; move the filter to the left.";
}

function mapView(app, pane, box) {
  const canvas = h("canvas", { role: "img" }), frame = h("div", { class: "cursor" }), band = h("div", { class: "band" });
  const stage = h("div", { class: "stage", tabindex: 0, role: "group" }, canvas, band, frame);
  box.append(stage);
  let layout, atlas, atlasLook, spot;

  const show = (at) => {
    spot = at;
    frame.hidden = !at;
    band.hidden = !at || !pane.shared || !!layout.ranking;
    app.preview(pane, at);
    if (!at) return;
    const [layer, head] = at, i = layout.ranking?.findIndex((r) => r.layer === layer && r.head === head);
    if (i === -1) { frame.hidden = true; return; }
    const [x, y] = layout.ranking ? layout.place(i) : layout.place(layer, head);
    Object.assign(frame.style, { left: `${x}px`, top: `${y}px`, width: `${layout.cell}px`, height: `${layout.cell}px` });
    if (!band.hidden) {
      const members = kvGroups(pane).find(([group]) => group === pane.key_value_heads[head])[1];
      const [left] = layout.place(layer, members[0]);
      Object.assign(band.style, { left: `${left}px`, top: `${layout.top}px`, width: `${members.length * layout.cell}px`, height: `${layout.rows * layout.cell}px` });
    }
  };
  const from = (e) => { const r = canvas.getBoundingClientRect(); return layout.find(e.clientX - r.left, e.clientY - r.top); };
  const open = (at) => at && app.set({ view: "heads", layer: at[0], head: [at[1]] });
  canvas.addEventListener("pointermove", (e) => { const at = from(e); if (String(at) !== String(spot)) show(at); });
  canvas.addEventListener("pointerleave", () => show(stage.matches(":focus-visible") ? [pane.layer(app.state), pane.headsOf(app.state)[0]] : null));
  canvas.addEventListener("click", (e) => open(from(e)));
  stage.addEventListener("focus", () => stage.matches(":focus-visible") && show(spot ?? [pane.layer(app.state), pane.headsOf(app.state)[0]]));
  stage.addEventListener("blur", () => show(null));
  stage.addEventListener("keydown", (e) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[e.key];
    let [layer, head] = spot ?? [pane.layer(app.state), pane.headsOf(app.state)[0]];
    if (e.key === "Enter" || e.key === " ") { e.preventDefault(); return open([layer, head]); }
    if (!step) return;
    e.preventDefault();
    e.stopPropagation();
    if (layout.ranking) {
      const i = layout.ranking.findIndex((r) => r.layer === layer && r.head === head);
      const next = layout.ranking[Math.max(0, Math.min(layout.ranking.length - 1, i + step[1] + step[0] * layout.across))];
      if (next) [layer, head] = [next.layer, next.head];
    } else {
      layer = Math.max(0, Math.min(pane.layers - 1, layer + step[0]));
      head = Math.max(0, Math.min(pane.heads - 1, head + step[1]));
    }
    app.set({ layer, head: [head] });
    show([layer, head]);
    const at = pane.measures.findIndex((m) => m.key === app.state.sort);
    app.say(`Layer ${layer}, head ${head}${at < 0 ? "" : `, ${pane.measures[at].name} ${number(pane.measure(at, layer, head))}`}. Enter opens it.`);
  });

  return {
    update() {
      const { look, em, state } = app, ranking = rank(pane, state);
      if (atlasLook !== look) { atlas = thumbAtlas(pane, look); atlasLook = look; }
      layout = mapLayout(pane, state, ranking, box.clientWidth, em, box.clientWidth < em * 30 ? Infinity : Math.max(em * 44, window.innerHeight * 0.8));
      const p = new CanvasPainter(sized(canvas, Math.max(layout.width, 1), Math.max(layout.height, 1)), look);
      paintMap(p, look, pane, state, layout, atlas, em);
      const top = ranking?.slice(0, 5).map((r) => `layer ${r.layer} head ${r.head} ${number(r.value)}`);
      canvas.setAttribute("aria-label", ranking
        ? `${ranking.length} heads ranked by ${pane.measures.find((m) => m.key === state.sort).name}: ${top.join("; ") || emptiness(pane, state)}`
        : `Attention patterns of ${pane.layers} layers with ${pane.heads} heads each. ${sharing(pane)}`);
      stage.setAttribute("aria-label", "Choose a head: arrow keys move, Enter opens it");
      if (!stage.matches(":focus-visible")) { frame.hidden = band.hidden = true; spot = null; }
    },
    cursor() {},
    note: () => [emptiness(pane, app.state), sharing(pane), "One picture a head: queries go down, keys across. Colour is the weight, on a square-root scale.",
      pane.all.length > pane.thumbnails.side ? "A pixel is the largest weight of its block of tokens." : ""].join(" "),
    export(make) {
      const { look, em, state } = app, ranking = rank(pane, state), l = mapLayout(pane, state, ranking, 960, em, em * 46);
      const canvas = document.createElement("canvas"), p = new CanvasPainter(sized(canvas, l.width, Math.max(l.height, 1)), look);
      paintMap(p, look, pane, state, l, thumbAtlas(pane, look), em);
      make.add(l.width, l.height, (q, x, y) => q.image(canvas, x, y, l.width, l.height));
    },
  };
}
