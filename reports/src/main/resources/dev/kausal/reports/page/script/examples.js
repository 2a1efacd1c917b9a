/** The examples behind a cell, in a table below the figure: what each contributes to the mean. */
class Examples {
  constructor(view) {
    this.view = view;
    this.panel = element('section', { class: 'examples', hidden: '', 'aria-label': `Examples, figure ${view.grid.number}` });
    view.figure.append(this.panel);
  }

  show(cell) {
    const { grid } = this.view;
    this.cell = cell;
    this.panel.replaceChildren(
      element('div', { class: 'bar' },
        element('h4', {}, grid.words(cell)),
        element('button', { type: 'button', click: () => this.close() }, 'Close')),
      grid.examples.length ? this.table() : element('p', {}, 'Single examples are in results.json only.'),
    );
    const left = grid.source.examples.length - grid.examples.length;
    if (grid.examples.length && left) this.panel.append(element('p', {}, `${count(left, 'more example')} in results.json.`));
    this.panel.hidden = false;
  }

  table() {
    const { grid } = this.view;
    const runs = Object.keys(grid.source.baseline);
    const order = grid.examples.map((_, i) => i)
      .sort((a, b) => (grid.value(this.cell, b) ?? -Infinity) - (grid.value(this.cell, a) ?? -Infinity));
    const head = ['Example', grid.metric, ...runs.map((run) => `${run} run`), ''];
    return element('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Table of examples' },
      element('table', {},
        element('thead', {}, element('tr', {}, ...head.map((name) => element(name ? 'th' : 'td', name ? { scope: 'col' } : {}, name)))),
        element('tbody', {}, ...order.map((i) => this.row(i, runs)))));
  }

  row(example, runs) {
    const { grid } = this.view;
    const numbers = [grid.value(this.cell, example), ...runs.map((run) => grid.source.baseline[run][example])];
    return element('tr', {},
      element('th', { scope: 'row' }, grid.examples[example]),
      ...numbers.map((value) => element('td', { class: 'number' }, number(value))),
      element('td', {}, !this.view.follows ? '' : element('button', {
        type: 'button',
        'aria-label': `Show ${grid.examples[example]} in the figure`,
        click: () => this.view.selection.set({ example: grid.examples[example] }),
      }, 'Show')));
  }

  close() {
    this.panel.hidden = true;
    this.view.card.focus();
  }
}
