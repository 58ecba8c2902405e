// Paper and pictures that stand or lie.

import { type Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { type Studio, house } from '../fixtures/studio.ts';
import { photograph } from '../fixtures/png.ts';

/** Width and height of what a canvas or a picture holds. */
async function paper(studio: Studio): Promise<[number, number]> {
  return studio.drawing.evaluate((canvas: HTMLCanvasElement) => [canvas.width, canvas.height]);
}

async function cut(page: Page, shape: 'square' | 'portrait' | 'landscape'): Promise<void> {
  await page.getByTestId('shape').selectOption(shape);
}

async function size(page: Page, digest: string): Promise<[number, number]> {
  return page.evaluate(async (address) => {
    const image = await createImageBitmap(await (await fetch(address)).blob());
    return [image.width, image.height];
  }, `pictures/${digest}.png`);
}

test('paper stands or lies, the picture with it, and what was drawn stays in its middle', async ({ studio, page }) => {
  await studio.open();
  await studio.draw(house);
  await studio.synced();
  const square = await studio.pixels(studio.drawing);

  // One way around and back again loses nothing, and is one step.
  for (const [shape, ...sides] of [['portrait', 512, 768], ['landscape', 768, 512], ['square', 512, 512]] as const) {
    await cut(page, shape);
    expect(await paper(studio)).toEqual(sides);
  }
  expect(await studio.pixels(studio.drawing)).toBe(square);

  await cut(page, 'portrait');
  // Where there was no paper before.
  await studio.stroke([[0.1, 0.95], [0.9, 0.95]]);
  await studio.synced();
  await studio.generate('a red house, green meadow', { Steps: 6, Seed: 3 });
  expect(await size(page, await studio.finished())).toEqual([256, 384]);
  const tall = await studio.pixels(studio.drawing);
  // The picture stands in the frame as the drawing does on its paper.
  const sides = await studio.picture.evaluate((canvas: HTMLCanvasElement) => {
    const alpha = (x: number) => canvas.getContext('2d')!.getImageData(x * canvas.width, canvas.height / 2, 1, 1).data[3];
    return [0.05, 0.5, 0.95].map(alpha);
  });
  expect(sides).toEqual([0, 255, 0]);

  await studio.reload();
  expect(await paper(studio)).toEqual([512, 768]);
  await expect.poll(() => studio.pixels(studio.drawing)).toBe(tall);
  await studio.synced();
  await studio.stroke([[0.1, 0.05], [0.9, 0.05]]);
  await studio.synced();

  // From portrait to landscape, and back as a step.
  await cut(page, 'landscape');
  await studio.button('Undo').click();
  await studio.button('Undo').click();
  expect(await paper(studio)).toEqual([512, 768]);
  expect(await studio.pixels(studio.drawing)).toBe(tall);
  await studio.synced();
});

test('what is marked stays in its place on other paper', async ({ studio, page }) => {
  await studio.open();
  await studio.draw(house);
  const marked = () =>
    page.getByTestId('mask').evaluate((canvas: HTMLCanvasElement) => {
      const context = canvas.getContext('2d')!;
      const along = [0.1, 0.3, 0.5, 0.7, 0.9];
      return along.map((y) => context.getImageData(canvas.width / 2, y * canvas.height, 1, 1).data[3]! > 0);
    });
  await studio.button('Mask').click();
  await studio.stroke([[0.2, 0.5], [0.8, 0.5]]);
  expect(await marked()).toEqual([false, false, true, false, false]);
  await cut(page, 'portrait');
  expect(await marked()).toEqual([false, false, true, false, false]);
  // Other paper is for drawing first.
  await expect(studio.button('Mask')).toHaveAttribute('aria-pressed', 'false');
  await studio.button('Mask').click();
  await studio.stroke([[0.2, 0.9], [0.8, 0.9]]);
  await expect(page.getByTestId('mask-bar')).toHaveAttribute('data-marked', 'true');
  await studio.reload();
  await expect.poll(marked).toEqual([false, false, true, false, true]);
  // One that is marked on paper that was found again is in its place too.
  await studio.button('Clear mask').click();
  await studio.reload();
  await studio.button('Mask').click();
  await studio.stroke([[0.2, 0.5], [0.8, 0.5]]);
  await studio.stroke([[0.2, 0.9], [0.8, 0.9]]);
  await studio.button('Mask').click();
  await studio.stroke([[0.1, 0.1], [0.2, 0.1]]);
  expect(await marked()).toEqual([false, false, true, false, true]);
  // Marks beyond the edge of the paper are cut off with it, and come back with it.
  await cut(page, 'landscape');
  expect(await marked()).toEqual([false, false, true, false, false]);
  await studio.button('Undo').click();
  expect(await marked()).toEqual([false, false, true, false, true]);
});

test('strokes before the program is there go onto paper of the shape that it had', async ({ studio, page }) => {
  await studio.open();
  await cut(page, 'portrait');
  await studio.synced();
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  await page.route('**/*.wasm*', async (route) => {
    await arrived;
    await route.continue();
  });
  await page.reload({ waitUntil: 'commit' });
  await expect(studio.drawing).toBeVisible();
  const box = (await studio.drawing.boundingBox())!;
  expect(box.height / box.width).toBeCloseTo(1.5, 1);
  await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.9 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.8 * box.width, box.y + 0.9 * box.height, { steps: 6 });
  await page.mouse.up();
  expect(await paper(studio)).toEqual([512, 768]);
  const inked = () =>
    studio.drawing.evaluate((canvas: HTMLCanvasElement) => {
      const [red, , , alpha] = canvas.getContext('2d')!.getImageData(256, 691, 1, 1).data;
      return alpha === 255 && red! < 100;
    });
  expect(await inked()).toBe(true);
  arrive();
  await studio.ready();
  expect(await paper(studio)).toEqual([512, 768]);
  expect(await inked()).toBe(true);
  await studio.synced();
});

test('a photograph gives blank paper its shape, and none to paper that is drawn on', async ({ page, studio }) => {
  await studio.open();
  const take = (width: number, height: number) =>
    page.locator('#file').setInputFiles({ name: 'p.png', mimeType: 'image/png', buffer: photograph(width, height) });
  await take(300, 450);
  await expect(page.getByTestId('shape')).toHaveValue('portrait');
  await expect(studio.button('Undo')).toBeEnabled();
  const upright = await studio.pixels(studio.drawing);
  await studio.button('Undo').click();
  await expect(page.getByTestId('shape')).toHaveValue('square');
  // What is a little wider fills the paper, too.
  await take(300, 400);
  await expect(page.getByTestId('shape')).toHaveValue('portrait');
  await expect(studio.button('Undo')).toBeEnabled();
  const bare = await studio.drawing.evaluate((element) => {
    const { data } = (element as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, 512, 768);
    const row = (y: number) => [...data.subarray(y * 512 * 4, (y + 1) * 512 * 4)];
    return [0, 767].filter((y) => row(y).every((value) => value === 255));
  });
  expect(bare).toEqual([]);
  await studio.button('Undo').click();
  await expect(page.getByTestId('shape')).toHaveValue('square');
  await take(300, 450);
  await expect.poll(() => studio.pixels(studio.drawing)).toBe(upright);
  await take(450, 300);
  await expect.poll(() => studio.pixels(studio.drawing)).not.toBe(upright);
  await expect(page.getByTestId('shape')).toHaveValue('portrait');
  await studio.synced();
});
