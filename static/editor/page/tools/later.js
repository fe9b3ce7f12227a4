// A tool whose script comes when it is chosen; what a person does with it until then is done once it is there.

/** load: resolves to the tool; is: what the page has to know of it before; also: what it can be asked besides gestures. */
export function later(name, load, is = {}, also = []) {
  const waiting = [];
  let loading = null;
  const tool = { name, ...is };
  const arrive = async (app) => {
    try {
      Object.assign(tool, await load(app));
    } catch (error) {
      console.error(error);
      loading = null;
      waiting.length = 0;
      app.refuse("The server can't be reached. Try again when you're connected.");
      return;
    }
    for (const [method, ...values] of waiting.splice(0)) app.turns.hold(tool[method](app, ...values));
  };
  tool.choose = (app) => {
    loading ??= arrive(app);
    return loading;
  };
  for (const method of ['down', 'move', 'up', ...also]) {
    tool[method] = (app, ...values) => {
      waiting.push([method, ...values]);
      return tool.choose(app);
    };
  }
  tool.drop = () => {
    if (waiting.length) waiting.push(['drop']);
  };
  return tool;
}
