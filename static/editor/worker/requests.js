// What the page asks the worker for and no stroke needs: loaded with the first of these messages. The rest is engine.js.
import { loadFor, reached } from './later.js';
import { part } from './parts.js';

const clipboard = () => reached(import('./clipboard.js'));

export const REQUESTS = {
  histogram: async (session, { layer }) => (await reached(import('./previewing.js'))).histogram(session, layer),
  ready: async (session, { layer }) => {
    (await reached(import('./previewing.js'))).ready(session, layer); // not waited for: it goes on while nothing else is done
  },
  looks: async (session, message) => (await reached(import('./looks.js'))).looks(session, message),
  bounds: async (session, message) => {
    session.drafts.endPreview();
    return (await reached(import('./bounds.js'))).boundsOf(session, message);
  },
  'text.lines': async (session, { text }) => {
    await loadFor([{ kind: 'layer.text', body: { text: {} } }], session.kernels);
    return part('text').lines(text);
  },
  carried: async (session, message) => (await reached(import('./carrying.js'))).carried(session.history, message),
  branch: async (session, message) => (await reached(import('./branches.js')))[message.act](session, message),
  compare: async (session, { on }) => (await reached(import('./comparing.js'))).compare(session, on),
  colour: async (session, message) => (await clipboard()).colourAt(session, message),
  copy: async (session, { layer }) => (await clipboard()).copy(session, layer),
  paste: async (session, message) => (await clipboard()).paste(session, message),
  marked: async (session) => (await reached(import('./marks.js'))).marked(session),
  mask: async (session, message) => (await reached(import('./marks.js'))).maskOf(session, message),
};
