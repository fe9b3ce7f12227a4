// Pages of the editor that its service worker keeps belong to whoever opened them: they go when somebody else, or nobody,
// is signed in. What was drawn stays in a database under the account's own key.

const PAGES = "image2-editor-pages";
const KEY = "image2-editor-account";

async function forgetOthers(account) {
  try {
    if ((localStorage.getItem(KEY) ?? "") === account) return;
    await caches.delete(PAGES);
    if (account) localStorage.setItem(KEY, account);
    else localStorage.removeItem(KEY);
  } catch {
    // A browser without caches keeps no pages.
  }
}

if ("caches" in globalThis) forgetOthers(document.body.dataset.account ?? "");
