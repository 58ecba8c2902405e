// The studio on a desk.

import { expect, test } from '../fixtures/test.ts';

test('all is in sight, and the paper stays where it is while the prompt gets longer', async ({ page, studio }) => {
  await studio.open();
  for (const [width, height] of [[1024, 700], [1280, 720], [1440, 900]] as const) {
    await page.setViewportSize({ width, height });
    await studio.set('Prompt', '');
    const beyond = () => page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
    await expect.poll(beyond, `${width}x${height}`).toBe(0);
    const before = await studio.drawing.boundingBox();
    await studio.set('Prompt', 'a house\nin the snow');
    expect(await studio.drawing.boundingBox()).toEqual(before);
  }
});
