// The paper comes nearer at a desk, too; the phone's test is with the fingers.

import { expect, test } from '../fixtures/test.ts';

test('a wheel with Ctrl brings the paper nearer where the pointer is, and one without pushes it then', async ({ page, studio }) => {
  await studio.open();
  const whole = studio.button('See all of the paper');
  await expect(whole).toBeHidden();
  const frame = (await studio.drawing.boundingBox())!;
  const [x, y] = [frame.x + 0.75 * frame.width, frame.y + 0.25 * frame.height];
  const under = async () => {
    const box = (await studio.drawing.boundingBox())!;
    return [(x - box.x) / box.width, (y - box.y) / box.height];
  };
  await page.mouse.move(x, y);
  await page.keyboard.down('Control');
  for (let notch = 0; notch < 3; notch += 1) await page.mouse.wheel(0, -100);
  await page.keyboard.up('Control');
  await expect(whole).toHaveText('2.0 ×');
  const [across, down] = await under();
  expect(across).toBeCloseTo(0.75, 3);
  expect(down).toBeCloseTo(0.25, 3);
  await page.mouse.wheel(0, 40);
  await expect.poll(async () => (await under())[1]).toBeCloseTo(0.25 + 40 / (1.25 ** 3 * frame.height), 3);
  expect(await page.evaluate(() => window.scrollY)).toBe(0);

  await studio.stroke([[0.5, 0.3], [0.6, 0.3]]);
  await expect(studio.button('Undo')).toBeEnabled();
  await whole.click();
  await expect(whole).toBeHidden();
  expect(await studio.drawing.boundingBox()).toEqual(frame);
});
