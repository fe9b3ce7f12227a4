// Calls of the page to the server: JSON there and back. What is refused is an Error whose message is a sentence.
import { word } from '../words.js';

export class Refused extends Error {
  /** answer: what the server said besides the sentence. */
  constructor(sentence, answer = {}) {
    super(sentence);
    this.answer = answer;
  }
}

/** keepalive: it is sent to its end also when the page is closed meanwhile. */
export async function call(address, { token, json, form, keepalive = false } = {}) {
  const headers = { Accept: 'application/json' };
  const sends = json !== undefined || form !== undefined;
  if (sends) headers['X-CSRFToken'] = token;
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  const body = json !== undefined ? JSON.stringify(json) : form && new URLSearchParams(form);
  let response;
  try {
    response = await fetch(address, { method: sends ? 'POST' : 'GET', headers, body, keepalive, credentials: 'same-origin' });
  } catch {
    throw new Refused(word('offline'));
  }
  if (response.headers.get('Content-Type')?.includes('json')) {
    const answer = await response.json();
    if (response.ok) return answer;
    throw new Refused(answer.sentence ?? word(response.status >= 500 ? 'offline' : 'broken'), answer);
  }
  // Beyond a fair share the server answers with a line of text.
  throw new Refused(response.status === 429 ? await response.text() : word(response.status >= 500 ? 'offline' : 'savedShut.help'));
}
