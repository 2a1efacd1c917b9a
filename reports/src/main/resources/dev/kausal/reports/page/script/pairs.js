/** Bars in pairs, of the mean or of the example that the reader chooses. */
class PairsView extends View {
  controls() {
    this.exampleControl();
  }

  update() {
    const { zero, unit } = this.grid;
    for (const mark of this.marks) {
      const value = this.grid.value(this.cellOf(mark), this.example);
      const bar = mark.querySelector('.bar');
      bar.setAttribute('x', zero + Math.min(0, value ?? 0) * unit);
      bar.setAttribute('width', Math.abs(value ?? 0) * unit);
      mark.querySelector('.value').textContent = value === null ? '' : signed(value);
    }
  }
}
