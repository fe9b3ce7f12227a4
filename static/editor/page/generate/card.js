// One order in the strip: under way with its preview and a way to cancel, failed with its sentence, or done with its results.
import { stageWords, timeLeft } from '../../../js/elements/job-words.js';
import { icon, make } from '../make.js';
import { word } from '../words.js';
import { isLive } from './orders.js';

const SAID = ['queued', 'next', 'place', 'running', 'loading', 'drawing', 'upscaling', 'enhancing', 'encoding', 'done', 'failed', 'cancelled', 'step', 'picture', 'unknown', 'seconds', 'minutes', 'nearly'];
let said = null;
const vocabulary = () => (said ??= Object.fromEntries(SAID.map((name) => [name, word(`job.${name}`)])));

const titleOf = ({ tool, words }) => words || word(`tool.generate.${tool}`);

export const cardOf = ({ id }) => make('li', { class: 'result-card', data: { order: id } });

/** Brings a card to what its order is now. What only moves (progress, preview) is changed in place. */
export function updateCard(generation, card, order) {
  const print = [order.state, order.sentence, ...order.results.map(({ reference, kept, used }) => `${reference} ${kept} ${used}`)].join();
  if (card.print !== print) {
    const focused = card.contains(document.activeElement) ? document.activeElement.dataset.part ?? document.activeElement.dataset.result : null;
    card.print = print;
    card.dataset.state = order.state;
    card.replaceChildren(...(isLive(order) ? liveParts(generation, order) : order.results.length ? doneParts(generation, order) : failedParts(generation, order)));
    if (focused) (card.querySelector(`[data-part="${focused}"], [data-result="${focused}"]`) ?? card.querySelector('button'))?.focus();
  }
  if (isLive(order)) move(card, order);
}

function head(order, ...children) {
  return make('p', { class: 'result-words', text: titleOf(order), title: titleOf(order), dir: 'auto' }, children);
}

function liveParts(generation, order) {
  const cancel = make('button', { type: 'button', class: 'button button-small', data: { part: 'cancel' }, 'aria-label': word('results.cancelOf', { words: titleOf(order) }), on: { click: () => generation.orders.cancel(order) } }, [word('results.cancel')]);
  return [
    make('div', { class: 'result-preview' }, [make('img', { alt: '', hidden: true, decoding: 'async' }), make('span', { class: 'editor-spinner', 'aria-hidden': 'true' })]),
    make('div', { class: 'result-text' }, [
      head(order),
      make('p', { class: 'result-stage' }),
      make('progress', { max: 1, 'aria-label': word('results.progressOf', { words: titleOf(order) }) }),
      make('div', { class: 'result-acts' }, [cancel]),
    ]),
  ];
}

function move(card, order) {
  const count = order.count ?? order.variants;
  const words = order.state === 'preparing' ? word('results.preparing') : stageWords({ count, ...order }, vocabulary());
  const left = order.state === 'preparing' ? '' : timeLeft(order, vocabulary());
  const stage = card.querySelector('.result-stage');
  const text = [words, left].filter(Boolean).join(' · ');
  if (stage.textContent !== text) stage.textContent = text;
  const bar = card.querySelector('progress');
  if (order.state === 'running' && order.of) Object.assign(bar, { max: order.of, value: order.step });
  else bar.removeAttribute('value');
  const preview = order.previews?.findLast(Boolean);
  const image = card.querySelector('img');
  if (!preview || image.dataset.address === preview) return;
  image.dataset.address = preview;
  const next = new Image();
  next.onload = () => {
    if (image.dataset.address !== preview) return;
    image.src = preview;
    image.hidden = false;
  };
  next.src = preview;
}

function failedParts(generation, order) {
  const again = make('button', { type: 'button', class: 'button button-small', data: { part: 'again' }, text: word('results.again'), on: { click: () => generation.again(order) } });
  return [make('div', { class: 'result-text' }, [
    head(order),
    make('p', { class: 'result-stage', text: order.sentence || word(`job.said_${order.state}`) }),
    make('div', { class: 'result-acts' }, [again, remove(generation, order)]),
  ])];
}

function remove(generation, order) {
  const label = word('results.removeOf', { words: titleOf(order) });
  return make('button', { type: 'button', class: 'button button-quiet button-icon button-small', data: { part: 'remove' }, title: label, 'aria-label': label, on: { click: () => generation.orders.remove(order) } }, [icon('x', 'small')]);
}

function doneParts(generation, order) {
  const label = word('results.againOf', { words: titleOf(order) });
  const again = make('button', { type: 'button', class: 'button button-quiet button-icon button-small', data: { part: 'again' }, title: label, 'aria-label': label, on: { click: () => generation.again(order) } }, [icon('pencil', 'small')]);
  return [
    make('div', { class: 'result-thumbs' }, order.results.map((result, i) => thumb(generation, order, result, i))),
    make('div', { class: 'result-foot' }, [head(order), again]),
    ...(order.sentence ? [make('p', { class: 'result-stage', text: order.sentence })] : []),
  ];
}

function thumb(generation, order, result, index) {
  const state = result.used ? word('results.used') : result.kept ? word('results.kept') : '';
  const label = [word('results.looking', { number: index + 1, count: order.results.length, words: titleOf(order) }), state].filter(Boolean).join(', ');
  return make('button', { type: 'button', class: 'result-thumb', 'aria-pressed': 'false', 'aria-label': label, data: { result: index }, on: { click: () => generation.strip.choose(order, index) } }, [
    make('img', { src: result.thumbnail, alt: '', width: result.width, height: result.height, decoding: 'async' }),
    ...(state ? [make('span', { class: 'result-badge', title: state }, [icon(result.used ? 'check' : 'star', 'small')])] : []),
  ]);
}
