/** A head or a layer as components and the ends of edges name it: `L3H2`, `L3 mlp`, `L7.q5`. */
const COMPONENT = /^L(?<layer>\d+)(?:(?:H|\.q)(?<head>\d+))?/;
/** A head as axes of pairs and of sets name it: `3.2`. */
const HEAD = /^(?<layer>\d+)\.(?<head>\d+)$/;
const NUMBERED = new Set(['position', 'query', 'key']);

/** A figure's numbers: cells over the axes of its result, for the mean over examples or for one of them. */
class Grid {
  constructor(figure, result) {
    Object.assign(this, figure);
    this.source = result;
    this.names = result.axes.map((axis) => axis.name);
    this.sizes = result.axes.map((axis) => axis.labels.length);
    this.examples = result.examples.slice(0, result.perExample.length);
    this.cells = this.sizes.reduce((a, b) => a * b, 1);
  }

  /** Where a cell is on each axis. */
  place(cell) {
    const place = new Array(this.sizes.length);
    for (let axis = this.sizes.length - 1; axis >= 0; axis--) {
      place[axis] = cell % this.sizes[axis];
      cell = Math.floor(cell / this.sizes[axis]);
    }
    return place;
  }

  index(place) {
    return place.reduce((cell, at, axis) => cell * this.sizes[axis] + at, 0);
  }

  /** The value of a cell; [example] null stands for the mean. */
  value(cell, example = null) {
    const row = example === null ? this.source.mean : this.source.perExample[example];
    return row[cell] ?? null;
  }

  /** What a cell is compared with: the unedited run of the same example, or 0. */
  floor(example = null) {
    if (!this.base) return this.centre;
    return example === null ? this.centre : (this.source.baseline[this.base]?.[example] ?? this.centre);
  }

  /** How far a cell is from what an edit without effect would give. */
  effect(cell, example = null) {
    const value = this.value(cell, example);
    if (value === null) return null;
    if (example === null && this.source.change) return this.source.change.mean[cell] ?? null;
    return value - this.floor(example);
  }

  /** A cell in words: `layer 5, position 3 (the)`. */
  words(cell) {
    return this.place(cell).map((at, axis) => {
      const name = this.names[axis];
      const label = this.labels[axis][at].replace(/ \*$/, '');
      return label === String(at) || !NUMBERED.has(name) ? `${name} ${label}` : `${name} ${at} (${label})`;
    }).join(', ');
  }

  /** What there is to say of a cell, in lines: where, how much, how sure. */
  describe(cell, example = null) {
    const lines = [this.words(cell), `${this.metric}: ${number(this.value(cell, example))}`];
    if (this.base) {
      const effect = this.effect(cell, example);
      if (effect !== null) lines.push(`change: ${signed(effect)}`);
    }
    return example === null ? [...lines, ...this.certainty(cell)] : [...lines, this.source.examples[example]];
  }

  certainty(cell) {
    const { change, ciLow, ciHigh, pCorrected, inference } = this.source;
    const low = (change?.ciLow ?? ciLow)?.[cell] ?? null;
    const high = (change?.ciHigh ?? ciHigh)?.[cell] ?? null;
    const lines = [];
    if (low !== null && high !== null) {
      const level = inference ? `${Math.round(100 * inference.level)} % ` : '';
      lines.push(`${level}interval${change ? ' of the change' : ''}: ${number(low)} to ${number(high)}`);
    }
    const p = pCorrected?.[cell] ?? null;
    if (p !== null) lines.push(`p = ${number(p)}, corrected`);
    const n = this.source.examples.length;
    lines.push(n === 1 ? 'one example' : `mean of ${n} examples`);
    return lines;
  }

  /** Where in the model and in the text a cell is: layer, head and position, as far as it has them; of pairs, both. */
  spots(cell) {
    const own = {};
    const others = [];
    this.place(cell).forEach((at, axis) => {
      const name = this.names[axis];
      const label = this.source.axes[axis].labels[at];
      if (name === 'position') own.position = at;
      else if (name === 'component') Object.assign(own, Grid.end(label, COMPONENT));
      else if (name === 'edge') others.push(...label.split(/ ?-> ?/).map((end) => Grid.end(end, COMPONENT)));
      else if (/^\d+$/.test(label) && (name === 'layer' || name === 'head')) own[name] = Number(label);
      else if (name.includes('head')) others.push(...label.split('+').map((head) => Grid.end(head, HEAD)));
    });
    return [own, ...others].filter((spot) => Object.keys(spot).length);
  }

  /** Layer and head that [pattern] finds in [text]. */
  static end(text, pattern) {
    const { layer, head } = pattern.exec(text)?.groups ?? {};
    if (layer === undefined) return {};
    return { layer: Number(layer), ...(head === undefined ? {} : { head: Number(head) }) };
  }

  /** All numbers that cells have on [name], `layer` or `head`. */
  numbersOf(name) {
    const axis = this.names.indexOf(name);
    const labels = axis >= 0 ? this.source.axes[axis].labels : [];
    return labels.filter((label) => /^\d+$/.test(label)).map(Number);
  }

  /** Whether cells have a `layer` or a `head`, as an axis or in a component's name. */
  knows(name) {
    return this.names.includes(name) || this.names.includes('component');
  }

  /** The cell's number on [name], `layer` or `head`; null where it has none, as an MLP has no head. */
  at(cell, name) {
    const axis = this.names.indexOf(name);
    if (axis >= 0) return Number(this.source.axes[axis].labels[this.place(cell)[axis]]);
    return Grid.end(this.source.axes[this.names.indexOf('component')].labels[cell], COMPONENT)[name] ?? null;
  }

  /** Whether a cell is on the layers and heads that the reader asks for: [filters] is of tests by name. */
  passes(cell, filters) {
    return Object.entries(filters).every(([name, test]) => {
      const at = test && this.at(cell, name);
      return !test || (at !== null && test(at));
    });
  }
}
