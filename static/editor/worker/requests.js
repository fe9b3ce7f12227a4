// What the page asks the worker for and no stroke needs: loaded with the first of these messages. The rest is engine.js.
import { loadFor } from './later.js';
import { part } from './parts.js';

const clipboard = () => import('./clipboard.js');

export const REQUESTS = {
  histogram: async (session, { layer }) => (await import('./previewing.js')).histogram(session, layer),
  ready: async (session, { layer }) => {
    (await import('./previewing.js')).ready(session, layer); // not waited for: it goes on while nothing else is done
  },
  looks: async (session, message) => (await import('./looks.js')).looks(session, message),
  bounds: async (session, message) => {
    session.drafts.endPreview();
    return (await import('./bounds.js')).boundsOf(session, message);
  },
  'text.lines': async (session, { text }) => {
    await loadFor([{ kind: 'layer.text', body: { text: {} } }], session.kernels);
    return part('text').lines(text);
  },
  carried: async (session, message) => (await import('./carrying.js')).carried(session.history, message),
  branch: async (session, message) => (await import('./branches.js'))[message.act](session, message),
  compare: async (session, { on }) => (await import('./comparing.js')).compare(session, on),
  colour: async (session, message) => (await clipboard()).colourAt(session, message),
  copy: async (session, { layer }) => (await clipboard()).copy(session, layer),
  paste: async (session, message) => (await clipboard()).paste(session, message),
  marked: async (session) => (await import('./marks.js')).marked(session),
  mask: async (session, message) => (await import('./marks.js')).maskOf(session, message),
};
