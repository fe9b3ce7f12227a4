// What is done as a branch of the history.
export { redrawn } from './redrawing.js';
export { bent, restored } from './retouch/restoring.js';
