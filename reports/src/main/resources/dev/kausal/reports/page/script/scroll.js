/** Says of a box that it scrolls sideways, if it does, and starts where its finding is in view. */
class ScrollCue {
  constructor(box) {
    this.box = box;
    this.line = element('p', { class: 'cue', hidden: '' });
    box.before(this.line);
    box.addEventListener('scroll', () => this.update(), { passive: true });
    new ResizeObserver(() => this.resized()).observe(box);
    this.resized();
  }

  get room() {
    return this.box.scrollWidth - this.box.clientWidth;
  }

  resized() {
    const scrolls = this.room > 4;
    if (scrolls && !this.scrolled) this.toFinding();
    this.scrolled = scrolls;
    this.pin(scrolls);
    this.update();
  }

  toFinding() {
    const finding = this.box.querySelector('[data-finding]');
    if (!finding) return;
    const [mark, box] = [finding.getBoundingClientRect(), this.box.getBoundingClientRect()];
    this.box.scrollLeft += mark.x + mark.width / 2 - box.x - box.width * 0.6;
  }

  /** Holds the rows' labels of a heat map at the left while its cells scroll. */
  pin(scrolls) {
    this.box.querySelector(':scope > .pinned')?.remove();
    const plot = this.box.querySelector(':scope > .plot');
    if (!scrolls || !plot) return;
    const { width, height } = plot.viewBox.baseVal;
    const left = Number(plot.dataset.left) - 2;
    const scale = plot.getBoundingClientRect().width / width;
    const labels = document.createElementNS(SVG, 'svg');
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${left} ${height}`, width: left * scale, height: height * scale })) {
      labels.setAttribute(name, value);
    }
    const ground = plot.querySelector('.paper').cloneNode();
    ground.setAttribute('width', left);
    labels.append(ground, ...[...plot.querySelectorAll('[data-row], .row-axis, .of-rows')].map((part) => part.cloneNode(true)));
    const pinned = element('div', { class: 'pinned', 'aria-hidden': 'true' });
    pinned.append(labels);
    plot.before(pinned);
  }

  update() {
    const { room, box } = this;
    const [left, right] = [box.scrollLeft > 4, room - box.scrollLeft > 4];
    box.classList.toggle('more-left', left);
    box.classList.toggle('more-right', right);
    this.line.hidden = room <= 4;
    this.line.textContent = left && right ? '\u2190 scroll sideways: more on both sides \u2192'
      : right ? 'scroll sideways: more at the right \u2192' : '\u2190 scroll sideways: more at the left';
  }
}
