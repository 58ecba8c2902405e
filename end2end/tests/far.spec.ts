// Far away, a finished picture is seen before it has come in full: one that is made was asked for meanwhile, and one from before is
// in the strip, small.

import { type Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { house } from '../fixtures/studio.ts';

/** How far the picture on the page is from this JPEG, in levels of a channel, on average. */
async function distance(page: Page, jpeg: Buffer): Promise<number> {
  return page.evaluate(async (base64) => {
    const shown = document.querySelector<HTMLCanvasElement>('#picture')!;
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
    const [one, other] = [shown, bitmap].map((image) => {
      const small = new OffscreenCanvas(64, 64).getContext('2d')!;
      small.drawImage(image, 0, 0, 64, 64);
      return small.getImageData(0, 0, 64, 64).data;
    });
    return one!.reduce((sum, value, n) => sum + Math.abs(value - other![n]!), 0) / one!.length;
  }, jpeg.toString('base64'));
}

test('a page that is far away shows the picture before it has come in full', async ({ page, network, visit, server }) => {
  const studio = visit(page, network.address);
  network.upDelay = 100;
  await studio.open();
  await studio.draw(house);
  await studio.synced();
  let full = (): void => {};
  const held = new Promise<void>((open) => (full = open));
  await page.route('**/pictures/*.png', async (route) => held.then(() => route.continue()));
  const ahead = page.waitForResponse(/jobs\/[0-9a-f]{16}\/0\.jpg$/);
  await studio.generate('a house', { Steps: 20, Seed: 3 });
  const answer = await ahead;
  expect(answer.status()).toBe(200);
  const jpeg = await answer.body();
  await expect.poll(() => distance(page, jpeg)).toBeLessThan(2);
  await expect(studio.picture).not.toHaveAttribute('data-picture');
  full();
  await studio.finished();
  expect((await server.stats()).jpeg_encodes).toBe(1);
});

test('pictures from before come small, and are seen so until they have come in full', async ({ studio, page }) => {
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  await studio.open();
  const made: string[] = [];
  for (const seed of [1, 2]) {
    await studio.stroke([[0.2, 0.3 * seed], [0.8, 0.3 * seed]]);
    await studio.generate(`the sea ${seed}`, { Steps: 4, Seed: seed });
    await expect(page.getByTitle(`the sea ${seed}`, { exact: true })).toBeVisible();
    made.push(await studio.finished());
  }
  fetched.length = 0;
  await studio.reload();
  const [first, last] = made as [string, string];
  await expect(studio.picture).toHaveAttribute('data-picture', last);
  for (const [at, digest] of [last, first].entries()) {
    const image = page.getByTitle(/^the sea/).nth(at).locator('img');
    await expect(image).toHaveAttribute('src', `thumbs/${digest}.jpg`);
    await expect.poll(() => image.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(192);
  }
  expect(fetched.filter((path) => path.endsWith('.png'))).toEqual([`/pictures/${last}.png`]);

  let full = (): void => {};
  const held = new Promise<void>((open) => (full = open));
  await page.route('**/pictures/*.png', async (route) => held.then(() => route.continue()));
  const small = await page.request.get(new URL(`thumbs/${first}.jpg`, page.url()).href);
  const jpeg = await small.body();
  expect(await distance(page, jpeg)).toBeGreaterThan(2);
  await page.getByTitle('the sea 1', { exact: true }).click();
  await expect.poll(() => distance(page, jpeg)).toBeLessThan(2);
  await expect(studio.picture).not.toHaveAttribute('data-picture');
  full();
  await expect(studio.picture).toHaveAttribute('data-picture', first);
});
