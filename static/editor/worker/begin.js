// The worker begins here, with little: what a document is made of is fetched while the engine itself still loads.
import { Fetching } from './fetching.js';

const early = [];
let engine = null;
let fetching = null;

self.onmessage = ({ data }) => {
  if (data.type === 'open') {
    fetching = new Fetching(data);
    load();
  } else early.push(data);
};

async function load() {
  try {
    engine = await import('./engine.js');
  } catch (error) {
    console.error(error);
    self.postMessage({ type: 'failed', sentence: '' });
    return;
  }
  self.onmessage = engine.take; // no message comes between this and the next line
  engine.open(fetching, early);
}
