const FEW = 20;
const BAR_ROW = 24;
const BARS_TOP = 30;

/** A ranking whose bars the reader sorts, filters and asks for more of. */
class BarsView extends View {
  controls() {
    this.other = this.svg.querySelector('.other');
    this.ticks = [...this.svg.querySelectorAll('[data-tick]')];
    this.order = 'strength';
    this.most = FEW;
    this.exampleControl();
    this.choice('Sort by', [['strength', 'strength'], ['value', 'value'], ['place', 'place in the model']], (order) => {
      this.order = order;
      this.update();
    });
    if (this.marks.length > FEW) {
      this.choice('Show', [[FEW, `${FEW} bars`], [50, '50 bars'], [this.marks.length, `all ${this.marks.length}`]], (most) => {
        this.most = Number(most);
        this.update();
      });
    }
    this.filterControls();
  }

  compare(a, b) {
    const effect = (mark) => this.grid.effect(this.cellOf(mark), this.example) ?? 0;
    if (this.order === 'place') return this.cellOf(a) - this.cellOf(b);
    return this.order === 'value' ? effect(b) - effect(a) : Math.abs(effect(b)) - Math.abs(effect(a));
  }

  update() {
    const passing = this.marks.filter((mark) => this.grid.passes(this.cellOf(mark), this.filters));
    const strongest = [...passing].sort((a, b) => Math.abs(this.at(b)) - Math.abs(this.at(a))).slice(0, this.most);
    const shown = strongest.sort((a, b) => this.compare(a, b));
    const scale = this.fitting(shown);
    for (const mark of this.marks) mark.setAttribute('display', 'none');
    shown.forEach((mark, row) => this.draw(mark, row, scale));
    const usual = this.example === null && this.most === FEW && passing.length === this.marks.length;
    this.other?.setAttribute('display', usual ? 'inline' : 'none');
    for (const tick of this.ticks) tick.textContent = number(Number(tick.dataset.tick) * scale, scale < 5 ? 2 : 0);
    this.resize(shown.length + (usual && this.other ? 1 : 0));
  }

  at(mark) {
    return this.grid.effect(this.cellOf(mark), this.example) ?? 0;
  }

  /** How much coarser the axis has to be for every bar to fit: 1, 2, 5, 10 times and so on. */
  fitting(marks) {
    const { zero, unit } = this.grid;
    const end = this.svg.viewBox.baseVal.width - 24;
    const start = Number(this.svg.dataset.left);
    const fits = (scale) => marks.every((mark) => {
      const x = zero + this.at(mark) * unit / scale;
      return x >= start - 1 && x <= end + 1;
    });
    for (let power = 1; power < 1e6; power *= 10) {
      const scale = [1, 2, 5].find((step) => fits(step * power));
      if (scale) return scale * power;
    }
    return 1e6;
  }

  draw(mark, row, scale) {
    const value = this.at(mark);
    const bar = mark.querySelector('.bar');
    const length = Math.abs(value) * this.grid.unit / scale;
    mark.setAttribute('display', 'inline');
    mark.setAttribute('transform', `translate(0 ${BARS_TOP + row * BAR_ROW})`);
    bar.setAttribute('x', value < 0 ? this.grid.zero - length : this.grid.zero);
    bar.setAttribute('width', length);
    bar.setAttribute('fill', value < 0 ? BELOW : ABOVE);
    mark.querySelector('path')?.setAttribute('display', this.example === null && scale === 1 ? 'inline' : 'none');
    mark.querySelector('.value').textContent = signed(value);
  }

  resize(rows) {
    const { width } = this.svg.viewBox.baseVal;
    const height = BARS_TOP + Math.max(1, rows) * BAR_ROW + 8;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.setAttribute('height', height);
    this.svg.querySelector('.paper').setAttribute('height', height);
    for (const line of this.svg.querySelectorAll('.axis path')) {
      line.setAttribute('d', line.getAttribute('d').replace(/V.*$/, `V${height}`));
    }
  }

  neighbour(key) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (!step) return null;
    const place = (mark) => Number(/ (\d+)/.exec(mark.getAttribute('transform'))[1]);
    const shown = this.marks.filter((mark) => mark.getAttribute('display') !== 'none').sort((a, b) => place(a) - place(b));
    const at = shown.indexOf(this.pointed);
    return at < 0 ? shown[0] : (shown[at + step] ?? this.pointed);
  }
}
