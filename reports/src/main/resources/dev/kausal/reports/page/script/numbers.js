/** Numbers as the page's text writes them: a true minus, exponents only for what would be all zeros or too long. */
function number(value, digits = 3) {
  if (value === null || value === undefined) return 'not computed';
  const size = Math.abs(value);
  const tiny = size !== 0 && size < 10 ** -digits / 2;
  const text = tiny || size >= 1e6 ? value.toExponential(1) : value.toFixed(digits);
  return /^-?[0.]+$/.test(text) ? text.replace('-', '') : text.replace(/-/g, '\u2212');
}

const signed = (value) => (value > 0 ? '+' : '') + number(value);

const count = (n, one) => `${n} ${one}${n === 1 ? '' : 's'}`;

/** A token in running text: blanks made visible where they are all there is. */
function shownToken(token) {
  const flat = token.replace(/\n/g, '\u23ce').replace(/\t/g, '\u21e5').replace(/\r/g, '');
  return flat.trim() === '' ? '\u2423'.repeat(Math.max(1, flat.length)) : flat.trim();
}

/** The numbers that `all` or `0-3, 7` name; null for all of them, undefined for what cannot be read. */
function wanted(text) {
  if (/^\s*(all)?\s*$/i.test(text)) return null;
  const parts = text.split(',').map((part) => /^\s*(\d+)\s*(?:[-\u2013]\s*(\d+)\s*)?$/.exec(part));
  if (parts.includes(null)) return undefined;
  return (n) => parts.some(([, from, to = from]) => n >= Number(from) && n <= Number(to));
}
