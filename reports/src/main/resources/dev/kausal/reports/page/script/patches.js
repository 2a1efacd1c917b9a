/** Maps on images: one image at a time, and the value of the patch under the pointer. */
class PatchView extends View {
  controls() {
    this.overControl();
    this.parts = [...this.card.querySelectorAll('.example[data-example]')];
    const drawn = [...new Set(this.parts.map((part) => Number(part.dataset.example)))];
    if (drawn.length < 2) return;
    const folds = new Set(this.parts.map((part) => part.closest('.card details')).filter((folded) => folded));
    for (const part of this.parts) part.closest('.card details')?.before(part);
    for (const folded of folds) folded.remove();
    this.imageChoice = this.choice('Image', drawn.map((at) => [String(at), this.grid.examples[at] ?? String(at)]), (at) => {
      this.selection.set({ example: this.grid.examples[Number(at)] ?? null });
      this.image(Number(at));
    }, true);
    this.image(drawn[0]);
  }

  /** How strongly maps cover the images below them. */
  overControl() {
    if (!this.card.querySelector('.over')) return;
    const slider = element('input', { type: 'range', min: '0', max: '1', step: '0.05', value: '1' });
    slider.addEventListener('input', () => this.card.style.setProperty('--over', slider.value));
    this.labelled('Overlay', slider);
  }

  image(at) {
    this.imageChoice.value = String(at);
    for (const part of this.parts) part.hidden = Number(part.dataset.example) !== at;
  }

  /** Shows the selected image, if it is drawn. */
  follow() {
    const at = this.grid.examples.indexOf(this.selection.example);
    if (this.imageChoice && this.parts.some((part) => Number(part.dataset.example) === at)) this.image(at);
    super.follow();
  }

  hover(_, event) {
    const map = event?.target.closest?.('svg[data-values]');
    if (!map) return this.reading.hide();
    const values = map.dataset.values.split(',');
    const columns = Number(map.dataset.columns);
    const rows = values.length / columns;
    const box = map.getBoundingClientRect();
    const inside = (at, size, parts) => Math.min(parts - 1, Math.max(0, Math.floor(at / size * parts)));
    const row = inside(event.clientY - box.y, box.height, rows);
    const column = inside(event.clientX - box.x, box.width, columns);
    const value = values[row * columns + column];
    this.reading.show([`row ${row}, column ${column}`, `${this.grid.metric}: ${number(value === '' ? null : Number(value))}`],
      event.clientX, event.clientY);
  }
}
