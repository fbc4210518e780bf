// Where do the pictures stand, how large are their cells, and which cell is under the hand?

const TOGETHER = 4; // pictures side by side, at most

class Grid {
  // edges: room for the labels of the rows, left of several pictures and of a single one; head: for those of the
  // columns, above each; end: for half a letter of the last of these, where they stand up.
  constructor({ width, tall, em, rows, columns, square, pictures, edges, head, end }) {
    const gap = em * 1.4, share = (width - edges[0] - end - (pictures - 1) * gap) / pictures, line = em * 1.9;
    const several = pictures > 1 && pictures <= TOGETHER && share >= Math.max(em * 10, columns * 3);
    this.together = several || pictures === 1;
    this.shown = several ? pictures : 1;
    const edge = edges[several ? 0 : 1], room = several ? share : width - edge - end, most = em * 3.4;
    const fit = (x) => (x >= 6 ? Math.floor(x) : x); // cells of the same size wherever that can be seen
    this.wide = fit(Math.min(most, room / columns));
    this.high = fit(Math.min(most, tall / rows));
    if (square) this.wide = this.high = Math.min(this.wide, this.high);
    Object.assign(this, { rows, columns, edge, top: line + head, stride: Math.max(columns * this.wide, Math.min(room, em * 10)) + gap });
    this.right = columns * this.wide; // of a picture, from its left
    this.bottom = this.top + rows * this.high;
    this.height = Math.ceil(this.bottom + 2);
  }
  left(k) { return this.edge + k * this.stride; }
  // [picture, row, column] at a place: null for the row above all rows, for the column beside all columns.
  under(x, y) {
    const k = Math.max(0, Math.min(this.shown - 1, Math.floor((x - this.edge) / this.stride)));
    const row = Math.floor((y - this.top) / this.high), column = Math.floor((x - this.left(k)) / this.wide);
    if (row >= this.rows || column >= this.columns || (row < 0 && column < 0)) return null;
    return [k, row < 0 ? null : row, column < 0 ? null : column];
  }
}
