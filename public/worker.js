// Compresses and hashes tiles beside the page. The first message names the page's script and
// brings its compiled module; every other one is pixels, answered in order.
let ready;

async function prepare([script, module]) {
  const entry = await import(script);
  await entry.default({ module_or_path: module });
  return entry;
}

self.onmessage = async ({ data }) => {
  if (Array.isArray(data)) {
    ready = prepare(data);
    ready.catch(() => self.postMessage(null));
    return;
  }
  try {
    const { code_tiles } = await ready;
    const coded = code_tiles(data);
    self.postMessage(coded, [coded.buffer]);
  } catch {
    self.postMessage(null);
  }
};
