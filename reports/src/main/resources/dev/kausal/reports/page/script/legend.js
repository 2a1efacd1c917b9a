/** The legend of a range that the reader changes: no end is a value that cannot be. */
class Legend {
  constructor(svg) {
    this.svg = svg;
    this.from = Number(svg.dataset.from);
    this.to = Number(svg.dataset.to);
    this.bar = svg.querySelector('.colours');
  }

  /** Whether values can be on both sides of the centre. */
  get diverging() {
    return this.to - this.from === 2;
  }

  x(part) {
    return 4 + 252 * (part - this.from) / (this.to - this.from);
  }

  /** Writes the ends of colours that reach as far as [reach] from [centre], between [low] and [high]. */
  update(centre, reach, low, high) {
    const start = Math.max(this.from, ((low ?? -Infinity) - centre) / reach);
    const end = Math.min(this.to, ((high ?? Infinity) - centre) / reach);
    const middle = this.diverging ? 0 : (start + end) / 2;
    this.bar.setAttribute('x', this.x(start));
    this.bar.setAttribute('width', Math.max(0, this.x(end) - this.x(start)));
    const digits = (end - start) * reach < 1 ? 3 : 2;
    for (const [name, part] of Object.entries({ low: start, middle, high: end })) {
      const tick = this.svg.querySelector(`[data-tick=${name}]`);
      tick.setAttribute('x', this.x(part));
      tick.textContent = number(centre + part * reach, digits);
    }
    const near = Math.min(this.x(middle) - this.x(start), this.x(end) - this.x(middle)) < 56;
    this.svg.querySelector('[data-tick=middle]').setAttribute('display', near ? 'none' : 'inline');
  }
}
