/** What the keys of a graph do, said to those who cannot see it. */
const GRAPH_KEYS = 'Arrow keys move from component to component, Enter keeps the paths through it in view, Escape lets them go.';

/** Width of the area around an edge that answers the pointer. */
const REACH = 11;

/** A graph of edges: the reader chooses how many, and sees all paths through a component or an edge. */
class GraphView extends View {
  get help() {
    return GRAPH_KEYS;
  }

  marksOf() {
    return [...this.card.querySelectorAll('[data-n]')];
  }

  markOf(event) {
    return event.target.closest?.('[data-n], [data-e]') ?? null;
  }

  controls() {
    this.widen();
    this.graphs = [...this.card.querySelectorAll('svg.graph')];
    if (!this.graphs.length) return;
    this.kept = null;
    this.most = Number(this.graphs.find((graph) => graph.getAttribute('display') !== 'none').dataset.most);
    const last = this.graphs.at(-1).dataset.most;
    const slider = element('input', { type: 'range', min: '1', max: last, step: '1', value: String(this.most) });
    slider.addEventListener('input', () => {
      this.most = Number(slider.value);
      this.update();
    });
    this.amount = element('output', {});
    this.tools.append(element('label', {}, 'Edges ', slider), this.amount);
    this.update();
  }

  /** Gives edges what their drawings do not say, and a wider area that answers the pointer. */
  widen() {
    for (const mark of this.card.querySelectorAll('[data-e]')) {
      const { name, from, to } = this.grid.edges[mark.dataset.e - 1];
      Object.assign(mark.dataset, { name, from, to });
      const reach = mark.firstElementChild.cloneNode();
      for (const [key, value] of Object.entries({ class: 'reach', 'stroke-width': REACH, 'stroke-opacity': 0 })) reach.setAttribute(key, value);
      mark.append(reach);
    }
  }

  /** What is known of the edge of [mark]. */
  edgeOf(mark) {
    return this.grid.edges[mark.dataset.e - 1];
  }

  exports() {
    super.exports();
    const figure = this.grid.number;
    const name = `figure-${figure}-${this.grid.result}.json`.replace(/[^\w.-]+/g, '-');
    this.options.querySelector('.saves').append(element('button', {
      type: 'button',
      'aria-label': `Save the shown edges of figure ${figure} as JSON`,
      click: () => download(name, 'application/json', JSON.stringify(this.circuit(), null, 2)),
    }, 'JSON'));
  }

  /** The shown edges, with all that the page knows of them. */
  circuit() {
    const edges = this.edges.map((mark) => {
      const { name, mean = null, low = null, high = null } = this.edgeOf(mark);
      return { rank: Number(mark.dataset.e), edge: name, effect: mean, ciLow: low, ciHigh: high };
    });
    return { result: this.grid.result, of: this.grid.total, edges };
  }

  update() {
    const graph = this.graphs.find((one) => Number(one.dataset.most) >= this.most);
    for (const one of this.graphs) one.setAttribute('display', one === graph ? 'inline' : 'none');
    this.svg = graph;
    const show = (mark, shown) => mark.setAttribute('display', shown ? 'inline' : 'none');
    const all = [...graph.querySelectorAll('[data-e]')];
    all.forEach((edge) => show(edge, Number(edge.dataset.e) <= this.most));
    this.edges = all.filter((edge) => Number(edge.dataset.e) <= this.most);
    const ends = new Set(this.edges.flatMap(({ dataset }) => [dataset.from, dataset.to]));
    const nodes = [...graph.querySelectorAll('[data-n]')];
    nodes.forEach((node) => show(node, ends.has(node.dataset.n)));
    this.nodes = nodes.filter((node) => ends.has(node.dataset.n));
    const links = [...graph.querySelectorAll('.link')];
    const joined = ({ dataset }) => ends.has(dataset.from) && ends.has(dataset.to);
    links.forEach((link) => show(link, joined(link)));
    this.links = links.filter(joined);
    this.amount.value = this.summary();
    this.point(null);
    this.paint();
  }

  summary() {
    const { total } = this.grid;
    const hidden = total - this.edges.length;
    const text = `${this.edges.length} of ${total.toLocaleString('en')}`;
    const size = this.grid.source.axes.findIndex((axis) => axis.name === 'size');
    const cell = size < 0 ? -1 : this.grid.source.axes[size].labels.indexOf(String(this.most));
    const faithful = cell < 0 ? null : this.grid.source.faithfulness?.[cell] ?? null;
    const more = faithful === null ? '' : `; faithfulness ${number(faithful)}`;
    return `${text} (${hidden.toLocaleString('en')} hidden)${more}`;
  }

  /** A mark's name, which it has in each of the drawings. */
  static key({ dataset }) {
    return dataset.n ?? dataset.name;
  }

  linesOf(mark) {
    const { dataset } = mark;
    if (dataset.n === undefined) {
      const { name, mean, low, high } = this.edgeOf(mark);
      const lines = [name.replace('->', '\u2192'), mean === undefined ? 'effect not on this page' : `effect: ${signed(mean)}`];
      if (low !== undefined) lines.push(`interval: ${number(low)} to ${number(high)}`);
      return [...lines, `rank ${dataset.e} of ${this.grid.total.toLocaleString('en')}`];
    }
    const told = (way, edges) => {
      const sum = edges.reduce((all, edge) => all + (this.edgeOf(edge).mean ?? 0), 0);
      return edges.length ? [`${count(edges.length, 'edge')} ${way}: ${signed(sum)} in all`] : [];
    };
    return [dataset.n, ...(this.grid.nodes?.[dataset.n] ?? []), ...told('in', this.edges.filter((edge) => edge.dataset.to === dataset.n)),
      ...told('out', this.edges.filter((edge) => edge.dataset.from === dataset.n))];
  }

  point(mark) {
    if (mark === this.pointed) return;
    super.point(mark);
    this.paint();
  }

  frame() {}

  /** Keeps the paths through [mark] in view, or lets them go. */
  pick(mark) {
    const key = mark && GraphView.key(mark);
    this.kept = key === this.kept ? null : key;
    this.paint();
    if (this.kept !== null && mark.dataset.n !== undefined) this.select(this.spotsOf(mark)[0]);
  }

  spotsOf(mark) {
    const spot = Grid.end(mark.dataset.n, COMPONENT);
    return Object.keys(spot).length ? [spot] : [];
  }

  key(event) {
    if (event.key === 'Escape' && event.target === this.card) this.pick(null);
    super.key(event);
  }

  /** Lets step back what is on no path through the mark that is pointed at, or kept. */
  paint() {
    const all = [...this.nodes, ...this.edges, ...this.links];
    const kept = all.find((mark) => this.kept !== null && GraphView.key(mark) === this.kept);
    const centre = this.pointed ?? kept;
    const path = centre ? this.through(centre) : null;
    for (const mark of all) {
      if (path && !path.has(mark)) mark.setAttribute('opacity', '0.12');
      else mark.removeAttribute('opacity');
    }
  }

  /** All nodes and edges on paths through [mark]. */
  through(mark) {
    const found = new Set([mark]);
    const walk = (id, near, far) => {
      const node = this.nodes.find((one) => one.dataset.n === id);
      if (node) found.add(node);
      for (const edge of [...this.edges, ...this.links]) {
        if (edge.dataset[near] !== id || found.has(edge)) continue;
        found.add(edge);
        walk(edge.dataset[far], near, far);
      }
    };
    const { n, from, to } = mark.dataset;
    walk(n ?? from, 'to', 'from');
    walk(n ?? to, 'from', 'to');
    return found;
  }

  neighbour(key) {
    const ways = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    const way = ways[key];
    if (!way) return null;
    const place = (node) => /([-\d.]+) ([-\d.]+)/.exec(node.getAttribute('transform')).slice(1).map(Number);
    const now = this.pointed?.dataset.n === undefined ? null : this.pointed;
    if (!now) return this.nodes.find((node) => node.dataset.n === 'logits' || 'finding' in node.dataset) ?? this.nodes[0];
    const [x, y] = place(now);
    const far = (node) => {
      const [dx, dy] = [place(node)[0] - x, place(node)[1] - y];
      if (way[0] ? dy !== 0 || dx * way[0] <= 0 : dy * way[1] <= 0) return Infinity;
      return way[0] ? Math.abs(dx) : Math.abs(dy) * 1e4 + Math.abs(dx);
    };
    const next = this.nodes.reduce((best, node) => (far(node) < far(best) ? node : best), now);
    return Number.isFinite(far(next)) ? next : now;
  }
}
