// Where a layer stands among the others; layers are listed bottom first, as in operations. Pure.

export function* walk(layers, parent = null, depth = 0) {
  for (const layer of layers) {
    yield { layer, parent, siblings: layers, depth };
    yield* walk(layer.children, layer.id, depth + 1);
  }
}

export function placeOf(layers, id) {
  for (const place of walk(layers)) if (place.layer.id === id) return { ...place, index: place.siblings.indexOf(place.layer) };
  return null;
}

/** Rows as a list shows them: top first, a group before its children. */
export function rows(layers, depth = 0) {
  return [...layers].reverse().flatMap((layer) => [{ layer, depth }, ...rows(layer.children, depth + 1)]);
}

/** Where a layer goes when it moves one step up (1) or down (-1): into groups and out of them; null at the end. */
export function stepped(layers, id, direction) {
  const { siblings, index, parent } = placeOf(layers, id);
  const beside = siblings[index + direction];
  if (beside?.group) return { group: beside.id, above: direction > 0 ? null : beside.children.at(-1)?.id ?? null };
  if (beside) return { group: parent, above: direction > 0 ? beside.id : siblings[index - 2]?.id ?? null };
  if (parent === null) return null;
  const home = placeOf(layers, parent);
  return { group: home.parent, above: direction > 0 ? parent : home.siblings[home.index - 1]?.id ?? null };
}

/** Where a layer goes that is dropped on a row: above it, below it, or into a group. Null where it stands there already. */
export function dropped(layers, id, on, where) {
  if (id === on) return null;
  const moved = placeOf(layers, id);
  const target = placeOf(layers, on);
  if ([...walk(moved.layer.children)].some(({ layer }) => layer.id === on)) return null;
  if (where === 'into') return { group: on, above: target.layer.children.at(-1)?.id ?? null };
  const rest = target.siblings.filter((layer) => layer.id !== id);
  const index = rest.findIndex((layer) => layer.id === on);
  return { group: target.parent, above: where === 'above' ? on : rest[index - 1]?.id ?? null };
}
