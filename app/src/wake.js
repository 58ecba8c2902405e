// Starts the program. Where it does not come it is asked for again, at last twice a minute; what was drawn meanwhile
// stays. `JS` and `WASM` are its addresses.
const line = document.querySelector('.trouble');
const silent = [...line.childNodes];
const say = (...words) => line.replaceChildren(...words);

// A module with nothing in it but what the program cannot do without: the type of a vector, and a table of the
// browser's own objects.
const needed = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 4, 4, 1, 111, 0, 0];
const isOld = () => !self.WebAssembly?.validate(new Uint8Array(needed));

let lost = 0;
const wake = async (turn) => {
  let hydrate;
  try {
    // Browsers remember that a script did not come.
    const entry = await import(lost ? `./JS?${lost}` : './JS').catch((error) => {
      lost += 1;
      throw error;
    });
    await entry.default({ module_or_path: new URL('./WASM', document.baseURI) });
    ({ hydrate } = entry);
  } catch (error) {
    console.error(error);
    if (isOld()) {
      return say('This browser is too old for the studio. It takes Chrome or Edge 96, Firefox 89, Safari 16.4, or a later one.');
    }
    say('The studio has not come through yet. It is asked for again; what you draw stays.');
    return setTimeout(wake, Math.min(2 ** turn, 30) * 1000, turn + 1);
  }
  say(...silent);
  hydrate();
};
wake(0);
