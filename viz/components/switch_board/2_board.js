// What does the board look like? Rows are layers, the last one on top; columns are heads, then attention, MLP, layer.

function drawBoard(figure, parts) {
  const { data, look, at } = figure, { layers, heads } = data, columns = heads + 3, em = figure.em;
  const edge = em * 2.2, gap = em * 0.35, high = Math.max(em * 0.85, Math.min(em * 1.35, (em * 42) / layers));
  const room = Math.min(figure.room, em * 34) - edge - gap * 3, wide = Math.max(em * 0.6, Math.min(em * 1.5, room / columns));
  const x = (column) => edge + column * wide + (column < heads ? 0 : gap * (column - heads + 1)), y = (layer) => em * 1.3 + (layers - 1 - layer) * high;
  const most = data.each ? Math.max(...data.each.bits.flat(), 1e-9) : 1;
  const colour = { [heads]: look.parts.query, [heads + 1]: look.parts.mlp, [heads + 2]: look.parts.residual };
  const texts = [], cells = [], text = (words, props) => texts.push(svg("text", { "font-size": em * 0.72, fill: look.paper.quiet, "text-anchor": "middle", "dominant-baseline": "central", ...props }, words));
  const every = wide >= em * 1.1 ? 1 : Math.ceil((em * 1.3) / wide);
  for (let head = 0; head < heads; head += every) text(head, { x: x(head) + wide / 2, y: em * 0.6 });
  ["att", "MLP", "all"].forEach((words, i) => text(words, { x: x(heads + i) + wide / 2, y: em * 0.6, "font-size": Math.min(em * 0.72, wide * 0.5) }));
  for (let layer = 0; layer < layers; layer++) {
    if (high >= em * 0.8 || layer % 2 === 0) text(layer, { x: edge - em * 0.5, y: y(layer) + high / 2, "text-anchor": "end" });
    for (let column = 0; column < columns; column++) {
      const scale = parts.scale(layer, column), silent = parts.silent(layer, column), left = x(column) + 1, top = y(layer) + 1, w = wide - 2, t = high - 2;
      const bits = data.each?.bits[layer][column], shaded = bits === undefined ? null : look.scale[look.at((1000 * bits) / most)];
      const back = shaded ? css(shaded) : column < heads ? look.shade(look.parts.query, 40).back : look.shade(colour[column], 160).back;
      cells.push(svg("rect", { x: left, y: top, width: w, height: t, rx: 2, fill: scale === 0 ? look.paper.paper : back, stroke: scale !== 1 ? look.paper.bad : look.paper.line, "stroke-width": scale !== 1 ? 1.5 : 1, opacity: silent && scale !== 0 ? 0.35 : 1 }));
      if (scale === 0) cells.push(svg("path", { d: `M${left + 2} ${top + 2}L${left + w - 2} ${top + t - 2}M${left + w - 2} ${top + 2}L${left + 2} ${top + t - 2}`, stroke: look.paper.bad, "stroke-width": 1.5, fill: "none" }));
      else if (scale !== 1) text(`×${scale}`, { x: left + w / 2, y: top + t / 2, "font-size": Math.min(em * 0.62, wide * 0.36), fill: shaded ? look.inkOn(shaded) : look.paper.ink });
      if (parts.hasEdges(layer, column)) cells.push(svg("circle", { cx: left + w - 4, cy: top + 4, r: 2.5, fill: look.paper.bad }));
    }
  }
  if (figure.state.head < heads) cells.push(svg("rect", { x: x(figure.state.head), y: y(figure.state.layer), width: wide, height: high, fill: "none", stroke: look.stroke(look.parts.key), "stroke-width": 2, rx: 3 }));
  cells.push(svg("rect", { x: x(at[1]) - 1, y: y(at[0]) - 1, width: wide + 2, height: high + 2, fill: "none", stroke: look.paper.accent, "stroke-width": 2, rx: 3, "stroke-dasharray": "3 2" }));
  const width = Math.ceil(x(columns - 1) + wide + 3), height = Math.ceil(em * 1.3 + layers * high + 3);
  figure.under = (px, py) => {
    const layer = layers - 1 - Math.floor((py - em * 1.3) / high), column = Array.from({ length: columns }, (_, c) => c).find((c) => px >= x(c) && px < x(c) + wide);
    return layer >= 0 && layer < layers && column !== undefined ? [layer, column] : null;
  };
  figure.board.replaceChildren(svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, ...cells, ...texts));
  drawLens(figure, high, em * 1.3, y);
}

// What the last position says behind each layer, before and after, each row beside its layer's.
function drawLens(figure, high, top, y) {
  const { data, look, em } = figure, { layers } = data, wide = em * 6.2, room = em * 3.8, sides = data.both ? 2 : 1, parts = [];
  const size = Math.min(em * 0.78, high * 0.8), put = (words, props) => parts.push(svg("text", { "font-size": size, "dominant-baseline": "central", fill: look.paper.ink, ...props }, words));
  for (let side = 0; side < sides; side++) {
    put(data.both ? ["before", "after"][side] : "says", { x: side * wide, y: em * 0.6, fill: look.paper.quiet, "font-size": em * 0.72 });
    data.lens[side].forEach(([text, share], row) => {
      if (!row) return; // what enters the first layer
      const middle = y(row - 1) + high / 2, left = side * wide, differs = side && text !== data.lens[0][row][0];
      parts.push(svg("rect", { x: left, y: middle - high / 2 + 1, width: Math.max(0.5, room * share), height: high - 2, fill: look.parts.logits, "fill-opacity": 0.25 }));
      put(cut(tokenText({ text }, true, 8), 8), { x: left + 3, y: middle, "font-family": "ui-monospace, monospace", "font-weight": differs ? 700 : 400 });
      put(share < 0.005 ? "<.01" : share.toFixed(2), { x: left + wide - em * 0.7, y: middle, "text-anchor": "end", fill: look.paper.quiet });
    });
  }
  const width = Math.ceil(sides * wide), height = Math.ceil(top + layers * high + 3);
  figure.lens.replaceChildren(svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, ...parts));
}
