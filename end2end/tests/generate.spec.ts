// From a drawing to a picture that one can keep.

import { readFile } from 'node:fs/promises';
import { expect, test } from '../fixtures/test.ts';
import { chunks, size, texts } from '../fixtures/png.ts';
import { house } from '../fixtures/studio.ts';

const steps = 12;

test('a drawing becomes a picture, step by step', async ({ studio, server }) => {
  await studio.open();
  await studio.draw(house);
  await studio.synced();
  await studio.generate('a house under the sun', { Steps: steps, Seed: 7 });
  const digest = await studio.finished();

  // Previews came in order, most of them, and none after the picture.
  const previews = await studio.previews();
  expect(previews.length).toBeGreaterThanOrEqual(steps / 2);
  expect(previews).toEqual([...new Set(previews)].sort((a, b) => a - b));
  expect(previews.every((step) => step < steps)).toBe(true);

  // What is shown is what the server keeps.
  const kept = await fetch(`${server.address}/pictures/${digest}.png`);
  expect(kept.headers.get('cache-control')).toContain('immutable');
  const file = Buffer.from(await kept.arrayBuffer());
  expect(size(file)).toEqual({ width: 256, height: 256 });
  const painted = await studio.pixels(studio.picture);
  const blank = await studio.page.evaluate(() => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 512;
    return canvas.toDataURL();
  });
  expect(painted).not.toBe(blank);
});

test('the download is a PNG with its settings inside', async ({ studio }) => {
  await studio.open();
  await studio.draw(house);
  await studio.generate('a red house', { Steps: 6, Seed: 123456789 });
  await studio.finished();
  const download = await studio.download();
  expect(download.suggestedFilename()).toMatch(/\.png$/);
  const found = texts(await readFile(await download.path()));
  const own = JSON.parse(found.get('pentimento') ?? 'null');
  expect(JSON.stringify(own)).toContain('a red house');
  expect(JSON.stringify(own)).toContain('123456789');
  expect(found.get('parameters')).toMatch(/^a red house\n[^]*Steps: 6\b[^]*Seed: 123456789\b/);
});

test('the same seed and settings give the same picture again', async ({ studio, server }) => {
  /** The compressed pixels; the texts beside them name the job and differ. */
  const make = async (seed: number) => {
    const last = await studio.job.getAttribute('data-job');
    await studio.generate('a house', { Steps: 4, Seed: seed });
    if (last) await expect(studio.job).not.toHaveAttribute('data-job', last);
    const answer = await fetch(`${server.address}/pictures/${await studio.finished()}.png`);
    const file = chunks(Buffer.from(await answer.arrayBuffer()));
    return Buffer.concat(file.filter(({ kind }) => kind === 'IDAT').map(({ body }) => body));
  };
  await studio.open();
  await studio.draw(house);
  const first = await make(1);
  expect((await make(2)).equals(first)).toBe(false);
  expect((await make(1)).equals(first)).toBe(true);
});

test('previews come as often as the person wants', async ({ studio, server }) => {
  await studio.open();
  await studio.draw(house);
  await studio.generate('a house', { Steps: 12, 'Preview every': 4 });
  await studio.finished();
  expect(await studio.previews()).toEqual([4, 8]);
  expect(await server.stats()).toMatchObject({ wanted: 2, made: 2, jpeg_encodes: 0 });
});

test('the words on blank paper give way to the pen', async ({ studio, page }) => {
  await studio.open();
  const hint = page.locator('.paper .hint');
  await expect(hint).toHaveCSS('opacity', '1');
  await studio.drawing.hover();
  await page.mouse.down();
  await expect(hint).toHaveCSS('opacity', '0');
  await page.mouse.up();
});

test('Enter in the prompt asks for the picture, and with Shift is a new line', async ({ studio }, info) => {
  await studio.open();
  await studio.draw(house);
  await studio.set('Steps', 2);
  const prompt = studio.field('Prompt');
  await prompt.pressSequentially('a house');
  await prompt.press('Shift+Enter');
  await prompt.pressSequentially('in the snow');
  await prompt.press('Enter');
  await studio.finished();
  await expect(prompt).toHaveValue('a house\nin the snow');
  // The keyboard of a phone would lie over the picture.
  if (info.project.name === 'phone') await expect(prompt).not.toBeFocused();
  else await expect(prompt).toBeFocused();
});
