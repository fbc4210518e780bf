// What does each sampler make of the logits? The arithmetic of models/sampling.py, in doubles, here where the hand is.
//
// A stage is {z: logits by token id (those of tokens that were cut mean nothing), order: the tokens that can still come,
// by ascending logit (of equals the smaller id first), p: their probabilities in that order, ...}. Most samplers cut from the low end, so they only move a border.

const LOG2 = Math.log(2);

// Tokens by ascending logit, from codes of 16 bits (code 0: it can't come): counted, not compared.
function orderOfCodes(codes) {
  const at = new Uint32Array(65537);
  for (const code of codes) if (code) at[code + 1]++;
  for (let c = 1; c < at.length; c++) at[c] += at[c - 1];
  const order = new Uint32Array(at[65536]);
  codes.forEach((code, id) => { if (code) order[at[code]++] = id; });
  return order;
}
function orderOf(z) {
  const ids = Uint32Array.from(z.keys()).filter((id) => z[id] > -Infinity);
  return ids.sort((a, b) => z[a] - z[b] || a - b);
}

// In nats.
function entropyOf(p) {
  let sum = 0;
  for (const share of p) if (share > 0) sum -= share * Math.log(share);
  return Math.max(0, sum);
}
// A stage with its probabilities and its measures, in one walk. The maximum is taken away first, so that nothing overflows; H = ln(sum of e^x) - (sum of x e^x) / (sum of e^x) with x = z - max z.
function measured(name, z, order, cut, removed) {
  const p = new Float64Array(order.length), most = z[order.at(-1)];
  let sum = 0, weighted = 0, squares = 0;
  for (let i = 0; i < p.length; i++) {
    const x = z[order[i]] - most, power = (p[i] = Math.exp(x));
    sum += power;
    weighted += power * x;
    squares += power * power;
  }
  for (let i = 0; i < p.length; i++) p[i] /= sum;
  const nats = Math.max(0, Math.log(sum) - weighted / sum);
  return { name, z, order, p, kept: order.length, cut, removed, entropy: nats / LOG2, perplexity: Math.exp(nats), effective: (sum * sum) / squares };
}

// Other logits for a few tokens, in a copy; who stands where in the order follows.
function changed({ z, order }, ids, value) {
  const now = z.slice(), moves = new Uint8Array(z.length);
  for (const id of ids) if (z[id] > -Infinity) moves[id] = 1;
  const moved = order.filter((id) => moves[id]);
  for (const id of moved) now[id] = value(z[id], id);
  const late = moved.filter((id) => now[id] > -Infinity).sort((a, b) => now[a] - now[b] || a - b);
  const all = new Uint32Array(order.length - moved.length + late.length);
  let n = 0, next = 0;
  for (const id of order) {
    if (moves[id]) continue;
    while (next < late.length && (now[late[next]] < now[id] || (now[late[next]] === now[id] && late[next] < id))) all[n++] = late[next++];
    all[n++] = id;
  }
  while (next < late.length) all[n++] = late[next++];
  return { z: now, order: all };
}
// The border below which tokens are cut; those as large as the largest always stay.
function above({ z, order }, stays) {
  const most = z[order.at(-1)];
  let first = 0;
  while (z[order[first]] < most && !stays(first)) first++;
  return { z, order: first ? order.subarray(first) : order };
}

// How often each token stands in the context.
function countsOf(context) {
  const counts = new Map();
  for (const id of context) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
const greedy = ({ z, order }) => {
  let at = order.length - 1;
  while (at > 0 && z[order[at - 1]] === z[order[at]]) at--;
  return { z, order: order.subarray(at, at + 1) };
};

const SAMPLERS = {
  logit_bias: (stage, bias) => changed(stage, [...bias.keys()], (z, id) => z + bias.get(id)),
  repetition_penalty: (stage, penalty, counts) => changed(stage, [...counts.keys()], (z) => (z < 0 ? z * penalty : z / penalty)),
  presence_penalty: (stage, penalty, counts) => changed(stage, [...counts.keys()], (z) => z - penalty),
  frequency_penalty: (stage, penalty, counts) => changed(stage, [...counts.keys()], (z, id) => z - penalty * counts.get(id)),
  temperature(stage, temperature) {
    if (temperature === 0) return greedy(stage);
    if (temperature === 1) return stage;
    const z = new Float64Array(stage.z.length).fill(-Infinity);
    for (const id of stage.order) z[id] = stage.z[id] / temperature;
    return { z, order: stage.order };
  },
  top_n_sigma(stage, multiple) {
    const { z, order } = stage;
    if (multiple === Infinity) return stage;
    let sum = 0, squares = 0;
    for (const id of order) sum += z[id];
    const mean = sum / order.length;
    for (const id of order) squares += (z[id] - mean) ** 2;
    const line = z[order.at(-1)] - multiple * Math.sqrt(squares / order.length);
    return above(stage, (i) => z[order[i]] >= line);
  },
  top_k(stage, count) {
    const { z, order } = stage;
    if (!(count > 0 && count < order.length)) return stage;
    const line = z[order[order.length - count]];
    return above(stage, (i) => z[order[i]] >= line);
  },
  top_p({ z, order, p }, mass) {
    if (mass === 1) return { z, order };
    let first = 0, sum = p[0];
    while (first < order.length - 1 && sum <= 1 - mass) sum += p[++first];
    return { z, order: order.subarray(first) };
  },
  min_p: (stage, share) => above(stage, (i) => stage.p[i] >= share * stage.p.at(-1)),
  // Outwards from the token whose surprise is nearest to the entropy, to both sides at once.
  typical_p({ z, order, p }, mass) {
    if (mass === 1) return { z, order };
    const most = z[order.at(-1)];
    let total = 0, right = 0;
    for (const id of order) total += Math.exp(z[id] - most);
    const sure = Math.log(total), entropy = entropyOf(p), away = (i) => Math.abs(sure - (z[order[i]] - most) - entropy);
    while (right < order.length && sure - (z[order[right]] - most) > entropy) right++;
    let left = right - 1, sum = 0, line = 0;
    for (let taken = 0; taken < order.length; taken++) {
      const low = left >= 0 && (right >= order.length || away(left) < away(right)), i = low ? left-- : right++;
      line = away(i);
      sum += p[i];
      if (!(sum < mass)) break;
    }
    return { z, order: order.filter((_, i) => away(i) <= line) };
  },
  epsilon_cutoff: (stage, least) => above(stage, (i) => stage.p[i] >= least),
  eta_cutoff(stage, epsilon) {
    const least = Math.min(epsilon, Math.sqrt(epsilon) * Math.exp(-entropyOf(stage.p)));
    return above(stage, (i) => stage.p[i] >= least);
  },
};

// What one sampler {name, value} makes of a stage; `counts` as countsOf gives them.
function follow(stage, { name, value }, counts) {
  let after = SAMPLERS[name](stage, value, counts);
  if (!after.order.length) after = greedy(stage); // all were cut: the most probable one before it stays
  const cut = stage.order.length - after.order.length;
  if (after.z === stage.z && !cut) return { ...stage, name, cut, removed: 0 };
  return measured(name, after.z, after.order, cut, cut ? lost(stage, after.order, cut) : 0);
}
// The probability of the tokens that aren't in `order` any more: most samplers cut the first ones only.
function lost({ order, p, z }, left, cut) {
  let sum = 0;
  if (left.buffer === order.buffer && left.byteOffset === order.byteOffset + 4 * cut) {
    for (let i = 0; i < cut; i++) sum += p[i];
    return sum;
  }
  const stays = new Uint8Array(z.length);
  for (const id of left) stays[id] = 1;
  order.forEach((id, i) => { if (!stays[id]) sum += p[i]; });
  return sum;
}
// What each stage of a chain makes of the logits; the first stage is the logits as they came.
function run(z, order, chain, context) {
  const counts = countsOf(context), stages = [measured("logits", z, order, 0, 0)];
  for (const sampler of chain) stages.push(follow(stages.at(-1), sampler, counts));
  return stages;
}

// The Mersenne Twister (Matsumoto and Nishimura 1998) as numpy's RandomState seeds it: doubles of 53 bits from 0 to 1.
class Twister {
  constructor(seed) {
    const state = (this.state = new Uint32Array(624));
    state[0] = seed;
    for (let i = 1; i < 624; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    this.at = 624;
  }
  bits() {
    const { state } = this;
    if (this.at === 624) {
      for (let i = 0; i < 624; i++) {
        const y = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
        state[i] = state[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      this.at = 0;
    }
    let y = state[this.at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }
  next() { return ((this.bits() >>> 5) * 67108864 + (this.bits() >>> 6)) / 9007199254740992; }
}
// Token ids: for each number, the first token, by id, at which the running sum of probabilities exceeds it.
function draws({ order, p, z }, count, seed) {
  const byId = new Float64Array(z.length), twister = new Twister(seed);
  order.forEach((id, i) => { byId[id] = p[i]; });
  for (let id = 1; id < byId.length; id++) byId[id] += byId[id - 1];
  const total = byId.at(-1);
  return Array.from({ length: count }, () => {
    const number = twister.next() * total;
    let low = 0, high = byId.length - 1;
    while (low < high) { const middle = (low + high) >> 1; if (byId[middle] > number) high = middle; else low = middle + 1; }
    return low;
  });
}
