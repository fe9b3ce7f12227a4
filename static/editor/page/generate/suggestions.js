// Words that a model surely knows, as chips below the field: those that fit what is being typed, or the first ones.
import { make } from '../make.js';
import { word } from '../words.js';

const MOST = 8;

/** { element, follow } for a field of words. */
export function chips(generation, input) {
  const list = make('ul', { class: 'chips generate-chips' });
  const more = make('button', { type: 'button', class: 'chip', on: { click: () => {
    all = !all;
    shown = '';
    follow();
  } } });
  const note = make('p', { class: 'panel-help', id: 'generate-knows', text: word('generate.knows') });
  const element = make('div', { role: 'group', 'aria-labelledby': 'generate-knows' }, [note, list]);
  let all = false;
  let shown = '';

  const put = (suggestion) => {
    const begun = startOf(input.value);
    const text = input.value.slice(0, input.value.length - begun.length);
    input.value = suggestion.toLowerCase().startsWith(begun.toLowerCase()) && begun ? text + suggestion : [input.value.trim(), suggestion].filter(Boolean).join(', ');
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.focus();
  };

  function follow() {
    const model = generation.entry?.models.find(({ id }) => id === generation.model);
    const known = model?.suggestions ?? [];
    element.hidden = !known.length;
    const begun = startOf(input.value).toLowerCase();
    const fitting = begun ? known.filter((name) => name.toLowerCase().startsWith(begun) && name.toLowerCase() !== begun) : [];
    const listed = all ? known : (fitting.length ? fitting : known).slice(0, MOST);
    const print = `${all} ${listed.join()}`;
    if (print === shown) return;
    shown = print;
    const items = listed.map((name) => make('li', {}, [make('button', { type: 'button', class: 'chip', text: name, on: { click: () => put(name) } })]));
    more.textContent = all ? word('generate.fewer') : word('generate.all', { count: known.length });
    more.setAttribute('aria-expanded', String(all));
    if (known.length > MOST) items.push(make('li', {}, [more]));
    list.replaceChildren(...items);
  }
  return { element, follow };
}

/** The word that is being typed. */
const startOf = (text) => /[\p{L}-]*$/u.exec(text)[0];
