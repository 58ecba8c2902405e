// A part is marked and painted anew; the rest of the picture stays as it is.

import { type Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { photograph, picture } from '../fixtures/png.ts';
import { house } from '../fixtures/studio.ts';

/** How much two pictures differ, in steps of 255 a channel: in the mean left of a column, and right of another. */
async function differences(page: Page, addresses: string[], left: number, right: number): Promise<[number, number]> {
  return page.evaluate(
    async ([addresses, left, right]) => {
      const pixels = async (address: string) => {
        const image = await createImageBitmap(await (await fetch(address)).blob());
        const context = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, image.width, image.height);
      };
      const [one, other] = await Promise.all(addresses.map(pixels));
      const mean = (from: number, to: number) => {
        const off: number[] = [];
        for (let at = 0; at < one!.data.length; at += 4) {
          const x = ((at / 4) % one!.width) / one!.width;
          if (x < from || x >= to) continue;
          for (let n = at; n < at + 3; n += 1) off.push(Math.abs(one!.data[n]! - other!.data[n]!));
        }
        return off.reduce((sum, value) => sum + value, 0) / off.length;
      };
      return [mean(0, left), mean(right, 1)] as [number, number];
    },
    [addresses, left, right] as const,
  );
}

test('only what is marked is painted anew', async ({ studio, page }) => {
  await studio.open();
  await studio.draw(house);
  await studio.generate('a house under the sun', { Steps: 8, Seed: 7 });
  const before = await studio.finished();

  // The picture becomes the drawing, and its right side is marked.
  await studio.button('Draw on it').click();
  await studio.synced();
  await studio.button('Mask').click();
  const bar = page.getByTestId('mask-bar');
  await expect(bar).toHaveAttribute('data-marked', 'false');
  for (const x of [0.65, 0.75, 0.85, 0.95]) await studio.stroke([[x, 0.02], [x, 0.98]]);
  await expect(bar).toHaveAttribute('data-marked', 'true');

  // Marks are no strokes: what is in hand is what is undone.
  await studio.button('Undo').click();
  await studio.button('Redo').click();
  await studio.button('Mask').click();
  const last = await studio.job.getAttribute('data-job');
  await studio.generate('the sea at night', { Seed: 8 });
  await expect(studio.job).not.toHaveAttribute('data-job', last!);
  const after = await studio.finished();
  const addresses = [before, after].map((digest) => `pictures/${digest}.png`);
  const [stays, changes] = await differences(page, addresses, 0.45, 0.7);
  expect(stays).toBe(0);
  expect(changes).toBeGreaterThan(20);

  // The marks outlive the page, come back with a picture's settings, and go when they are told to.
  await studio.reload();
  await expect(bar).toHaveAttribute('data-marked', 'true');
  await studio.button('Clear mask').click();
  await expect(bar).toHaveAttribute('data-marked', 'false');
  await page.getByTitle('the sea at night').click();
  await studio.button('Use these settings again').click();
  await expect(bar).toHaveAttribute('data-marked', 'true');

  // They were made for what lies under them, which something else covers now; one step back has them again.
  const choosing = page.waitForEvent('filechooser');
  await studio.button('Import').click();
  await (await choosing).setFiles({ name: 'holiday.png', mimeType: 'image/png', buffer: photograph(512, 512) });
  await expect(bar).toHaveAttribute('data-marked', 'false');
  await studio.button('Undo').click();
  await expect(bar).toHaveAttribute('data-marked', 'true');
});

test('a bucket marks what is inside of marks, and leaves these as they are', async ({ studio, page }) => {
  await studio.open();
  await studio.synced();
  await studio.button('Mask').click();
  const around = [...Array(25).keys()].map((n) => (n / 24) * 2 * Math.PI);
  await studio.stroke(around.map((turn) => [0.5 + 0.3 * Math.cos(turn), 0.5 + 0.3 * Math.sin(turn)] as const));
  const marked = () =>
    page.getByTestId('mask').evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return [...Array(data.length / 4).keys()].filter((n) => data[4 * n + 3]! > 0);
    });
  const ring = await marked();
  await studio.button('Fill').click();
  await studio.stroke([[0.5, 0.5]]);
  const disc = new Set(await marked());
  expect(disc.size).toBeGreaterThan(1.5 * ring.length);
  expect(ring.filter((pixel) => !disc.has(pixel))).toEqual([]);
});

test('what a large model paints anew is laid into the picture with all of its pixels', async ({ studio, page }) => {
  await studio.open();
  const size = 576;
  await page.getByText('More', { exact: true }).click();
  await page.getByRole('combobox', { name: 'Size' }).selectOption(`${size} px`);
  const lines = picture(size, size, (x, y) => [(x % 2) * 255, (y % 3) * 127, ((x ^ y) & 1) * 200]);
  await page.locator('#file').setInputFiles({ name: 'lines.png', mimeType: 'image/png', buffer: lines });
  await expect(studio.drawing).toHaveJSProperty('width', size);
  await studio.button('Mask').click();
  for (const x of [0.65, 0.75, 0.85, 0.95]) await studio.stroke([[x, 0.02], [x, 0.98]]);
  await studio.button('Mask').click();
  await studio.generate('the sea at night', { Steps: 2, Seed: 8 });
  const first = await studio.finished();
  const address = `data:image/png;base64,${lines.toString('base64')}`;
  const [stays, changes] = await differences(page, [address, `pictures/${first}.png`], 0.5, 0.7);
  expect(stays).toBe(0);
  expect(changes).toBeGreaterThan(20);

  // Once more, into that picture; nothing wears off.
  await studio.button('Draw on it').click();
  await studio.synced();
  await studio.stroke([[0.8, 0.2], [0.8, 0.8]]);
  await studio.generate('the sea by day', { Seed: 9 });
  await expect(page.getByTitle('the sea by day', { exact: true })).toBeVisible();
  const second = await studio.finished();
  expect((await differences(page, [first, second].map((digest) => `pictures/${digest}.png`), 0.5, 0.7))[0]).toBe(0);

  // The paper is as fine after a reload, and a clean sheet is a usual one.
  const drawn = await studio.pixels(studio.drawing);
  await studio.reload();
  await expect(studio.drawing).toHaveJSProperty('width', size);
  expect(await studio.pixels(studio.drawing)).toBe(drawn);
  await studio.button('Clear').click();
  await expect(studio.drawing).toHaveJSProperty('width', 512);
});
