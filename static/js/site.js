// What every page needs; a page's own elements are loaded by that page.
import "./answers.js";
import "./drafts.js";
import "./editor-copies.js";
import "./elements/busy-forms.js";
import "./elements/file-drops.js";
import "./elements/grow-text.js";
import "./elements/invokers.js";
import "./elements/local-time.js";
import "./elements/menu-list.js";
import "./elements/offline-banner.js";
import "./elements/password-field.js";
import "./elements/range-field.js";
import "./elements/tab-set.js";
import "./elements/theme-choice.js";
import "./elements/toast-region.js";
