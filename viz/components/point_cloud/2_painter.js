// How do hundreds of thousands of points become pixels at the speed of a hand? Each shape is drawn once as a small stamp
// and mixed into the picture's own bytes. It is the same picture with a graphics card and without one.

const INSIDE = {
  disc: (x, y) => x * x + y * y <= 1,
  square: (x, y) => Math.abs(x) <= 0.88 && Math.abs(y) <= 0.88,
  triangle: (x, y) => y <= 0.75 && y >= 2 * Math.abs(x) - 1.15,
  diamond: (x, y) => Math.abs(x) + Math.abs(y) <= 1.2,
  ring: (x, y) => { const far = x * x + y * y; return far <= 1.1 && far >= 0.3; },
};

// What is far away is fainter; depth goes from -0.87 to 0.87.
const nearness = (depth) => 0.65 + 0.4 * depth;

class Painter {
  constructor(canvas) { this.canvas = canvas; }
  // A picture of so many CSS pixels, with a margin on every side into which a stamp may reach; as sharp as the screen,
  // or with a pixel for each CSS pixel where there are too many points to follow the hand at more.
  size(width, height, sharp) {
    this.context = sized(this.canvas, width, height);
    if (!sharp) { this.canvas.width = Math.max(1, width); this.canvas.height = Math.max(1, height); }
    this.ratio = this.canvas.width / width;
    this.margin = Math.ceil(40 * this.ratio);
    this.wide = this.canvas.width + 2 * this.margin;
    this.high = this.canvas.height + 2 * this.margin;
    this.image = new ImageData(this.wide, this.high);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.stamps = new Map();
  }
  // Where a stamp of this shape and radius covers pixels round its middle, and by how many 256ths.
  stamp(shape, radius) {
    const key = shape * 1000 + Math.round(radius * 4);
    let stamp = this.stamps.get(key);
    if (stamp) return stamp;
    const inside = INSIDE[SHAPES[shape]], reach = Math.ceil(radius * 1.25), at = [], share = [];
    for (let y = -reach; y <= reach; y++) for (let x = -reach; x <= reach; x++) {
      let hits = 0;
      for (let s = 0; s < 16; s++) if (inside((x + ((s & 3) - 1.5) / 4) / radius, (y + ((s >> 2) - 1.5) / 4) / radius)) hits++;
      if (hits) { at.push(y * this.wide + x); share.push(hits * 16); }
    }
    this.stamps.set(key, (stamp = { at: Int32Array.from(at), share: Uint16Array.from(share) }));
    return stamp;
  }

  // points: with x, y; kinds: [point] its colour and shape; colours: [kind] red, green, blue; shapes: [kind].
  paint(points, { paper, kinds, colours, shapes, radius, sizes, strength }) {
    const { pixels, wide, high, margin, ratio } = this, { x, y, order, depth, count } = points, [pr, pg, pb] = paper;
    pixels.fill(((255 << 24) | (pb << 16) | (pg << 8) | pr) >>> 0);
    const stamps = shapes.map((shape) => this.stamp(shape, radius * ratio));
    const two = colours.map(([r, , b]) => (b << 16) | r), one = colours.map(([, g]) => g << 8);
    for (let k = 0; k < count; k++) {
      const i = order ? order[k] : count - 1 - k; // the most important lie on top
      const px = Math.round(x[i] * ratio) + margin, py = Math.round(y[i] * ratio) + margin;
      if (!(px >= margin / 2 && px < wide - margin / 2 && py >= margin / 2 && py < high - margin / 2)) continue;
      const kind = kinds[i], stamp = sizes ? this.stamp(shapes[kind], (radius * ratio * sizes[i]) / 4) : stamps[kind];
      const { at, share } = stamp, middle = py * wide + px, rb = two[kind], g = one[kind];
      const alpha = depth ? strength * nearness(depth[i]) : strength;
      for (let s = 0; s < at.length; s++) {
        const a = (share[s] * alpha) | 0, b = 256 - a, under = pixels[middle + at[s]];
        pixels[middle + at[s]] = 0xff000000 | (((Math.imul(rb, a) + Math.imul(under & 0xff00ff, b)) >>> 8) & 0xff00ff) | (((g * a + (under & 0xff00) * b) >>> 8) & 0xff00);
      }
    }
    this.context.putImageData(this.image, -margin, -margin);
  }
}
