// What does the cache hold after a step? For each layer the tokens whose keys and values it keeps, the latest filled.

class Store {
  constructor(figure) {
    this.figure = figure;
    this.title = h("h3");
    this.said = h("p", { class: "said" });
    this.drawing = svg("svg", { role: "img", class: "store" });
    this.e = h("section", null, this.title, this.said, this.drawing);
  }
  show(step) {
    const { em, data, width, look } = this.figure, layers = data.windows.length, now = data.prompt + step - data.hidden, rows = data.tokens.length - 1;
    const left = 4.6 * em, scale = (width - left - 2) / rows, high = Math.max(2, Math.min(1.1 * em, (15 * em) / layers)), gap = high > 4 ? 1 : 0, top = 0.3 * em;
    const x = (i) => left + i * scale, y = (layer) => top + layer * high, fresh = Math.max(0, now - data.reading[0][step]);
    const every = Math.ceil((1.2 * em) / high), kept = data.kept[step], drawn = [];
    const strip = (name, begin, end, layer, half) => svg("rect", { class: name, fill: look.stroke(look.parts[PARTS[half + 1]]), x: x(begin), y: y(layer) + (half * (high - gap)) / 2, width: Math.max(0.5, x(end) - x(begin) - 0.5), height: Math.max(0.5, (high - gap) / 2) });
    for (let layer = 0; layer < layers; layer++) {
      const begin = Math.max(0, now - kept[layer]), edge = Math.max(begin, fresh);
      for (const half of [0, 1]) {
        if (begin < edge) drawn.push(strip("old", begin, edge, layer, half));
        if (edge < now) drawn.push(strip("fresh", edge, now, layer, half));
      }
      if (layer % every === 0 && (layer + every <= layers || layer === layers - 1)) drawn.push(svg("text", { class: "tick", x: left - 0.5 * em, y: y(layer) + high / 2, "text-anchor": "end", "dominant-baseline": "central" }, `layer ${layer}`));
    }
    drawn.push(svg("path", { class: "grid", d: `M${x(0)} ${y(layers) + 2}H${x(rows)}` }),
      svg("text", { class: "tick", x: x(0), y: y(layers) + 1.4 * em }, `token ${data.hidden}`),
      svg("text", { class: "tick", x: x(rows), y: y(layers) + 1.4 * em, "text-anchor": "end" }, `token ${data.hidden + rows - 1}`));
    this.drawing.setAttribute("width", width);
    this.drawing.setAttribute("height", y(layers) + 1.8 * em);
    this.drawing.replaceChildren(...drawn);
    const most = Math.max(...kept), least = Math.min(...kept), grown = data.bytes[step] - (step ? data.bytes[step - 1] : 0);
    this.title.textContent = `The cache after this step: ${bytesOf(data.bytes[step])}`;
    const tokens = most === least ? tokensOf(most) : `${least.toLocaleString("en")} to ${tokensOf(most)}, less where a layer has a window`;
    this.said.textContent = `Keys and values of ${tokens}, in each of ${layers} layers. This step ${grown ? `adds ${bytesOf(grown)}` : "adds nothing: each layer's window is full, and the oldest token leaves"}.`;
    this.drawing.setAttribute("aria-label", `${this.title.textContent}. ${this.said.textContent}`);
  }
}
