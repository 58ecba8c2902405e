// Colours beyond the palette.

import { expect, test } from '../fixtures/test.ts';

test('Alt takes a colour from the paper, and the last that is none of the palette stays at hand', async ({ page, studio }) => {
  await studio.open();
  const yours = studio.button('Your last other colour');
  await expect(yours).toBeHidden();
  await studio.field('Colour').fill('#a020f0');
  await studio.stroke([[0.2, 0.5], [0.8, 0.5]]);
  await studio.button('Leaf').click();
  await expect(yours).toHaveAttribute('aria-pressed', 'false');
  const before = await studio.pixels(studio.drawing);
  const box = (await studio.drawing.boundingBox())!;
  await page.keyboard.down('Alt');
  await page.mouse.click(box.x + 0.5 * box.width, box.y + 0.5 * box.height);
  await page.keyboard.up('Alt');
  await expect(yours).toHaveAttribute('aria-pressed', 'true');
  await expect(studio.field('Colour')).toHaveValue('#a020f0');
  expect(await studio.pixels(studio.drawing)).toBe(before);
});
