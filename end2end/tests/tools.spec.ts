// What lies beside the brush: the bucket and the straight line.

import { expect, test } from '../fixtures/test.ts';
import type { Place } from '../fixtures/studio.ts';

const LEAF = [0x6f, 0xa6, 0x46];
const WHITE = [255, 255, 255];

test('an area is filled up to the lines around it, in a few bytes on the wire', async ({ studio, server }) => {
  await studio.open();
  const corners: Place[] = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8], [0.2, 0.2]];
  await studio.stroke(corners);
  await studio.synced();
  const drawn = await server.stats();
  const before = await studio.pixels(studio.drawing);

  await studio.button('Fill').click();
  await studio.button('Leaf').click();
  await expect(studio.button('Fill'), 'another colour is for the bucket').toHaveAttribute('aria-pressed', 'true');
  await studio.stroke([[0.5, 0.5]]);
  expect(await studio.colour([0.3, 0.7])).toEqual(LEAF);
  expect(await studio.colour([0.1, 0.1])).toEqual(WHITE);
  await studio.synced();
  const filled = await server.stats();
  expect(filled.tiles_received).toBe(drawn.tiles_received);
  expect(filled.stroke_bytes - drawn.stroke_bytes).toBeLessThan(16);

  // It is drawn there as it is here, or the server would have asked for the tiles.
  await studio.generate('a green square', { Steps: 2 });
  await studio.finished();
  expect((await server.stats()).tiles_received).toBe(drawn.tiles_received);
  await studio.button('Undo').click();
  expect(await studio.pixels(studio.drawing)).toBe(before);
});

test('with Shift one draws a straight line', async ({ page, studio }) => {
  await studio.open();
  await page.keyboard.down('Shift');
  await studio.stroke([[0.2, 0.5], [0.5, 0.9], [0.8, 0.5]]);
  await page.keyboard.up('Shift');
  expect(await studio.colour([0.5, 0.5])).not.toEqual(WHITE);
  expect(await studio.colour([0.5, 0.9])).toEqual(WHITE);
});
