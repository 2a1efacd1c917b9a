/** The colour, on light paper, of a value that is [part] of the way from the scale's low end to its high one. */
function colour(part) {
  const at = Math.min(1, Math.max(0, part)) * (STOPS.length - 1);
  const from = Math.min(STOPS.length - 2, Math.floor(at));
  const channel = (c) => Math.round(STOPS[from][c] + (STOPS[from + 1][c] - STOPS[from][c]) * (at - from));
  return '#' + [0, 1, 2].map((c) => channel(c).toString(16).padStart(2, '0')).join('');
}

/** Gives [mark] the style sheet's step for a value that is [part] of the way; null takes it away. */
function shade(mark, part) {
  if (part === null) delete mark.dataset.d;
  else mark.dataset.d = Math.round(Math.min(1, Math.max(0, part)) * STEPS);
}
