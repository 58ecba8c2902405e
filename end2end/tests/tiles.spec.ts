// The canvas travels once.

import { expect, test } from '../fixtures/test.ts';
import { photograph } from '../fixtures/png.ts';
import { house } from '../fixtures/studio.ts';

test('a click sends no pixels, nor does an undo or a second picture', async ({ studio, server }) => {
  await studio.open();
  await studio.draw(house);
  await studio.synced();
  const drawn = await server.stats();
  // Blank paper; what is drawn on it travels as strokes.
  expect(drawn.tiles_received).toBe(1);
  // One that takes long is told in parts.
  expect(drawn.strokes_received).toBeGreaterThanOrEqual(house.length);
  expect(drawn.stroke_bytes).toBeLessThan(250);

  await studio.generate('a house', { Steps: 2, Seed: 1 });
  await studio.finished();
  const job = await studio.job.getAttribute('data-job');
  await studio.button('Undo').click();
  await studio.synced();
  await studio.generate('a house without a sun', { Seed: 2 });
  await expect(studio.job).not.toHaveAttribute('data-job', job ?? '');
  await studio.finished();
  await studio.button('Redo').click();
  await studio.synced();
  expect(await server.stats()).toMatchObject({
    jobs_started: 2,
    tiles_received: drawn.tiles_received,
    tile_bytes: drawn.tile_bytes,
  });
});

test('of a long stroke little is left to tell when the pen is lifted', async ({ page, studio, server }) => {
  await studio.open();
  await studio.synced();
  const box = (await studio.drawing.boundingBox())!;
  const winding = (n: number) =>
    page.mouse.move(
      box.x + box.width * (0.5 + 0.35 * Math.sin(n / 97) + 0.08 * Math.cos(n / 6)),
      box.y + box.height * (0.5 + 0.35 * Math.cos(n / 61) + 0.08 * Math.sin(n / 6)),
    );
  await winding(0);
  await page.mouse.down();
  for (let n = 1; (await server.stats()).strokes_received < 4; n += 1) await winding(n);
  await studio.synced();
  const told = await server.stats();
  await page.mouse.up();
  await studio.synced();
  const done = await server.stats();
  expect(done.strokes_received).toBe(told.strokes_received + 1);
  expect(done.stroke_bytes - told.stroke_bytes).toBeLessThan(told.stroke_bytes / 2);
  // The server drew the same, or the page would have sent what it looks like.
  expect(done.tiles_received).toBe(told.tiles_received);
});

test('a drawing comes back after a reload and is not sent again', async ({ studio, server }) => {
  await studio.open();
  await studio.draw(house);
  await studio.synced();
  const drawing = await studio.pixels(studio.drawing);
  const drawn = await server.stats();
  await studio.reload();
  expect(await studio.pixels(studio.drawing)).toBe(drawing);
  await studio.generate('a house', { Steps: 2 });
  await studio.finished();
  expect((await server.stats()).tiles_received).toBe(drawn.tiles_received);
});

test('a photograph is sent in pieces while its progress shows', async ({ page, network, visit, server }) => {
  const studio = visit(page, network.address);
  await studio.open();
  network.upBits = 10_000_000;
  const choosing = page.waitForEvent('filechooser');
  await studio.button('Import').click();
  const file = { name: 'holiday.png', mimeType: 'image/png', buffer: photograph(900, 900) };
  await (await choosing).setFiles(file);
  await expect.poll(async () => (await server.stats()).tiles_received).toBeGreaterThanOrEqual(64);
  await studio.synced();

  const states = await studio.shown('sync', 'data-state');
  expect(states).toContain('sending');
  expect(states).not.toContain('failed');
  const sent = (await studio.shown('sync', 'data-sent-tiles')).map(Number);
  expect(new Set(sent).size).toBeGreaterThan(2);
  expect(sent).toEqual([...sent].sort((a, b) => a - b));

  await studio.generate('a holiday', { Steps: 2 });
  await studio.finished();
});

test('a photograph goes up in fewer bytes if the person says so', async ({ page, studio, server }) => {
  await studio.open();
  await studio.synced();
  const sent = async () => {
    const before = (await server.stats()).tile_bytes;
    const choosing = page.waitForEvent('filechooser');
    await studio.button('Import').click();
    const file = { name: 'holiday.png', mimeType: 'image/png', buffer: photograph(512, 512) };
    await (await choosing).setFiles(file);
    await expect.poll(async () => (await server.stats()).tile_bytes).toBeGreaterThan(before);
    await studio.synced();
    return (await server.stats()).tile_bytes - before;
  };
  const exact = await sent();
  await page.getByText('More', { exact: true }).click();
  await page.getByRole('combobox', { name: 'Photographs' }).selectOption('Lighter');
  await studio.button('Undo').click();
  const lighter = await sent();
  // Grain is most of this one; of others less than half is left.
  expect(lighter).toBeLessThan(0.7 * exact);
  await studio.generate('a holiday', { Steps: 2 });
  await studio.finished();
});

test('a job waits for tiles that are under way', async ({ page, network, visit }) => {
  const studio = visit(page, network.address);
  await studio.open();
  network.upBits = 4_000_000;
  const choosing = page.waitForEvent('filechooser');
  await studio.button('Import').click();
  const file = { name: 'holiday.png', mimeType: 'image/png', buffer: photograph(700, 700) };
  await (await choosing).setFiles(file);
  await expect(studio.sync).toHaveAttribute('data-state', 'sending');
  await studio.generate('a holiday', { Steps: 2 });
  await studio.finished();
  expect(await studio.shown('job', 'data-state')).toEqual(expect.arrayContaining(['waiting', 'finished']));
});
