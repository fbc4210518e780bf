// Where does each point stand on the screen, and which of them are near, in a direction, or called so?

class Points {
  constructor(data) {
    const { count, low, high } = data, longest = Math.max(...low.map((x, d) => high[d] - x)) || 1, steps = stepsOf(data.places);
    Object.assign(this, { count, labels: data.labels.split("\x7f"), dimensions: low.length });
    this.sides = low.map((x, d) => (high[d] - x) / longest);
    // The middle of all points is 0, their longest side 1: as far across as up, so that distances can be compared.
    this.axes = low.map((_, d) => Float32Array.from(steps.subarray(d * count, (d + 1) * count), (q) => (q / 65535 - 0.5) * this.sides[d]));
    this.x = new Float32Array(count); // on the screen, in CSS pixels
    this.y = new Float32Array(count);
    this.depth = this.dimensions === 3 ? new Float32Array(count) : null; // towards the eye
    this.order = null; // of three dimensions: the farthest first
  }

  // The two directions of the screen and the one towards the eye, in the points' own axes (the last one is up).
  directions({ turn, tilt }) {
    if (this.dimensions === 2) return [[1, 0], [0, 1]];
    const [ct, st, cp, sp] = [turn, tilt].flatMap((degrees) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]);
    return [[ct, st, 0], [-st * sp, ct * sp, cp], [st * cp, -ct * cp, sp]];
  }
  // Pixels for a length of 1: at zoom 1 all points have room.
  scale(width, height, zoom) {
    const [across, up] = this.dimensions === 2 ? this.sides : [1.3, 1.3];
    return 0.88 * zoom * Math.min(width / Math.max(across, 0.02), height / Math.max(up, 0.02));
  }
  project(view, width, height) {
    const scale = this.scale(width, height, view.zoom), way = this.directions(view), [a, b, c] = this.axes, { x, y, depth } = this;
    const [r, u, f] = way, left = width / 2 - view.x * scale, top = height / 2 + view.y * scale;
    this.at = (p) => [left + scale * p.reduce((sum, v, d) => sum + v * r[d], 0), top - scale * p.reduce((sum, v, d) => sum + v * u[d], 0)];
    if (!depth) {
      for (let i = 0; i < this.count; i++) { x[i] = left + scale * a[i]; y[i] = top - scale * b[i]; }
      return;
    }
    for (let i = 0; i < this.count; i++) {
      x[i] = left + scale * (a[i] * r[0] + b[i] * r[1]);
      y[i] = top - scale * (a[i] * u[0] + b[i] * u[1] + c[i] * u[2]);
      depth[i] = a[i] * f[0] + b[i] * f[1] + c[i] * f[2];
    }
    this.sort();
  }
  // The farthest first, in 1,024 layers: a sort that costs as little as a look at each point.
  sort() {
    const layers = 1024, starts = new Uint32Array(layers + 1), layer = (i) => Math.min(layers - 1, Math.max(0, Math.floor((this.depth[i] + 0.87) * (layers / 1.74))));
    this.order ??= new Uint32Array(this.count);
    for (let i = 0; i < this.count; i++) starts[layer(i) + 1]++;
    for (let l = 0; l < layers; l++) starts[l + 1] += starts[l];
    for (let i = this.count - 1; i >= 0; i--) this.order[starts[layer(i)]++] = i;
  }

  // The nearest point on the screen, at most `reach` pixels away; -1: none.
  nearest(px, py, reach) {
    let best = -1, least = reach * reach;
    for (let i = 0; i < this.count; i++) {
      const dx = this.x[i] - px, dy = this.y[i] - py, far = dx * dx + dy * dy;
      if (far < least) { least = far; best = i; }
    }
    return best;
  }
  // The nearest point on that side, less what it is off the line; -1: none.
  towards(from, dx, dy) {
    let best = -1, least = Infinity;
    for (let i = 0; i < this.count; i++) {
      const x = this.x[i] - this.x[from], y = this.y[i] - this.y[from], ahead = x * dx + y * dy, off = Math.abs(x * dy - y * dx);
      if (ahead <= 0.01 || off > ahead || ahead + 2 * off >= least) continue;
      least = ahead + 2 * off;
      best = i;
    }
    return best;
  }
  // The points that lie nearest to one in the layout itself, not on the screen.
  neighbours(of, n) {
    const found = [];
    for (let i = 0; i < this.count; i++) {
      if (i === of) continue;
      const far = this.axes.reduce((sum, axis) => sum + (axis[i] - axis[of]) ** 2, 0);
      if (found.length === n && far >= found[n - 1][0]) continue;
      let at = found.length;
      while (at && found[at - 1][0] > far) at--;
      found.splice(at, 0, [far, i]);
      found.length = Math.min(n, found.length);
    }
    return found.map(([, i]) => i);
  }
  // The points whose label begins with the words, then those that hold them elsewhere.
  find(words) {
    const asked = words.trim().toLowerCase(), begin = [], hold = [];
    if (!asked) return { begin, hold };
    this.lower ??= this.labels.map((label) => label.toLowerCase());
    this.lower.forEach((label, i) => {
      const at = label.indexOf(asked);
      if (at >= 0) (at ? hold : begin).push(i);
    });
    return { begin, hold };
  }
}
