// Several tabs of one browser.

import type { Studio } from '../fixtures/studio.ts';
import { expect, test } from '../fixtures/test.ts';

/** Both go on drawing, and each comes back to its own. */
async function eachKeepsItsOwn(first: Studio, second: Studio) {
  await second.button('Clear').click();
  await second.stroke([[0.2, 0.8], [0.8, 0.8]]);
  await second.synced();
  await first.stroke([[0.5, 0.1], [0.5, 0.9]]);
  await first.synced();
  for (const tab of [first, second]) {
    const drawn = await tab.pixels(tab.drawing);
    await expect
      .poll(async () => {
        await tab.reload();
        return tab.pixels(tab.drawing);
      })
      .toBe(drawn);
  }
}

test('each tab comes back to its own drawing, and one that is opened to the newest', async ({
  page,
  server,
  studio,
  visit,
}) => {
  await studio.open();
  await studio.stroke([[0.2, 0.2], [0.8, 0.2]]);
  await studio.synced();

  const second = visit(await page.context().newPage(), server.address);
  await second.open();
  expect(await second.pixels(second.drawing), 'the newest').toBe(await studio.pixels(studio.drawing));
  await eachKeepsItsOwn(studio, second);
});

test('a tab and its copy keep a drawing each', async ({ page, server, studio, visit }) => {
  await studio.open();
  await studio.stroke([[0.2, 0.2], [0.8, 0.2]]);
  await studio.synced();
  await studio.reload();

  // A browser that doubles a tab takes along what is kept for its session.
  const session = await page.evaluate(() => Object.entries(sessionStorage));
  const twin = await page.context().newPage();
  await twin.addInitScript((entries) => {
    for (const [key, value] of entries) if (!sessionStorage.getItem(key)) sessionStorage.setItem(key, value);
  }, session);
  const copy = visit(twin, server.address);
  await copy.open();
  await eachKeepsItsOwn(studio, copy);
});
