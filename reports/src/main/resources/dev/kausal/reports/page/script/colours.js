/** From far below the centre to far above it: the stops of the figures as they were drawn. */
const STOPS = [[0x21, 0x66, 0xac], [0x7f, 0xb0, 0xd6], [0xf7, 0xf7, 0xf7], [0xe8, 0xa1, 0x5c], [0xb3, 0x58, 0x06]];
const GAP = '#e2e2e2';
const ABOVE = '#b35806';
const BELOW = '#2166ac';

/** The colour of a value that is [part] of the way from the scale's low end to its high one. */
function colour(part) {
  const at = Math.min(1, Math.max(0, part)) * (STOPS.length - 1);
  const from = Math.min(STOPS.length - 2, Math.floor(at));
  const channel = (c) => Math.round(STOPS[from][c] + (STOPS[from + 1][c] - STOPS[from][c]) * (at - from));
  return '#' + [0, 1, 2].map((c) => channel(c).toString(16).padStart(2, '0')).join('');
}

/** Which of the style sheet's steps shades a token whose value is [part] of the way. */
const shade = (part) => `d${Math.round(Math.min(1, Math.max(0, part)) * 20)}`;
