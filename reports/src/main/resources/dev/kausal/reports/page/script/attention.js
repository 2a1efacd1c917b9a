const LEVELS = 12;
const MEAN = 'mean';

/** Attention: a grid of all heads, and one of them as lines between tokens and as a matrix. */
class AttentionView extends View {
  controls() {
    this.heads = [...this.card.querySelectorAll('.heads > [data-l]')];
    this.one = this.card.querySelector('.one-head');
    this.layer = Number(this.one?.dataset.layer ?? 0);
    this.head = Number(this.one?.dataset.head ?? 0);
    this.lines = [...this.card.querySelectorAll('.look > path')];
    this.ends = [...this.card.querySelectorAll('.end')];
    this.exampleControl();
    if (this.one) this.headControls();
    this.filterControls();
    this.card.addEventListener('pointermove', (event) => this.follow(event.target.closest?.('.end') ?? this.followed));
    this.card.addEventListener('pointerleave', () => this.follow(null));
  }

  headControls() {
    const named = (axis) => this.grid.labels[axis].map((label, i) => [String(i), label]);
    this.layerChoice = this.choice('Layer', named(0), (layer) => this.turn(Number(layer), this.head));
    this.headChoice = this.choice('Head', [...named(1), [MEAN, 'mean of all']], (head) =>
      this.turn(this.layer, head === MEAN ? MEAN : Number(head)));
    this.layerChoice.value = String(this.layer);
    this.headChoice.value = String(this.head);
    this.mark();
  }

  markOf(event) {
    return event.target.closest?.('[data-c], .heads > [data-l]') ?? null;
  }

  cellOf(mark) {
    const pair = Number(mark.dataset.c);
    const { sizes } = this.grid;
    return this.grid.index([this.layer, this.head === MEAN ? 0 : this.head, Math.floor(pair / sizes[3]), pair % sizes[3]]);
  }

  linesOf(mark) {
    if (mark.dataset.l) return [this.name(Number(mark.dataset.l), Number(mark.dataset.h)), 'click to show it large'];
    const [, , query, key] = this.grid.place(this.cellOf(mark));
    const where = `${this.token(2, query)} \u2192 ${this.token(3, key)}`;
    return [where, `${this.grid.metric}: ${number(this.weight(this.layer, this.head, query, key))}`, this.name(this.layer, this.head)];
  }

  token(axis, at) {
    return `${at} (${this.grid.labels[axis][at]})`;
  }

  name(layer, head) {
    const which = head === MEAN ? 'mean of all heads' : `head ${this.grid.labels[1][head]}`;
    return `layer ${this.grid.labels[0][layer]}, ${which}`;
  }

  weight(layer, head, query, key) {
    const at = (h) => this.grid.value(this.grid.index([layer, h, query, key]), this.example) ?? 0;
    if (head !== MEAN) return at(head);
    const heads = this.grid.sizes[1];
    return Array.from({ length: heads }, (_, h) => at(h)).reduce((a, b) => a + b, 0) / heads;
  }

  pick(mark) {
    if (mark?.dataset.l) this.turn(Number(mark.dataset.l), Number(mark.dataset.h));
    else if (mark && this.head !== MEAN) super.pick(mark);
  }

  /** Shows another head large. */
  turn(layer, head) {
    Object.assign(this, { layer, head });
    if (this.layerChoice) {
      this.layerChoice.value = String(layer);
      this.headChoice.value = String(head);
    }
    this.mark();
    this.large();
  }

  mark() {
    for (const small of this.heads) {
      const chosen = Number(small.dataset.l) === this.layer && (this.head === MEAN || Number(small.dataset.h) === this.head);
      small.classList.toggle('chosen', chosen);
    }
  }

  large() {
    if (!this.one) return;
    this.one.querySelector('.head-name').textContent = this.name(this.layer, this.head);
    for (const line of this.lines) {
      line.setAttribute('stroke-opacity', this.ink(Number(line.dataset.q), Number(line.dataset.k)));
    }
    for (const mark of this.marks) {
      const pair = Number(mark.dataset.c);
      const keys = this.grid.sizes[3];
      mark.setAttribute('fill-opacity', this.ink(Math.floor(pair / keys), pair % keys));
    }
    this.follow(this.followed, true);
  }

  ink(query, key) {
    const weight = this.weight(this.layer, this.head, query, key);
    return weight < 0.005 ? 0 : Math.min(1, weight).toFixed(2);
  }

  /** Leaves only the lines of the token at [end], and shades the tokens at their other ends. */
  follow(end, again = false) {
    if (end === this.followed && !again) return;
    this.followed = end;
    const side = end?.dataset.q === undefined ? 'k' : 'q';
    const at = end?.dataset[side];
    for (const line of this.lines) line.classList.toggle('faded', Boolean(end) && line.dataset[side] !== at);
    for (const other of this.ends) {
      const across = other.dataset[side] === undefined;
      const [query, key] = side === 'q' ? [at, other.dataset.k] : [other.dataset.q, at];
      const weight = end && across ? this.weight(this.layer, this.head, Number(query), Number(key)) : Number(other === end) * 0.35;
      other.querySelector('.shade').setAttribute('fill-opacity', (0.75 * Math.min(1, weight)).toFixed(2));
    }
  }

  update() {
    const [layers, heads] = [this.filters.layer, this.filters.head];
    const square = Number(this.card.querySelector('.heads')?.dataset.square);
    for (const small of this.heads) {
      const [l, h] = [Number(small.dataset.l), Number(small.dataset.h)];
      const label = (axis, at) => Number(this.grid.source.axes[axis].labels[at]);
      small.classList.toggle('faded', !((layers?.(label(0, l)) ?? true) && (heads?.(label(1, h)) ?? true)));
      if (this.drawn !== this.example) this.small(small, l, h, square);
    }
    this.drawn = this.example;
    this.large();
  }

  /** One head of the grid again: a path for each level of ink, as it was drawn first. */
  small(group, layer, head, square) {
    const paths = Array.from({ length: LEVELS + 1 }, () => []);
    const [, , queries, keys] = this.grid.sizes;
    for (let q = 0; q < queries; q++) {
      for (let k = 0; k < keys; k++) {
        const level = Math.round(Math.min(1, this.weight(layer, head, q, k)) * LEVELS);
        if (level) paths[level].push(`M${k * square} ${(q + 0.5) * square}h${square}`);
      }
    }
    group.querySelector('g').replaceChildren(...paths.flatMap((path, level) => (path.length ? [this.ofLevel(path, level)] : [])));
  }

  ofLevel(path, level) {
    const drawn = document.createElementNS(SVG, 'path');
    drawn.setAttribute('d', path.join(''));
    drawn.setAttribute('stroke-opacity', level === 1 ? 0.12 : (level / LEVELS).toFixed(2));
    return drawn;
  }

  neighbour(key) {
    const across = this.grid.sizes[1];
    const step = { ArrowRight: 1, ArrowDown: across, ArrowLeft: -1, ArrowUp: -across }[key];
    if (!step) return null;
    const at = this.heads.indexOf(this.pointed);
    return at < 0 ? this.heads[0] : (this.heads[at + step] ?? this.pointed);
  }
}
