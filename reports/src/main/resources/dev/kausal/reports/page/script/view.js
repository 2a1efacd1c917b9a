/** What the figure's own keys do, said to those who cannot see it. */
const KEYS = 'Arrow keys move from cell to cell, Enter shows the examples of a cell, Escape leaves it.';

/**
 * A figure that answers: its marks are there already, each with its cell's number in `data-c`. Whatever the view, one
 * listener on the card serves all marks, so that a figure of ten thousand cells costs no more than one of ten.
 */
class View {
  constructor(article, grid, reading, selection) {
    Object.assign(this, { article, grid, reading, selection });
    this.figure = article.querySelector('figure');
    this.card = article.querySelector('.card');
    this.svg = this.card.querySelector('svg:not(.legend)');
    this.marks = this.marksOf();
    this.example = null;
    this.filters = {};
    this.tools = element('div', { class: 'tools', role: 'group', 'aria-label': `Controls of figure ${grid.number}` });
    this.shown = element('span', { class: 'shown' });
    this.options = element('div', {});
    this.tools.append(this.shown);
    this.figure.prepend(this.tools);
    this.examples = new Examples(this);
    this.cursor = element('div', { class: 'cursor', hidden: '' });
    this.card.append(this.cursor);
    this.listen();
    this.controls();
    this.exports();
    this.tools.append(this.fold());
    this.told();
  }

  /** The controls that are seldom used, folded. */
  fold() {
    const details = element('details', { class: 'options' },
      element('summary', { 'aria-label': `Options of figure ${this.grid.number}` }, 'Options'), this.options);
    document.addEventListener('click', (event) => { if (!details.contains(event.target)) details.open = false; });
    details.addEventListener('keydown', (event) => { if (event.key === 'Escape') details.open = false; });
    return details;
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
    if (!mark) return;
    this.examples.show(this.cellOf(mark));
    this.select(this.spotsOf(mark)[0]);
  }

  /** Selects, in all figures, what is at [spot]. */
  select(spot) {
    if (!spot) return;
    const { layer = null, head = null, position } = spot;
    const at = position === undefined ? {} : { position: { set: this.grid.set, at: position } };
    this.selection.set({ layer, head, ...at });
  }

  /** Where in the model and in the text the thing is that [mark] shows. */
  spotsOf(mark) {
    this.spots ??= new Map();
    if (!this.spots.has(mark)) this.spots.set(mark, this.grid.spots(this.cellOf(mark)));
    return this.spots.get(mark);
  }

  /** Shows what is selected: its example, if the figure has it, and its marks. */
  follow() {
    const at = this.grid.examples.indexOf(this.selection.example);
    if (this.follows && (at < 0 ? null : at) !== this.example) {
      this.example = at < 0 ? null : at;
      this.update();
    }
    this.told();
    this.link();
  }

  /** Outlines the marks of what is selected, unless these are all. */
  link() {
    const linked = this.marks.filter((mark) => this.spotsOf(mark).some((spot) => this.selection.has(spot, this.grid.set)));
    const shown = linked.length < this.marks.length ? linked : [];
    this.linked?.forEach((mark) => mark.classList.remove('linked'));
    shown.forEach((mark) => mark.classList.add('linked'));
    this.linked = shown;
  }

  /** Says which numbers the figure shows. */
  told() {
    if (!this.follows) return;
    const { example } = this.selection;
    const mean = `mean of ${count(this.grid.source.examples.length, 'example')}`;
    this.shown.textContent = this.example !== null ? this.grid.examples[this.example]
      : example === null ? mean : `${mean}: not in this set`;
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

  /** Lets the figure show the mean or the example that is selected. */
  exampleControl() {
    this.follows = this.grid.examples.length > 1;
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

  /** A choice among [options]; it is folded unless it is [first]. */
  choice(label, options, chosen, first = false) {
    const select = element('select', { change: () => chosen(select.value) },
      ...options.map(([value, text]) => element('option', { value }, text)));
    this.labelled(label, select, first);
    return select;
  }

  labelled(label, control, first = false) {
    (first ? this.tools : this.options).append(element('label', {}, `${label} `, control));
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
    this.options.append(saves);
  }

  /** Draws again what a control changed. */
  update() {}
}
