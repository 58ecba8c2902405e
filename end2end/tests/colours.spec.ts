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

test('a colour is taken from the picture as from the paper', async ({ page, studio }) => {
  await studio.open();
  await studio.generate('a house', { Steps: 1 });
  await studio.finished();
  const at = [0.3, 0.7] as const;
  const wanted = await studio.picture.evaluate((canvas: HTMLCanvasElement, [x, y]) => {
    const pixel = canvas.getContext('2d')!.getImageData(x * canvas.width, y * canvas.height, 1, 1).data;
    return '#' + [...pixel].slice(0, 3).map((part) => part.toString(16).padStart(2, '0')).join('');
  }, at);
  const box = (await studio.picture.boundingBox())!;
  const press = () => page.mouse.click(box.x + at[0] * box.width, box.y + at[1] * box.height);
  await press();
  await expect(studio.field('Colour')).not.toHaveValue(wanted);
  await studio.button('Take a colour').click();
  await press();
  await expect(studio.field('Colour')).toHaveValue(wanted);
  await expect(studio.button('Take a colour')).toHaveAttribute('aria-pressed', 'false');
  await studio.button('Leaf').click();
  await page.keyboard.down('Alt');
  await press();
  await page.keyboard.up('Alt');
  await expect(studio.field('Colour')).toHaveValue(wanted);
});

test('a colour is taken from the paper, and the tool is in the hand as before', async ({ studio }) => {
  await studio.open();
  await studio.button('Leaf').click();
  await studio.stroke([[0.2, 0.5], [0.8, 0.5]]);
  await studio.button('Brick').click();
  await studio.button('Fill').click();
  const before = await studio.pixels(studio.drawing);
  const take = studio.button('Take a colour');
  await take.click();
  await expect(take).toHaveAttribute('aria-pressed', 'true');
  await studio.stroke([[0.5, 0.5]]);
  await expect(take).toHaveAttribute('aria-pressed', 'false');
  await expect(studio.button('Leaf')).toHaveAttribute('aria-pressed', 'true');
  await expect(studio.button('Fill')).toHaveAttribute('aria-pressed', 'true');
  expect(await studio.pixels(studio.drawing)).toBe(before);
});
