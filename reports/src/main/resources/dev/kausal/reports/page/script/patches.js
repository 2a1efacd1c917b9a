/** Maps on images: the value of the patch under the pointer. */
class PatchView extends View {
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
