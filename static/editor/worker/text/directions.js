// Which way letters go where not all go from left to right; loaded with the first words of that kind.
import bidiFactory from '../../vendor/bidi-js-1.1.0.js';

const bidi = bidiFactory();

/** The level of each letter of a paragraph, odd from right to left, and whether the paragraph itself goes that way. */
export function directionsOf(letters) {
  const { levels, paragraphs } = bidi.getEmbeddingLevels(letters.join(''));
  let unit = 0; // the library counts UTF-16 units
  const each = letters.map((letter) => {
    const level = levels[unit];
    unit += letter.length;
    return level;
  });
  return { levels: each, rtl: paragraphs[0]?.level === 1 };
}

/** A line's runs from left to right. Rule L2: from the highest level down, what stands together is turned round. */
export function visual(runs) {
  const out = [...runs];
  const levels = runs.map(({ level }) => level);
  const odd = levels.filter((level) => level & 1);
  for (let level = Math.max(...levels); odd.length && level >= Math.min(...odd); level--) {
    for (let i = 0; i < out.length; i++) {
      if (out[i].level < level) continue;
      let end = i;
      while (end < out.length && out[end].level >= level) end++;
      out.splice(i, end - i, ...out.slice(i, end).reverse());
      i = end;
    }
  }
  return out;
}
