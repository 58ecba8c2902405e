// Manners of painting that the model knows are one tap away.

import { expect, test } from '../fixtures/test.ts';

test('a tap names a style, another takes its place, and the same takes it back', async ({ studio }) => {
  await studio.open();
  const prompt = studio.field('Prompt');
  await studio.set('Prompt', 'a house');
  await studio.button('ink').click();
  await expect(prompt).toHaveValue('a house, ink');
  await expect(studio.button('ink')).toHaveAttribute('aria-pressed', 'true');
  await studio.button('pixel art').click();
  await expect(prompt).toHaveValue('a house, pixel art');
  await expect(studio.button('ink')).toHaveAttribute('aria-pressed', 'false');
  await studio.reload();
  await expect(studio.button('pixel art')).toHaveAttribute('aria-pressed', 'true');
  await studio.button('pixel art').click();
  await expect(prompt).toHaveValue('a house');
});
