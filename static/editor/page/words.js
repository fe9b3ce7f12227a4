// What the page says, from the list that the template brings, so that every sentence is in the catalogue of translations.

const known = new Map();

export function readWords(list) {
  for (const item of list.children) known.set(item.dataset.word, item.textContent.trim());
}

/** A sentence by its key, with {names} replaced. */
export function word(key, values = {}) {
  return (known.get(key) ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A sentence of the worker's, which it says in English. */
export function sentenceOf(english) {
  return known.get(`said ${english}`) ?? (english || word('broken'));
}
