// Where does one head look, with the model's own mask and with the other one? Two pictures of the same size; and one of
// all heads, by how much of their attention goes to later tokens.

const SIDE = 17; // em, at most

class Matrices {
  constructor(figure) {
    this.figure = figure;
    this.box = h("div", { class: "matrices" });
  }
  build(data) {
    this.bytes = fromBase64(data.weights);
    this.n = data.shown;
    this.heads = data.later[0].length;
    this.layers = data.later.length;
  }
  weight(other, layer, head, query, key) {
    const byte = this.bytes[(((other * this.layers + layer) * this.heads + head) * this.n + query) * this.n + key] / 255;
    return byte * byte;
  }
  show(layer, head, token) {
    const { figure, n } = this, { data, look, em } = figure, hidden = rgb(look.paper.raised);
    const side = Math.min(SIDE * em, (figure.root.classList.contains("small") ? figure.width : figure.width / 2) - 2 * em), fold = Math.max(2, Math.floor(side / n));
    const masked = (other) => data.causal !== Boolean(other);
    const one = (other) => {
      const canvas = tiled(n, n, fold, (query, key) => (masked(other) && key > query ? hidden : look.scale[Math.round(255 * Math.sqrt(this.weight(other, layer, head, query, key)))]));
      canvas.addEventListener("pointermove", (e) => figure.point(other, Math.floor(e.offsetY / fold), Math.floor(e.offsetX / fold)));
      canvas.addEventListener("pointerleave", () => figure.point());
      canvas.addEventListener("click", (e) => figure.set({ token: data.first + Math.min(n - 1, Math.floor(e.offsetY / fold)) }));
      const words = `Layer ${layer}, head ${head}, ${NAMES[other](data.causal)}`;
      const row = h("div", { class: "at", "aria-hidden": "true", style: `top:${token * fold}px;height:${fold}px` });
      return h("div", { class: "one" }, h("h3", null, words), h("div", { class: "frame", role: "img", "aria-label": `${words}: ${this.words(other, layer, head, token)}` }, canvas, row));
    };
    this.box.replaceChildren(one(0), one(1), this.all(layer, head), h("p", { class: "legend" }, `A row looks at the columns. ${look.dark ? "Dark is 0, bright" : "White is 0, dark"} is 1; colour by the square root. Grey: hidden by the mask.`));
  }
  // Where the chosen token looks, in words.
  words(other, layer, head, token) {
    const { tokens } = this.figure.data, weights = Array.from({ length: this.n }, (_, key) => this.weight(other, layer, head, token, key));
    const best = [...weights.keys()].sort((a, b) => weights[b] - weights[a]).slice(0, 3);
    return `${plain(tokens[token])} looks at ${list(best.map((key) => `${plain(tokens[key])} ${number(weights[key])}`))}`;
  }
  all(layer, head) {
    const { figure } = this, { data, look, em } = figure, fold = Math.max(5, Math.floor(Math.min((12 * em) / this.heads, (SIDE * em) / this.layers)));
    const canvas = tiled(this.layers, this.heads, fold, (row, column) => look.scale[Math.round(255 * data.later[row][column])]);
    canvas.addEventListener("click", (e) => figure.set({ layer: Math.min(this.layers - 1, Math.floor(e.offsetY / fold)), head: Math.min(this.heads - 1, Math.floor(e.offsetX / fold)) }));
    const at = h("div", { class: "cell", "aria-hidden": "true", style: `top:${layer * fold}px;left:${head * fold}px;width:${fold}px;height:${fold}px` });
    const most = data.later.flatMap((row, l) => row.map((share, k) => [share, l, k])).sort((a, b) => b[0] - a[0]);
    return h("div", { class: "one" }, h("h3", null, "All heads: attention to later tokens"),
      h("div", { class: "frame", role: "img", "aria-label": `Share of each head's attention that goes to later tokens where nothing is hidden: most in ${list(most.slice(0, 3).map(([share, l, k]) => `layer ${l}, head ${k}, ${number(share)}`))}` }, canvas, at),
      h("p", { class: "quiet" }, `Rows are layers from 0, columns heads. Here ${number(data.later[layer][head])}; most in layer ${most[0][1]}, head ${most[0][2]}: ${number(most[0][0])}.`));
  }
}
const NAMES = [(causal) => (causal ? "with the mask" : "as the model is"), (causal) => (causal ? "mask lifted" : "causal mask put on")];
