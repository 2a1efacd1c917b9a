/** What the figure's own keys do, said to those who cannot see it. */
const KEYS = 'Arrow keys move from cell to cell, Enter shows the examples of a cell, Escape leaves it.';

/**
 * A figure that answers: its marks are there already, each with its cell's number in `data-c`. Whatever the view, one
 * listener on the card serves all marks, so that a figure of ten thousand cells costs no more than one of ten.
 */
class View {
  constructor(article, grid, reading) {
    Object.assign(this, { article, grid, reading });
    this.figure = article.querySelector('figure');
    this.card = article.querySelector('.card');
    this.svg = this.card.querySelector('svg:not(.legend)');
    this.marks = this.marksOf();
    this.example = null;
    this.filters = {};
    this.tools = element('div', { class: 'tools', role: 'group', 'aria-label': `Controls of figure ${grid.number}` });
    this.figure.prepend(this.tools);
    this.examples = new Examples(this);
    this.cursor = element('div', { class: 'cursor', hidden: '' });
    this.card.append(this.cursor);
    this.listen();
    this.controls();
    this.exports();
  }

  get help() {
    return KEYS;
  }

  marksOf() {
    return [...this.card.querySelectorAll('[data-c]')];
  }

  /** The mark at hand, from an event or null. */
  markOf(event) {
    return event.target.closest?.('[data-c]') ?? null;
  }

  cellOf(mark) {
    return Number(mark.dataset.c);
  }

  linesOf(mark) {
    return this.grid.describe(this.cellOf(mark), this.example);
  }

  listen() {
    if (this.marks.length) {
      this.card.setAttribute('aria-label', `${this.card.getAttribute('aria-label')}. ${this.help}`);
      this.card.classList.add('live');
    }
    this.card.addEventListener('pointermove', (event) => this.hover(this.markOf(event), event));
    this.card.addEventListener('pointerleave', () => this.hover(null));
    this.card.addEventListener('click', (event) => this.pick(this.markOf(event)));
    this.card.addEventListener('keydown', (event) => this.key(event));
    this.card.addEventListener('blur', () => this.hover(null));
  }

  hover(mark, event) {
    if (mark) this.reading.show(this.linesOf(mark), event.clientX, event.clientY);
    else this.reading.hide();
    this.point(mark);
  }

  /** Draws the eye to [mark]; null to none. */
  point(mark) {
    if (mark === this.pointed) return;
    this.pointed?.classList.remove('at');
    mark?.classList.add('at');
    this.pointed = mark;
    this.frame(mark?.tagName === 'rect' ? mark : null);
  }

  /** A frame over a cell, in a layer of its own: ten thousand cells need not be painted again for one that is pointed at. */
  frame(mark) {
    this.cursor.hidden = !mark;
    if (!mark) return;
    const [cell, card] = [mark.getBoundingClientRect(), this.card.getBoundingClientRect()];
    const { style } = this.cursor;
    style.width = `${cell.width}px`;
    style.height = `${cell.height}px`;
    style.transform = `translate(${cell.x - card.x - this.card.clientLeft + this.card.scrollLeft}px, ` +
      `${cell.y - card.y - this.card.clientTop + this.card.scrollTop}px)`;
  }

  pick(mark) {
    if (mark) this.examples.show(this.cellOf(mark));
  }

  key(event) {
    if (event.target !== this.card) return;
    if (event.key === 'Escape') return this.hover(null);
    if (event.key === 'Enter' && this.pointed) return this.pick(this.pointed);
    const next = this.neighbour(event.key);
    if (!next) return;
    event.preventDefault();
    this.point(next);
    next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const box = next.getBoundingClientRect();
    this.reading.show(this.linesOf(next), box.right, box.bottom, true);
  }

  /** The mark that a key leads to; null where it leads nowhere. */
  neighbour(key) {
    const step = { ArrowRight: 1, ArrowDown: this.grid.width || 1, ArrowLeft: -1, ArrowUp: -(this.grid.width || 1) }[key];
    if (!step || !this.marks.length) return null;
    const at = this.marks.indexOf(this.pointed);
    return at < 0 ? this.marks[0] : (this.marks[at + step] ?? this.pointed);
  }

  /** The controls that the view has; exports come by themselves. */
  controls() {}

  /** Chooses the mean or one example. */
  exampleControl() {
    if (this.grid.examples.length < 2) return;
    const options = [['', `mean of ${this.grid.source.examples.length} examples`],
      ...this.grid.examples.map((name, i) => [String(i), name])];
    this.exampleChoice = this.choice('Values', options, (value) => this.choose(value === '' ? null : Number(value)));
  }

  choose(example) {
    this.example = example;
    if (this.exampleChoice) this.exampleChoice.value = example ?? '';
    this.update();
  }

  /** Text fields that name layers and heads; the rest steps back. */
  filterControls() {
    const several = (axis) => !this.grid.names.includes(axis) || this.grid.sizes[this.grid.names.indexOf(axis)] > 1;
    for (const name of ['layer', 'head'].filter((axis) => this.grid.knows(axis) && several(axis))) {
      const field = element('input', { type: 'text', placeholder: 'all, or 0-3, 7', size: '10' });
      field.addEventListener('input', () => {
        const test = wanted(field.value);
        field.setAttribute('aria-invalid', String(test === undefined));
        if (test === undefined) return;
        this.filters = { ...this.filters, [name]: test };
        this.update();
      });
      this.labelled(`${name[0].toUpperCase()}${name.slice(1)}s`, field);
    }
  }

  choice(label, options, chosen) {
    const select = element('select', { change: () => chosen(select.value) },
      ...options.map(([value, text]) => element('option', { value }, text)));
    this.labelled(label, select);
    return select;
  }

  labelled(label, control) {
    this.tools.append(element('label', {}, `${label} `, control));
  }

  exports() {
    const { number: figure, result } = this.grid;
    const name = `figure-${figure}-${result}`.replace(/[^\w.-]+/g, '-');
    const save = (kind, pressed) =>
      element('button', { type: 'button', 'aria-label': `Save figure ${figure} as ${kind}`, click: pressed }, kind);
    const saves = element('span', { class: 'saves' });
    if (this.svg) {
      saves.append(
        save('SVG', () => download(`${name}.svg`, 'image/svg+xml', svgOf(this.card).text)),
        save('PNG', () => exportPng(this.card, name)));
    }
    saves.append(save('CSV', () => download(`${name}.csv`, 'text/csv', csvOf(this.grid))));
    this.tools.append(saves);
  }

  /** Draws again what a control changed. */
  update() {}
}
