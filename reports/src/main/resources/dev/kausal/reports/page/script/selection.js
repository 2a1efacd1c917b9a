/** What a reader has selected, for all figures: an example, a layer, a head, a position. The page's address keeps it. */
class Selection {
  constructor() {
    Object.assign(this, Selection.NONE);
    this.pointed = null;
    this.views = [];
  }

  /** Takes what the address says, then shows it in [views]. */
  start(views) {
    this.views = views;
    this.read();
    // Figures take their final height after the first frame.
    requestAnimationFrame(() => requestAnimationFrame(() => reveal(this.place)));
    addEventListener('hashchange', () => this.read());
  }

  /** Changes what is selected, and the address. */
  set(changes) {
    Object.assign(this, changes);
    this.write();
    this.show();
  }

  clear() {
    this.set(Selection.NONE);
  }

  /** Marks the position of a token while the pointer is on it; null ends that. */
  point(position) {
    if (Selection.name(position) === Selection.name(this.pointed)) return;
    this.pointed = position;
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = null;
      for (const view of this.views) view.link();
    });
  }

  show() {
    this.bar?.update();
    for (const view of this.views) view.follow();
  }

  /** The position of the set called [set] that is pointed at or selected; null if none is. */
  at(set) {
    const position = this.pointed ?? this.position;
    return position?.set === set ? position.at : null;
  }

  /** Whether something at [spot], of the set called [set], is selected: all that is selected of it agrees. */
  has(spot, set) {
    const asked = { layer: this.layer, head: this.head, position: this.at(set) };
    const shared = Object.keys(asked).filter((name) => asked[name] !== null && spot[name] !== undefined);
    return shared.length > 0 && shared.every((name) => asked[name] === spot[name]);
  }

  /** Reads `#figure-3&example=...&layer=1&head=2&position=set:9`, opens what the first part names and scrolls there. */
  read() {
    const parts = location.hash.slice(1).split('&');
    const { place } = this;
    const told = new Map(parts.map((part) => part.split('=')).filter((part) => part.length === 2));
    if (told.size || !place) {
      const text = (name) => (told.has(name) ? decoded(told.get(name)) : null);
      const whole = (name) => (/^\d+$/.test(told.get(name) ?? '') ? Number(told.get(name)) : null);
      const at = /^(.*):(\d+)$/.exec(text('position') ?? '');
      const position = at && { set: at[1], at: Number(at[2]) };
      Object.assign(this, { example: text('example'), layer: whole('layer'), head: whole('head'), position });
      this.show();
    } else {
      this.write();
    }
    reveal(place);
  }

  /** The id that the address begins with; empty if it has none. */
  get place() {
    const first = location.hash.slice(1).split('&')[0];
    return first.includes('=') ? '' : first;
  }

  write() {
    const { place } = this;
    const { example, layer, head } = this;
    const told = Object.entries({ example, layer, head, position: Selection.name(this.position) });
    const parts = told.filter(([, value]) => value !== null).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const address = [...(place ? [place] : []), ...parts].join('&');
    if (address !== location.hash.slice(1)) history.replaceState(null, '', `#${address}`);
  }

  static name(position) {
    return position && `${position.set}:${position.at}`;
  }
}

Selection.NONE = Object.freeze({ example: null, layer: null, head: null, position: null });

/** [text] of an address; null if it is damaged. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Opens the folded parts of the page that hold the element called [id], and scrolls to it. */
function reveal(id) {
  const target = id && document.getElementById(id);
  if (!target) return;
  for (let part = target; part; part = part.parentElement) {
    if (part.tagName === 'DETAILS') part.open = true;
  }
  target.scrollIntoView();
}

/** The controls of the selection, at the top of the page. */
class SelectionBar {
  constructor(selection, grids) {
    this.selection = selection;
    this.box = element('div', { class: 'selection', role: 'group', 'aria-label': 'Shown in all figures' });
    this.example = this.choice('Example', 'mean', SelectionBar.examples(grids), (value) => ({ example: value }));
    for (const name of ['layer', 'head']) {
      const all = [...new Set(grids.flatMap((grid) => grid.numbersOf(name)))].sort((a, b) => a - b);
      this[name] = this.choice(name[0].toUpperCase() + name.slice(1), 'all', all.length > 1 ? all.map((n) => [String(n), String(n)]) : [],
        (value) => ({ [name]: value === null ? null : Number(value) }));
    }
    this.position = element('button', { type: 'button', hidden: '', click: () => selection.set({ position: null }) });
    this.none = element('button', { type: 'button', hidden: '', click: () => selection.clear() }, 'Clear');
    this.box.append(this.position, this.none);
  }

  /** The examples of all figures, each once, grouped by their set. */
  static examples(grids) {
    const sets = new Map();
    for (const grid of grids) {
      if (grid.examples.length < 2) continue;
      if (!sets.has(grid.set)) sets.set(grid.set, new Set());
      grid.examples.forEach((name) => sets.get(grid.set).add(name));
    }
    const seen = new Set();
    return [...sets].map(([set, names]) => [set, [...names].filter((name) => !seen.has(name) && seen.add(name))]);
  }

  /** A choice of [options], pairs of value and text or of a group and its values; absent if there is none. */
  choice(label, none, options, changes) {
    if (!options.length) return null;
    const option = (value, text) => element('option', { value }, text);
    const select = element('select', { change: () => this.selection.set(changes(select.value || null)) }, option('', none),
      ...options.map(([value, text]) => (Array.isArray(text)
        ? element('optgroup', { label: value }, ...text.map((name) => option(name, name)))
        : option(value, text))));
    this.box.append(element('label', {}, `${label} `, select));
    return select;
  }

  update() {
    const { selection } = this;
    for (const name of ['example', 'layer', 'head']) {
      if (!this[name]) continue;
      this[name].value = selection[name] ?? '';
      this[name].classList.toggle('set', selection[name] !== null);
    }
    const { position } = selection;
    this.position.hidden = !position;
    this.position.textContent = position ? `position ${position.at} \u00d7` : '';
    this.position.setAttribute('aria-label', position ? `Position ${position.at} of ${position.set}: clear` : '');
    this.none.hidden = Object.keys(Selection.NONE).every((name) => selection[name] === null);
  }
}
