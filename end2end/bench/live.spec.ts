// How soon the picture follows the pen, in a real browser: from each pen-up to the first frame in which
// the picture has changed. Writes the milliseconds of every stroke to the file PENTIMENTO_FIGURES.
//
// Each stroke is a dot, so that nothing is under way when the pen is lifted, and begins when the picture
// has stood still.

import { writeFile } from 'node:fs/promises';
import { expect, test } from '../fixtures/test.ts';
import { house } from '../fixtures/studio.ts';

const dots = 40;

interface Watch {
  /** When the pen was lifted, in the page's time; 0 while nobody waits. */
  lifted: number;
  took: number[];
  /** When the picture changed last; later than any time before the first one. */
  changed: number;
  /** Remembers the picture as it stands now. */
  settle(): void;
  /** The next change after a pen-up: asking for it again and again would take time from what is measured. */
  next(): Promise<void>;
}

declare global {
  interface Window {
    watch: Watch;
  }
}

/** Looks at the picture only when the page says that it has painted one: looking at every frame would
 * take the machine from the sampler. */
function watch(): void {
  const small = document.createElement('canvas');
  small.width = small.height = 32;
  const context = small.getContext('2d', { willReadFrequently: true })!;
  let before = '';
  const seen = () => {
    const picture = document.querySelector<HTMLCanvasElement>('[data-testid=picture]')!;
    context.drawImage(picture, 0, 0, 32, 32);
    return context.getImageData(0, 0, 32, 32).data.join();
  };
  let told = () => {};
  const state: Watch = {
    lifted: 0,
    took: [],
    changed: Infinity,
    settle: () => (before = seen()),
    next: () => new Promise((resolve) => (told = resolve)),
  };
  window.watch = state;
  addEventListener('pointerup', (event) => (state.lifted = event.timeStamp), true);
  const look = () => {
    const now = seen();
    if (now === before) return;
    before = now;
    state.changed = performance.now();
    if (!state.lifted) return;
    state.took.push(state.changed - state.lifted);
    state.lifted = 0;
    told();
  };
  // The frame in which it is painted is shown when the next one begins.
  new MutationObserver(() => requestAnimationFrame(look)).observe(document, {
    attributeFilter: ['data-frames'],
    subtree: true,
  });
}

test.use({ live: true });

test('pen up to pixel', async ({ page, studio }) => {
  await page.addInitScript(watch);
  await studio.open();
  const live = studio.button('Live');
  await expect(live).toBeVisible();
  if ((await live.getAttribute('aria-pressed')) !== 'true') await live.click();
  await studio.set('Prompt', 'a house under the sun');
  await studio.draw(house);
  const still = () => performance.now() - window.watch.changed > 500;
  const stands = async () => {
    await page.waitForFunction(still, null, { polling: 100 });
    await page.evaluate(() => window.watch.settle());
  };
  await stands();
  const box = (await studio.drawing.boundingBox())!;
  await page.evaluate(() => (window.watch.took = []));
  for (let dot = 0; dot < dots; dot += 1) {
    await stands();
    const [x, y] = [0.1 + 0.8 * ((dot * 0.618) % 1), 0.1 + 0.8 * ((dot * 0.382) % 1)];
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
    const changed = page.evaluate(() => window.watch.next());
    await page.mouse.down();
    await page.mouse.up();
    await changed;
  }
  const took = await page.evaluate(() => window.watch.took);
  await writeFile(process.env.PENTIMENTO_FIGURES!, JSON.stringify({ took_ms: took }));
});
