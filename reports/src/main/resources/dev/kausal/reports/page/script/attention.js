const LEVELS = 12;
const MEAN = 'mean';

/** Attention: a grid of all heads, and one of them as lines between tokens and as a matrix. */
class AttentionView extends View {
  controls() {
    const drawn = [...this.card.querySelectorAll(':scope > .text')];
    this.texts = drawn.filter((text) => this.grid.source.perExample[Number(text.dataset.example)]);
    if (this.texts.length) this.textControl();
    else this.exampleControl();
    this.read(this.texts[0] ?? this.card);
    this.layer = Number(this.one?.dataset.layer ?? 0);
    this.head = Number(this.one?.dataset.head ?? 0);
    if (this.one) this.headControls();
    this.filterControls();
    this.card.addEventListener('pointermove', (event) => this.over(event.target.closest?.('.end') ?? null));
    this.card.addEventListener('pointerleave', () => {
      this.over(null);
      this.trace(null);
    });
    this.card.addEventListener('click', (event) => {
      const position = this.positionOf(event.target.closest?.('.end') ?? null);
      if (position) this.selection.set({ position });
    });
  }

  positionOf(end) {
    return end && { set: this.grid.set, at: Number(end.dataset.q ?? end.dataset.k) };
  }

  /** Follows the token at [end], and marks it in the other figures. */
  over(end) {
    this.selection.point(this.positionOf(end));
    if (end) this.trace(end);
  }

  /** Chooses one of several texts, each of which is drawn with its own tokens. */
  textControl() {
    const name = (text) => this.grid.examples[Number(text.dataset.example)];
    if (this.texts.length > 1) {
      this.textChoice = this.choice('Text', this.texts.map((text, i) => [String(i), name(text)]), (i) => {
        this.selection.set({ example: name(this.texts[Number(i)]) });
      }, true);
    }
  }

  /** Takes the marks of [part], a text's drawing or the whole card, and hides the other texts. */
  read(part) {
    for (const text of this.texts) text.hidden = text !== part;
    if (this.texts.length) this.example = Number(part.dataset.example);
    this.part = part;
    this.heads = [...part.querySelectorAll('.heads > [data-l]')];
    this.one = part.querySelector('.one-head');
    this.keys = Number(this.one?.dataset.keys ?? 0);
    this.marks = [...part.querySelectorAll('[data-c]')];
    this.lines = [...part.querySelectorAll('.look > path')];
    this.ends = [...part.querySelectorAll('.end')];
    this.drawn = this.example;
    this.followed = null;
    if (this.layer !== undefined) this.mark();
  }

  /** A choice of each axis that has more than one place. */
  headControls() {
    const named = (axis) => this.grid.labels[axis].map((label, i) => [String(i), label]);
    const [layers, heads] = this.grid.sizes;
    if (layers > 1) this.layerChoice = this.choice('Layer', named(0), (layer) => this.show(Number(layer), this.head), true);
    if (this.hasHeads && heads > 1) {
      this.headChoice = this.choice('Head', [...named(1), [MEAN, 'mean of all']], (head) =>
        this.show(this.layer, head === MEAN ? MEAN : Number(head)), true);
    }
    this.chosen();
    this.mark();
  }

  chosen() {
    if (this.layerChoice) this.layerChoice.value = String(this.layer);
    if (this.headChoice) this.headChoice.value = String(this.head);
  }

  get hasHeads() {
    return this.grid.sizes.length === 4;
  }

  index(layer, head, query, key) {
    return this.grid.index(this.hasHeads ? [layer, head, query, key] : [layer, query, key]);
  }

  markOf(event) {
    return event.target.closest?.('[data-c], .heads > [data-l]') ?? null;
  }

  pairOf(mark) {
    const pair = Number(mark.dataset.c);
    return [Math.floor(pair / this.keys), pair % this.keys];
  }

  cellOf(mark) {
    return this.index(this.layer, this.head === MEAN ? 0 : this.head, ...this.pairOf(mark));
  }

  linesOf(mark) {
    if (mark.dataset.l) return [this.name(Number(mark.dataset.l), Number(mark.dataset.h)), 'click to show it large'];
    const [query, key] = this.pairOf(mark);
    const where = `${this.token(-2, query)} \u2192 ${this.token(-1, key)}`;
    return [where, `${this.grid.metric}: ${number(this.weight(this.layer, this.head, query, key))}`, this.name(this.layer, this.head)];
  }

  token(axis, at) {
    return `${at} (${(this.grid.tokens?.[this.example] ?? this.grid.labels.at(axis))[at]})`;
  }

  name(layer, head) {
    const label = this.grid.labels[0][layer];
    const where = label === MEAN ? 'mean over layers' : `layer ${label}`;
    if (head === MEAN) return `${where}, mean of all heads`;
    const which = this.hasHeads ? this.grid.labels[1][head] : MEAN;
    return `${where}, ${which === MEAN ? 'mean over heads' : `head ${which}`}`;
  }

  weight(layer, head, query, key) {
    const at = (h) => this.grid.value(this.index(layer, h, query, key), this.example) ?? 0;
    if (head !== MEAN) return at(head);
    const heads = this.grid.sizes[1];
    return Array.from({ length: heads }, (_, h) => at(h)).reduce((a, b) => a + b, 0) / heads;
  }

  pick(mark) {
    if (mark?.dataset.l) this.show(Number(mark.dataset.l), Number(mark.dataset.h));
    else if (mark && this.head !== MEAN && !this.texts.length) this.examples.show(this.cellOf(mark));
  }

  /** Shows another head large, and selects it in all figures. */
  show(layer, head) {
    this.turn(layer, head);
    const place = (axis, at) => {
      const label = this.grid.source.axes[axis].labels[at] ?? '';
      return /^\d+$/.test(label) ? Number(label) : null;
    };
    this.selection.set({ layer: place(0, layer), head: this.hasHeads ? place(1, head) : null });
  }

  /** Shows the selected text, layer and head, as far as the figure has them. */
  follow() {
    const { example, layer, head } = this.selection;
    const text = this.texts.find((one) => this.grid.examples[Number(one.dataset.example)] === example);
    if (text && text !== this.part) {
      this.read(text);
      this.update();
    }
    if (this.textChoice) this.textChoice.value = String(this.texts.indexOf(this.part));
    const at = (axis, number, usual) => {
      const found = number === null || (axis === 1 && !this.hasHeads) ? -1 : this.grid.source.axes[axis].labels.indexOf(String(number));
      return found < 0 ? usual : found;
    };
    const [l, h] = [at(0, layer, this.layer), at(1, head, this.head)];
    if (this.one && (l !== this.layer || h !== this.head)) this.turn(l, h);
    super.follow();
  }

  /** Outlines the selected position at both ends of the lines. */
  link() {
    const at = this.selection.at(this.grid.set);
    for (const end of this.ends) end.classList.toggle('linked', at !== null && Number(end.dataset.q ?? end.dataset.k) === at);
  }

  /** Shows another head large. */
  turn(layer, head) {
    Object.assign(this, { layer, head });
    this.chosen();
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
      mark.setAttribute('fill-opacity', this.ink(...this.pairOf(mark)));
    }
    this.trace(this.followed, true);
  }

  ink(query, key) {
    const weight = this.weight(this.layer, this.head, query, key);
    return weight < 0.005 ? 0 : Math.min(1, weight).toFixed(2);
  }

  /** Leaves only the lines of the token at [end], and shades the tokens at their other ends. */
  trace(end, again = false) {
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
    const square = Number(this.part.querySelector('.heads')?.dataset.square);
    for (const small of this.heads) {
      const [l, h] = [Number(small.dataset.l), Number(small.dataset.h)];
      const label = (axis, at) => Number(this.grid.source.axes[axis].labels[at]);
      small.classList.toggle('faded', !((layers?.(label(0, l)) ?? true) && (heads?.(label(1, h)) ?? true)));
      if (this.drawn !== this.example) this.small(small.querySelector('g'), l, h, square);
    }
    if (this.drawn !== this.example) this.layers();
    this.drawn = this.example;
    this.large();
  }

  /** Each layer's mean over heads again. */
  layers() {
    const head = this.hasHeads && this.grid.sizes[1] > 1 ? MEAN : 0;
    for (const map of this.part.querySelectorAll('.layer-map > svg')) {
      const [layer, x, y, square] = ['layer', 'x', 'y', 'square'].map((name) => Number(map.dataset[name]));
      this.small(map.querySelector('g[stroke]'), layer, head, square, x, y);
    }
  }

  /** The squares of one head again: a path for each level of ink, as it was drawn first. */
  small(group, layer, head, square, x = 0, y = 0) {
    const paths = Array.from({ length: LEVELS + 1 }, () => []);
    const [queries, keys] = this.grid.sizes.slice(-2);
    for (let q = 0; q < queries; q++) {
      for (let k = 0; k < keys; k++) {
        const level = Math.round(Math.min(1, this.weight(layer, head, q, k)) * LEVELS);
        if (level) paths[level].push(`M${x + k * square} ${y + (q + 0.5) * square}h${square}`);
      }
    }
    group.replaceChildren(...paths.flatMap((path, level) => (path.length ? [this.ofLevel(path, level)] : [])));
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
