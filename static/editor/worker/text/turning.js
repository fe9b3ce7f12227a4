// What each letter is to directions.js: its class in Unicode's bidirectional algorithm, told from what the browser knows of it and the few
// that are otherwise, for letters of the scripts of fonts.js; and which brackets belong together.

/** Classes with their letters: the first that has a letter counts, and L where none has. */
const CLASSES = Object.entries({
  B: '\\n\\r\\x1c-\\x1e\\x85\\u2029',
  S: '\\t\\v\\x1f',
  EN: '0-9²³¹۰-۹⁰⁴-⁹₀-₉⒈-⒛０-９\\u{1d7ce}-\\u{1d7ff}\\u{1f100}-\\u{1f10a}\\u{1fbf0}-\\u{1fbf9}',
  AN: '\\u0600-\\u0605٠-٩٫٬\\u06dd\\u08e2\\u{10e60}-\\u{10e7e}',
  ES: '+\\-⁺⁻₊₋−﬩﹢﹣＋－',
  CS: ',.\\/:\\xa0،\\u202f⁄﹐﹒﹕，．／：',
  AL: '؋\\u061b-\\u061fـ﷼',
  ET: '\\p{Sc}#%°±؉؊٪‰-‴℮∓꠹﹟﹪＃％',
  WS: '\\f\\p{Zs}\\u2028',
  LRE: '\\u202a', RLE: '\\u202b', PDF: '\\u202c', LRO: '\\u202d', RLO: '\\u202e', LRI: '\\u2066', RLI: '\\u2067', FSI: '\\u2068', PDI: '\\u2069',
  L: '\\u200e\\u115f\\u1160\\u3164\\uffa0҂।॥॰꣸-꣺꣼჻࿕-࿘᛫-᛭᜵᜶᳓꠶꠷꤮⅏⌶-⍺⎕␧-␩⒜-ⓩ⚬⠀-⣿㆐㆑㆖-㆟㈀-㈜㈪-㉇㉠-㉻㉿㊊-㊰㋀-㋋㋐-㍶㍻-㏝㏠-㏾꞉꞊꭛\\u{1f110}-\\u{1f12e}\\u{1f130}-\\u{1f169}\\u{1f170}-\\u{1f1ac}\\u{1f1e6}-\\u{1f202}\\u{1f210}-\\u{1f23b}\\u{1f240}-\\u{1f251}',
  R: '\\u200f',
  NSM: '\\p{Mn}\\p{Me}',
  ON: '¼-¾ʹʺˆ-ˏˬ\\u0374⅐-⅟↉①-⒇⓪-⓿❶-➓ⸯ㉑-㉟㊱-㊿ꙿ꜀-꜡ꞈ\\ufff9-\\ufffb\\u{1f10b}-\\u{1f10f}؆؇؎؏۞۩﴾﴿﷽\\u{1eef0}\\u{1eef1}',
  BN: '\\p{Cc}\\p{Cf}\\p{DI}',
  '.AL': '\\p{Script=Arabic}',
  '.R': '\\p{Script=Hebrew}',
  '.ON': '\\p{P}\\p{S}',
}).map(([name, letters]) => [name.replace('.', ''), new RegExp(`[${letters}]`, 'u')]);

export const kindOf = (letter) => CLASSES.find(([, letters]) => letters.test(letter))?.[0] ?? 'L';

/** Of a bracket which pair it is of: { is } of one that opens, { closes } of one that closes; null of other letters. */
export function pairOf(letter) {
  const code = letter.codePointAt(0);
  if (!/\p{Bidi_Mirrored}/u.test(letter)) return null;
  if (/\p{Ps}/u.test(letter)) return { is: same(code + FAR[code] || code + 1) };
  return /\p{Pe}/u.test(letter) ? { closes: same(code) } : null;
}
const FAR = { 0x5b: 2, 0x7b: 2, 0xff3b: 2, 0xff5b: 2, 0x298d: 3, 0x298f: -1 };
const same = (code) => ({ 0x232a: 0x3009 })[code] ?? code; // the angle brackets that are one
