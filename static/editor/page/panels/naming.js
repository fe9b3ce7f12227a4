// A layer's name, typed where it stands in the list. Loaded with the first one that is renamed.
import { make } from '../make.js';
import { word } from '../words.js';

export function rename({ app, list }, layer) {
  const input = make('input', { class: 'input layer-rename', value: layer.name, maxlength: 120, 'aria-label': word('layer.rename') });
  const button = list.querySelector(`[data-layer="${CSS.escape(layer.id)}"] .layer-name`);
  let done = false;
  const end = (take) => {
    if (done) return;
    done = true;
    const name = input.value.trim();
    input.replaceWith(button);
    button.focus();
    if (take && name && name !== layer.name) app.setLayer({ name }, layer.id);
  };
  input.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Enter') end(true);
    if (event.key === 'Escape') end(false);
  });
  input.addEventListener('blur', () => end(true));
  button.replaceWith(input);
  input.select();
}
