/** The likeliest tokens of a cell of the logit lens, all that the run kept. */
class LensView extends View {
  controls() {
    this.width = this.card.querySelector('tbody tr')?.querySelectorAll('td').length ?? 1;
    this.grid.width = this.width;
  }

  linesOf(mark) {
    const likely = this.grid.source.top[Number(mark.closest('table').dataset.example)]?.[this.cellOf(mark)] ?? [];
    return [this.grid.words(this.cellOf(mark)), ...likely.map((one) => `${shownToken(one.token)}  ${number(100 * one.probability, 1)} %`)];
  }

  /** Opens the table of the selected example. */
  follow() {
    const at = this.grid.examples.indexOf(this.selection.example);
    for (const table of this.card.querySelectorAll('[data-example]')) {
      const folded = table.closest('.card details');
      if (folded && at >= 0) folded.open = Number(table.dataset.example) === at;
    }
    super.follow();
  }

  pick(mark) {
    if (mark) this.select(this.spotsOf(mark)[0]);
  }
}

/** A drawing of several grids at once, whose marks are not the result's cells. */
class StillView extends View {
  marksOf() {
    return [];
  }

  markOf() {
    return null;
  }
}

const VIEWS = { still: StillView, heatmap: HeatmapView, bars: BarsView, attention: AttentionView, lens: LensView, patches: PatchView, pairs: PairsView, graph: GraphView, plain: View };

const parsed = (id) => JSON.parse(document.getElementById(id)?.textContent ?? 'null');

/** A button that goes from the system's colours to dark, light and back, and remembers. */
function themeButton() {
  const themes = ['auto', 'dark', 'light'];
  const memory = (write) => {
    try {
      return write === undefined ? localStorage.getItem('kausal-theme') : localStorage.setItem('kausal-theme', write);
    } catch {
      return null; // A page from a file may not be allowed to remember.
    }
  };
  const button = element('button', { type: 'button' });
  const apply = (theme) => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `Colours: ${theme}`;
    button.value = theme;
  };
  button.addEventListener('click', () => {
    const next = themes[(themes.indexOf(button.value) + 1) % themes.length];
    memory(next);
    apply(next);
  });
  const kept = memory();
  apply(themes.includes(kept) ? kept : 'auto');
  document.getElementById('tools').append(button);
}

/** Folds the table of contents where it has no column of its own. */
function foldContents() {
  const contents = document.querySelector('nav details');
  const beside = matchMedia('(min-width:1200px)');
  const fold = () => { contents.open = beside.matches; };
  if (!contents) return;
  beside.addEventListener('change', fold);
  fold();
}

/** Marks where the reader is in the table of contents. */
function followContents() {
  const links = new Map([...document.querySelectorAll('nav a')].map((link) => [link.hash.slice(1), link]));
  const watcher = new IntersectionObserver((entries) => {
    const entered = entries.find((entry) => entry.isIntersecting);
    if (!entered) return;
    links.forEach((link) => link.removeAttribute('aria-current'));
    links.get(entered.target.id)?.setAttribute('aria-current', 'location');
  }, { rootMargin: '-10% 0px -80% 0px' });
  links.forEach((_, id) => {
    const target = document.getElementById(id);
    if (target) watcher.observe(target);
  });
}

function figures() {
  const selection = new Selection();
  const results = new Map((parsed('numbers')?.results ?? []).map((result) => [result.name, numbersOf(result)]));
  const reading = new Reading();
  const views = (parsed('figures') ?? []).flatMap((figure) => {
    const article = document.getElementById(`figure-${figure.number}`);
    if (!article?.querySelector('.card')) return [];
    return [new VIEWS[figure.view](article, new Grid(figure, results.get(figure.result)), reading, selection)];
  });
  if (views.length) {
    selection.bar = new SelectionBar(selection, views.map((view) => view.grid));
    document.getElementById('tools').prepend(selection.bar.box);
  }
  tokens(selection);
  selection.start(views);
}

/** Lets the tokens of the prompts mark their position in all figures. */
function tokens(selection) {
  const prompts = document.getElementById('prompts');
  const position = (target) => {
    const token = target.closest?.('.prompt .token');
    const at = token?.querySelector('.at')?.textContent;
    return at ? { set: token.closest('[data-set]').dataset.set, at: Number(at) } : null;
  };
  prompts?.addEventListener('pointermove', (event) => selection.point(position(event.target)));
  prompts?.addEventListener('pointerleave', () => selection.point(null));
  prompts?.addEventListener('click', (event) => {
    const picked = position(event.target);
    if (picked) selection.set({ position: picked });
  });
}

themeButton();
figures();
foldContents();
document.querySelectorAll('.card, .scroll, .layer-map').forEach((box) => new ScrollCue(box));
followContents();
