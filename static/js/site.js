// What every page needs; a page's own elements are loaded by that page.
import "./elements/busy-forms.js";
import "./elements/grow-text.js";
import "./elements/invokers.js";
import "./elements/menu-list.js";
import "./elements/offline-banner.js";
import "./elements/password-field.js";
import "./elements/range-field.js";
import "./elements/tab-set.js";
import "./elements/theme-choice.js";
import "./elements/toast-region.js";
