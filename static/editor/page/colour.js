// Colours as the operations hold them (red | green << 8 | blue << 16 | alpha << 24) and as the page writes them (#rrggbb).

export const toNumber = (hex) => parseInt(hex.slice(1, 3), 16) | (parseInt(hex.slice(3, 5), 16) << 8) | (parseInt(hex.slice(5, 7), 16) << 16);
export const toHex = ([r, g, b]) => `#${[r, g, b].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
export const opaque = (hex) => (toNumber(hex) | 0xff000000) >>> 0;
export const clear = (hex) => toNumber(hex);
export const greyOf = (hex) => {
  const rgb = toNumber(hex);
  return Math.round((rgb & 255) * 0.299 + ((rgb >> 8) & 255) * 0.587 + ((rgb >> 16) & 255) * 0.114);
};

/** What is shown as 0 to 100, as operations hold it: 0 to 255. */
export const percent = (value) => Math.round(value * 2.55);
