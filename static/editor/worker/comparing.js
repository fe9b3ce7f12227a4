// The picture as it was opened, for as long as the person looks at it. Loaded when that is first asked for.
import { Document } from './document.js';
import { Shown } from './shown.js';

export function compare(session, on) {
  const { drafts, kernels, document: { assets } } = session;
  if (!on === !drafts.before) return;
  if (on) {
    const document = new Document(kernels, assets);
    document.apply(session.history.path()[0]);
    drafts.before = new Shown(kernels, document);
  } else drafts.before = null;
  session.screen.clear();
  drafts.show();
}
