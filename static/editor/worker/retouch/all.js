// The retouching tools, loaded with the first of them: what their operations do, and strokes in hand.
export { strokeFrom } from './live.js';
export { KINDS } from './operations.js';
