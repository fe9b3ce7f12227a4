// What of every page's scripts the editor's page needs: it has no forms that the server answers with HTML.
import '../../js/editor-copies.js';
import '../../js/elements/invokers.js';
import '../../js/elements/offline-banner.js';
import '../../js/elements/toast-region.js';

// The form that led here was sent: what was kept of it goes.
if (/[#&]sent=/.test(location.hash)) import('../../js/drafts.js').catch(() => {}); // without it the draft goes by itself, after a week
