const SVG = 'http://www.w3.org/2000/svg';

function download(name, type, contents) {
  const address = URL.createObjectURL(new Blob([contents], { type }));
  element('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** [drawing] by itself: as it is shown, photos included, without what is hidden. */
function standalone(drawing) {
  const copy = drawing.cloneNode(true);
  copy.querySelectorAll('[display=none], .hit, .reach, .in-dark').forEach((hidden) => hidden.remove());
  copy.querySelectorAll('use').forEach((use) => {
    const photo = document.querySelector(use.getAttribute('href')).cloneNode(true);
    photo.removeAttribute('id');
    if (use.hasAttribute('filter')) photo.setAttribute('filter', use.getAttribute('filter'));
    use.replaceWith(photo);
  });
  return copy;
}

/** All drawings of [card] as one SVG, one below the other. */
function svgOf(card) {
  const whole = document.createElementNS(SVG, 'svg');
  let [width, height] = [0, 0];
  for (const drawing of card.querySelectorAll('svg')) {
    if (drawing.closest('.pinned')) continue;
    if (drawing.checkVisibility && !drawing.checkVisibility()) continue;
    const size = drawing.viewBox.baseVal;
    const copy = standalone(drawing);
    copy.setAttribute('y', height);
    copy.setAttribute('width', size.width);
    copy.setAttribute('height', size.height);
    whole.append(copy);
    width = Math.max(width, size.width);
    height += size.height;
  }
  whole.setAttribute('viewBox', `0 0 ${width} ${height}`);
  whole.setAttribute('width', width);
  whole.setAttribute('height', height);
  whole.setAttribute('font-family', 'system-ui, sans-serif');
  return { text: new XMLSerializer().serializeToString(whole), width, height };
}

/** [card] as PNG, two pixels to one of the drawing. */
function exportPng(card, name) {
  const { text, width, height } = svgOf(card);
  const image = new Image();
  image.onload = () => {
    const canvas = element('canvas', { width: 2 * width, height: 2 * height });
    const context = canvas.getContext('2d');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((png) => download(`${name}.png`, 'image/png', png));
  };
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(text);
}

/** Every cell of [grid] in a line: where it is, the mean, what is known of it, and each example. */
function csvOf(grid) {
  const { source } = grid;
  const columns = { mean: source.mean, ciLow: source.change?.ciLow ?? source.ciLow, ciHigh: source.change?.ciHigh ?? source.ciHigh,
    pCorrected: source.pCorrected };
  const known = Object.entries(columns).filter(([, values]) => values?.length);
  const named = grid.examples.map((example, i) => [example, source.perExample[i]]);
  const all = [...known, ...named];
  const cells = source.places ? source.shown : Array.from({ length: grid.cells }, (_, cell) => cell);
  const lines = cells.map((cell) =>
    [...grid.place(cell).map((at, axis) => source.axes[axis].labels[at]), ...all.map(([, values]) => values[cell] ?? '')]);
  return [[...grid.names, ...all.map(([name]) => name)], ...lines].map((line) => line.map(quoted).join(',') + '\r\n').join('');
}

/** [field] as a cell. Spreadsheets compute a text that begins like a formula: an apostrophe keeps it text. Numbers stay. */
function quoted(field) {
  const plain = String(field);
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain);
  const text = !number && /^[\s\0]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
