// Position x layer: the top token in each cell, the last layer above and what enters the first one below. The names of
// the rows and columns stay while the rest scrolls.

class Grid {
  constructor(figure) {
    const { reading } = figure, { rows, columns, data } = reading;
    Object.assign(this, { figure, cells: [] });
    this.heads = data.tokens.map((token, column) => h("th", { scope: "col", "data-column": column, title: about(token, data.first + column) }, chip(token, false)));
    const stays = data.tokens.map((_, column) => h("td", { "data-column": column }, rowName(reading.stays(column))));
    const lines = Array.from({ length: rows }, (_, row) => {
      this.cells[row] = Array.from({ length: columns }, (_, column) => {
        const kind = [reading.isAnswer(row, column) && "answer", row === reading.stays(column) && "stays", row === reading.appears(column) && row < reading.stays(column) && "appears"];
        return h("td", { id: `cell${row}-${column}`, "data-row": row, "data-column": column, class: kind.filter(Boolean).join(" ") }, h("bdi"), level());
      });
      return h("tr", null, h("th", { scope: "row" }, rowName(row)), this.cells[row]);
    });
    this.table = h("table", { role: "grid", tabindex: 0, "aria-label": "The likeliest token behind each token of the text, a column, at each layer, a row. Arrow keys move.",
      onpointerover: (e) => figure.point(this.cellOf(e)), onpointerleave: () => figure.point(null), onclick: (e) => this.click(e) },
    h("thead", null, h("tr", null, h("th", { scope: "col" }, "layer"), this.heads)),
    h("tbody", null, lines.reverse()),
    h("tfoot", null, h("tr", null, h("th", { scope: "row", title: "the layer from which on the likeliest token is the final answer" }, "stays from"), stays)));
    this.box = h("div", { class: "lens" }, this.table);
  }
  cellOf(event) {
    const cell = event.target.closest?.("[data-row]");
    return cell ? [Number(cell.dataset.row), Number(cell.dataset.column)] : null;
  }
  click(event) {
    const cell = this.cellOf(event), head = event.target.closest?.("[data-column]");
    if (cell) this.figure.choose(...cell);
    else if (head) this.figure.choose(this.figure.row, Number(head.dataset.column));
  }
  // Words and colours of all cells.
  paint() {
    const { figure } = this, { reading, state } = figure, { milli, line } = COLOURS[state.colour], spaces = state.spaces === 1;
    this.cells.forEach((cells, row) => cells.forEach((cell, column) => {
      const entry = reading.top(row, column);
      cell.firstChild.textContent = cellText(entry, spaces);
      cell.setAttribute("aria-label", `${plain(entry)} ${chance(reading.data.probabilities[row][column][0])}${row === reading.stays(column) ? ", the final answer, which stays from here" : ""}`);
      paint(figure, cell, milli(reading, row, column), line(reading, row, column));
    }));
  }
  mark(row, column) {
    this.table.querySelectorAll("[aria-selected=true], .on").forEach((e) => { e.removeAttribute("aria-selected"); e.classList.remove("on"); });
    this.cells[row][column].setAttribute("aria-selected", "true");
    this.heads[column].classList.add("on");
    this.table.setAttribute("aria-activedescendant", `cell${row}-${column}`);
  }
  // The chosen cell is seen beside the names of its row and column; the page stays where it is.
  reveal(row, column) {
    const cell = this.cells[row][column], { box, table } = this, [left, top, low] = [table.querySelector("th").offsetWidth, table.tHead.offsetHeight, table.tFoot.offsetHeight];
    if (cell.offsetLeft < box.scrollLeft + left) box.scrollLeft = cell.offsetLeft - left;
    else if (cell.offsetLeft + cell.offsetWidth > box.scrollLeft + box.clientWidth) box.scrollLeft = cell.offsetLeft + cell.offsetWidth - box.clientWidth;
    if (cell.offsetTop < box.scrollTop + top) box.scrollTop = cell.offsetTop - top;
    else if (cell.offsetTop + cell.offsetHeight > box.scrollTop + box.clientHeight - low) box.scrollTop = cell.offsetTop + cell.offsetHeight - box.clientHeight + low;
  }
}
