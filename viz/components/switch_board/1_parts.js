// How are the parts of a model named? As in the link: 13.8, a5, m5x0.5, l5, 13.8:7>1 (models/switched_off.py).

const SPELLED = /^(?:([aml])(\d+)|(\d+)\.(\d+))(?::(\d+)>(\d+)|x(-?[\d.]+))?$/;
const COLUMNS = ["a", "m", "l"]; // behind the heads

class Parts {
  constructor(text, heads) {
    this.heads = heads;
    this.scales = new Map(); // {place: factor}
    this.edges = new Set();
    for (const word of text.split(",").filter(Boolean)) {
      const found = SPELLED.exec(word);
      if (!found) continue;
      if (found[5]) this.edges.add(word);
      else this.scales.set(found[1] ? found[1] + found[2] : `${found[3]}.${found[4]}`, Number(found[7] ?? 0));
    }
  }
  get text() { return [...[...this.scales].map(([place, x]) => (x ? `${place}x${x}` : place)), ...this.edges].join(","); }
  get words() { return this.text.split(",").filter(Boolean); }
  place(layer, column) { return column < this.heads ? `${layer}.${column}` : `${COLUMNS[column - this.heads]}${layer}`; }
  scale(layer, column) { return this.scales.get(this.place(layer, column)) ?? 1; }
  // Whether something around the part, or the part itself, leaves nothing of it.
  silent(layer, column) {
    const around = column < this.heads ? [column, this.heads, this.heads + 2] : column < this.heads + 2 ? [column, this.heads + 2] : [column];
    return around.some((each) => this.scale(layer, each) === 0);
  }
  put(layer, column, factor) {
    const place = this.place(layer, column);
    if (factor === 1 || this.scales.get(place) === factor) this.scales.delete(place);
    else this.scales.set(place, factor);
  }
  // The same edge in all heads of the layer is one word of its own.
  edge(layer, head, query, key) { return `${head === null ? `a${layer}` : `${layer}.${head}`}:${query}>${key}`; }
  cut(edge) { if (!this.edges.delete(edge)) this.edges.add(edge); }
  isCut(layer, head, query, key) { return this.edges.has(this.edge(layer, head, query, key)) || this.edges.has(this.edge(layer, null, query, key)); }
  hasEdges(layer, column) { return column <= this.heads && [...this.edges].some((word) => word.startsWith(`${this.place(layer, column)}:`)); }
  without(word) { return this.words.filter((each) => each !== word).join(","); }
}
const partName = (layer, column, heads) => column < heads ? `head ${layer}.${column}` : `${["the attention", "the MLP", "all"][column - heads]} of layer ${layer}`;
