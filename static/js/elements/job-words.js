// The words of a job's card, with the same rules as generation/views/jobs/words.py; the sentences come from the page.

export function stageWords(event, words) {
  if (event.state === "queued") {
    if (event.place === null) return words.queued;
    if (event.stage === "loading") return words.loading;
    return event.place === 1 ? words.next : fill(words.place, { place: event.place });
  }
  if (event.state !== "running") return words[event.state];
  const said = words[event.stage] || words.running;
  if (!event.of) return said;
  if (event.stage === "drawing") return `${said}, ${fill(words.step, event)}`;
  if (event.count < 2) return said;
  const picture = Math.min(event.picture + 1, event.count);
  return `${said}, ${fill(words.picture, { picture, count: event.count })}`;
}

export function timeLeft(event, words) {
  if (event.state !== "queued" && event.state !== "running") return "";
  if (!event.eta) return words.unknown;
  const [low, high] = event.eta;
  if (high <= 1) return words.nearly;
  if (high < 120) return fill(words.seconds, { low, high });
  return fill(words.minutes, { low: Math.floor(low / 60), high: Math.ceil(high / 60) });
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}
