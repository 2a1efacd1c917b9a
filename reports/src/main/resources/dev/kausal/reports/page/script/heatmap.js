/** A matrix of cells whose colours follow the example, the range and the filters that the reader chooses. */
class HeatmapView extends View {
  controls() {
    this.legend = new Legend(this.card.querySelector('.legend'));
    this.cells = this.marks.map((mark) => this.cellOf(mark));
    this.asked = this.filters;
    this.rows = [...this.svg.querySelectorAll('[data-row]')].map((text) => [text, text.textContent]);
    this.strip = this.card.querySelector('.strip');
    this.strip?.addEventListener('pointermove', (event) => this.overToken(event.target));
    this.strip?.addEventListener('pointerleave', () => this.overToken(null));
    this.strip?.addEventListener('click', (event) => this.pickToken(event.target));
    this.words = this.strip ? [...this.strip.children].map((token) => [token, token.textContent]) : [];
    this.range = 1;
    this.exampleControl();
    this.rangeControl();
    this.filterControls();
  }

  /** The position of a token of the line below the cells; null if [target] is none. */
  positionOf(target) {
    const at = target === null ? -1 : [...this.strip.children].indexOf(target);
    return at < 0 ? null : { set: this.grid.set, at };
  }

  overToken(target) {
    this.selection.point(this.positionOf(target));
  }

  pickToken(target) {
    const position = this.positionOf(target);
    if (position) this.selection.set({ position });
  }

  link() {
    super.link();
    const at = this.selection.at(this.grid.set);
    this.words.forEach(([token], row) => token.classList.toggle('linked', row === at));
  }

  rangeControl() {
    const reach = () => `${this.legend.diverging ? '\u00b1' : ''}${number(this.reach(), 2)}`;
    const shown = element('output', {}, reach());
    const slider = element('input', { type: 'range', min: '-3', max: '1', step: '0.1', value: '0' });
    slider.addEventListener('input', () => {
      this.range = 2 ** Number(slider.value);
      shown.value = reach();
      this.soon();
    });
    this.options.append(element('label', {}, 'Colours end at ', slider, ' ', shown));
  }

  reach() {
    return this.grid.reach * this.range;
  }

  /** Once a frame, however often the slider moves. */
  soon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = null;
      this.update();
    });
  }

  /** Where a value stands on the colours, 0 to 1. */
  part(value) {
    const centre = this.grid.floor(this.example);
    return (value - centre + this.reach()) / (2 * this.reach());
  }

  update() {
    const centre = this.grid.floor(this.example);
    for (const [i, mark] of this.marks.entries()) {
      const value = this.grid.value(this.cells[i], this.example);
      const part = value === null ? null : this.part(value);
      mark.setAttribute('fill', part === null ? GAP : colour(part));
      shade(mark, part);
    }
    if (this.asked !== this.filters) this.fade();
    this.legend.update(centre, this.reach(), this.grid.low, this.grid.high);
    const tokens = this.tokens();
    for (const [text, usual] of this.rows) text.textContent = tokens?.[Number(text.dataset.row)] ?? usual;
    this.words.forEach(([token, usual], row) => { token.textContent = tokens?.[row] ?? usual; });
    this.shadeTokens();
  }

  /** Lets cells step back that are on no layer or head that the reader asks for. */
  fade() {
    this.asked = this.filters;
    this.marks.forEach((mark, i) => mark.classList.toggle('faded', !this.grid.passes(this.cells[i], this.filters)));
  }

  /** The chosen example's own tokens; null for the mean, and where rows are no positions. */
  tokens() {
    return this.example === null ? null : this.grid.tokens?.[this.example];
  }

  point(mark) {
    if (mark === this.pointed) return;
    super.point(mark);
    this.shadeTokens();
  }

  /** Shades each token by its row: by its cell in the column pointed at, else by its strongest one. */
  shadeTokens() {
    const { width } = this.grid;
    const at = this.pointed ? this.marks.indexOf(this.pointed) % width : null;
    this.words.forEach(([token], row) => {
      const cells = at === null ? this.cells.slice(row * width, (row + 1) * width) : [this.cells[row * width + at]];
      const value = this.strongest(cells);
      shade(token, value === null ? null : this.part(value));
    });
  }

  strongest(cells) {
    const centre = this.grid.floor(this.example);
    const values = cells.map((cell) => this.grid.value(cell, this.example)).filter((value) => value !== null);
    return values.reduce((best, value) => (best === null || Math.abs(value - centre) > Math.abs(best - centre) ? value : best), null);
  }
}
