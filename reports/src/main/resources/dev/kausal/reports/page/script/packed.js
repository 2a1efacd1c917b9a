/** The bytes of [text], in Base64. */
function bytes(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}

/** Numbers of five digits as the page stores them; null for what was not computed. */
function floats(text) {
  return Array.from(new Float32Array(bytes(text)), (value) => (Number.isNaN(value) ? null : Number(value.toPrecision(5))));
}

/** The lists of numbers in the results of a page, of which the longer ones are packed. */
class Unpacking {
  constructor(result) {
    this.cells = result.cells;
    this.places = result.places && new Int32Array(bytes(result.places));
  }

  /** [value] with its packed lists unpacked: `f32:` has all numbers of a list, `p32:` those at the result's places. */
  of(value) {
    if (typeof value === 'string') {
      if (value.startsWith('f32:')) return floats(value.slice(4));
      return value.startsWith('p32:') ? this.scattered(value.slice(4)) : value;
    }
    if (Array.isArray(value)) return value.map((one) => this.of(one));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.of(one)]));
  }

  scattered(text) {
    const all = new Array(this.cells).fill(null);
    const numbers = floats(text);
    this.places.forEach((place, i) => { all[place] = numbers[i]; });
    return all;
  }
}

/** Names of what results have as numbers; their names and labels stay as they are, whatever they say. */
const NUMERIC = ['mean', 'perExample', 'baseline', 'ciLow', 'ciHigh', 'pValue', 'pCorrected', 'change', 'faithfulness'];

/** [result] with its numbers unpacked. */
function numbersOf(result) {
  const unpacking = new Unpacking(result);
  const lists = NUMERIC.filter((name) => result[name]).map((name) => [name, unpacking.of(result[name])]);
  return { ...result, ...Object.fromEntries(lists), shown: unpacking.places && [...unpacking.places] };
}
