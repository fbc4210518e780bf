// Where does each tile of the picture stand, and which numbers of rows and columns stand beside it?

const MARKS = 10; // numbers along a side, at most

class Plan {
  constructor({ width, tall, em, tiles: [rows, columns] }) {
    this.left = em * 3.6;
    this.top = em * 1.5;
    const room = width - this.left - em * 0.5, fit = (x) => (x >= 2 ? Math.floor(x) : x);
    const square = Math.min(room / columns, tall / rows, em * 3.4);
    // Few rows of many columns, or the other way round, would be a thread: its tiles are longer than wide.
    this.wide = fit(Math.max(square, Math.min((room * 0.4) / columns, em * 3.4)));
    this.high = fit(Math.max(square, Math.min((tall * 0.4) / rows, em * 1.9)));
    Object.assign(this, { rows, columns, right: columns * this.wide, bottom: rows * this.high });
    this.width = Math.ceil(this.left + this.right + em * 0.5);
    this.height = Math.ceil(this.top + this.bottom + 2);
  }
  // The tile at a place, or null outside.
  under(x, y) {
    const row = Math.floor((y - this.top) / this.high), column = Math.floor((x - this.left) / this.wide);
    return row >= 0 && row < this.rows && column >= 0 && column < this.columns ? [row, column] : null;
  }
  // [number of a row or column, where it begins]: steps are powers of two, as the sizes of heads are.
  static marks([first, end], tile, pixels) {
    const step = 2 ** Math.ceil(Math.log2((end - first) / MARKS)), found = [];
    for (let at = Math.ceil(first / Math.max(step, 1)) * Math.max(step, 1); at < end; at += Math.max(step, 1)) found.push([at, ((at - first) / tile) * pixels]);
    return found;
  }
}
