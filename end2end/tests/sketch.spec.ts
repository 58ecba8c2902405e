// A picture keeps the drawing that it was made from: it shows through, and can be drawn on.

import { expect, test } from '../fixtures/test.ts';
import { house, type Studio } from '../fixtures/studio.ts';

/** How much of the sketch over the picture is ink, 0 to 1. */
async function ink(studio: Studio): Promise<number> {
  return studio.page.locator('#sketch').evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const { data } = (element as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
    return data.filter((value, at) => at % 4 === 3 && value > 0).length / (width * height);
  });
}

test('an earlier drawing shows through its picture and comes back onto the paper, also after a reload', async ({
  studio,
  server,
}) => {
  await studio.open();
  await studio.draw(house);
  const drawn = await studio.pixels(studio.drawing);
  await studio.generate('a house', { Steps: 2 });
  const first = await studio.finished();
  await studio.button('Clear').click();
  await studio.stroke([[0.1, 0.9], [0.9, 0.9]]);
  const later = await studio.pixels(studio.drawing);
  await studio.generate('a line', { Steps: 2 });
  await studio.finished();
  await studio.synced();
  await studio.reload();

  const slider = studio.page.getByRole('slider', { name: 'Let the sketch show through' });
  await slider.fill('80');
  await expect.poll(() => ink(studio)).toBeGreaterThan(0.005);
  const line = await ink(studio);
  await studio.page.getByRole('navigation').locator(`img[src*="${first}"]`).click();
  await expect(studio.picture).toHaveAttribute('data-picture', first);
  await expect.poll(() => ink(studio)).toBeGreaterThan(1.5 * line);

  await studio.synced();
  const { tiles_received } = await server.stats();
  await studio.button('Bring its drawing back').click();
  await expect.poll(() => studio.pixels(studio.drawing)).toBe(drawn);
  await studio.synced();
  // The server has them.
  expect((await server.stats()).tiles_received).toBe(tiles_received);
  await expect(studio.button('Bring its drawing back')).toBeDisabled();
  await studio.button('Undo').click();
  await expect.poll(() => studio.pixels(studio.drawing)).toBe(later);
});
