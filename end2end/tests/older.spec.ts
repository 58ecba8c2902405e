// Everything that one made can be seen again, also what was made long ago.

import { expect, test } from '../fixtures/test.ts';

/** As many jobs as a page is told of by itself. */
const TOLD = 30;

test('pictures from before the last thirty can be had again', async ({ studio, page }) => {
  await studio.open();
  await studio.stroke([[0.2, 0.5], [0.8, 0.5]]);
  await studio.synced();
  await studio.set('Steps', 1);
  const made: string[] = [];
  for (let n = 0; n < TOLD + 2; n += 1) {
    await studio.generate(`the sea ${n}`);
    await expect(page.getByTitle(`the sea ${n}`, { exact: true })).toBeVisible();
    made.push(await studio.finished());
  }
  await expect(page.getByTitle(/^the sea/)).toHaveCount(TOLD + 2);

  await studio.reload();
  await expect(page.getByTitle(/^the sea/)).toHaveCount(TOLD);
  const older = page.getByTitle('Older pictures');
  await older.click();
  await expect(page.getByTitle(/^the sea/)).toHaveCount(TOLD + 2);
  await expect(older).toBeHidden();

  // Among so many one is found where they lie side by side.
  const all = studio.button('All pictures');
  const last = page.getByTitle('the sea 0', { exact: true });
  await all.click();
  await expect(page.getByTitle(/^the sea/).nth(20)).toBeInViewport({ ratio: 1 });
  await last.scrollIntoViewIfNeeded();
  const box = (await last.boundingBox())!;
  expect(box.height).toBeCloseTo(box.width, 0);
  expect(box.width).toBeGreaterThan(140);
  // What is below cannot be come by, nor does it hear keys.
  await expect(studio.button('Generate')).toBeHidden();
  await page.keyboard.press('e');
  await page.keyboard.press('Escape');
  await expect(studio.button('Eraser')).toHaveAttribute('aria-pressed', 'false');
  await all.click();
  await last.click();
  await expect(all).toBeVisible();
  await expect(last).toBeInViewport({ ratio: 1 });
  await expect(studio.picture).toHaveAttribute('data-picture', made[0]!);
  await studio.button('Use these settings again').click();
  await expect(studio.field('Prompt')).toHaveValue('the sea 0');
  // The strip lies scrolled to its end now; what is made next is at its beginning.
  await studio.button('Generate').click();
  await expect(page.getByTitle(/^the sea/)).toHaveCount(TOLD + 3);
  await expect(page.getByTitle(/^the sea/).first()).toBeInViewport();
});
