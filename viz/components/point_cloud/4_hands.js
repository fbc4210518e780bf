// How does a hand move the picture? One finger or the mouse pans (in three dimensions: turns, and pans with Shift), two
// fingers zoom and pan, the wheel zooms towards the pointer, a double click brings the first view back.

const CLICK = 5; // pixels that a hand trembles

class Hands {
  constructor(figure, stage) {
    this.figure = figure;
    this.stage = stage;
    this.down = new Map(); // pointer -> where it is
    const on = (name, act) => stage.addEventListener(name, act);
    on("pointerdown", (e) => this.press(e));
    on("pointermove", (e) => this.move(e));
    on("pointerup", (e) => this.release(e, true));
    on("pointercancel", (e) => this.release(e, false));
    on("pointerleave", () => figure.point(-1));
    on("dblclick", () => figure.set(figure.first()));
    on("wheel", (e) => {
      e.preventDefault();
      const lines = e.deltaMode ? 16 : 1;
      figure.zoom(Math.exp(-e.deltaY * lines * (e.ctrlKey ? 0.01 : 0.0015)), ...this.place(e));
    });
  }
  place(e) {
    const box = this.stage.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  }
  press(e) {
    if (e.button) return;
    this.stage.setPointerCapture(e.pointerId);
    if (!this.down.size) this.moved = 0;
    this.down.set(e.pointerId, this.place(e));
  }
  move(e) {
    const now = this.place(e), before = this.down.get(e.pointerId);
    if (!before) { this.figure.point(this.figure.under(now, e.pointerType)); return; }
    const by = [now[0] - before[0], now[1] - before[1]], others = [...this.down].filter(([id]) => id !== e.pointerId);
    this.moved += Math.hypot(...by);
    this.down.set(e.pointerId, now);
    if (others.length) {
      const [, other] = others[0], gap = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
      this.figure.zoom(gap(now) / gap(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
      this.figure.pan(by[0] / 2, by[1] / 2);
    } else if (this.moved > CLICK) {
      if (this.figure.solid && !e.shiftKey) this.figure.rotate(-by[0] * 0.4, by[1] * 0.4);
      else this.figure.pan(...by);
    }
  }
  release(e, meant) {
    if (!this.down.delete(e.pointerId)) return;
    if (meant && !this.down.size && this.moved <= CLICK) this.figure.choose(this.figure.under(this.place(e), e.pointerType));
  }
}
