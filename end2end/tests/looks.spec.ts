// How it looks, for people to judge: in results/, and on request the one that the README shows.

import { join } from 'node:path';
import { expect, test } from '../fixtures/test.ts';
import * as paths from '../fixtures/paths.ts';
import { type Studio, house } from '../fixtures/studio.ts';

async function paint(studio: Studio): Promise<void> {
  const colour = async (value: string) => studio.field('Colour').fill(value);
  const [walls = [], roof = [], door = [], sun = []] = house;
  await colour('#6b4a2f');
  await studio.stroke(walls);
  await colour('#b5402a');
  await studio.draw([roof, door]);
  await colour('#e8a824');
  await studio.stroke(sun);
  await colour('#4d7a3a');
  await studio.stroke([[0.05, 0.87], [0.3, 0.86], [0.6, 0.88], [0.95, 0.86]]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test(`the studio by ${colorScheme}`, async ({ page, studio }, info) => {
      const shoot = (state: string) =>
        page.screenshot({ path: join(paths.results, `${info.project.name}-${colorScheme}-${state}.png`), fullPage: true });
      await studio.open();
      await shoot('empty');
      await paint(studio);
      await studio.synced();
      await studio.generate('a red house under the sun, green meadow, blue sky', { Steps: 60, Seed: 5 });
      await studio.reached(12);
      await shoot('forming');
      await studio.finished();
      await page.mouse.move(2, 2);
      await shoot('finished');
      // The paper and the ink around it follow the scheme.
      const [red = 0] = await page.evaluate(() =>
        (getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g) ?? []).map(Number),
      );
      if (colorScheme === 'light') expect(red).toBeGreaterThan(128);
      else expect(red).toBeLessThan(128);
      if (process.env.PENTIMENTO_PORTRAIT && info.project.name === 'desktop' && colorScheme === 'light') {
        await page.screenshot({ path: paths.portrait });
      }
    });
  });
}

test('every state that is not fine has a face', async ({ context, page, network, visit }, info) => {
  const shoot = (state: string) =>
    page.screenshot({ path: join(paths.results, `${info.project.name}-${state}.png`), fullPage: true });
  const studio = visit(page, network.address);
  await studio.open();
  await studio.draw(house);
  await studio.synced();
  // Four at once still run when all clicks are done.
  await studio.generate('a house', { Steps: 150, Pictures: 4 });
  await studio.reached(1);
  await studio.set('Pictures', 1);
  await studio.button('Generate').click();
  await expect(studio.job).toContainText('1 waits');
  await shoot('queued');
  for (let click = 0; click < 20; click += 1) await studio.button('Generate').click();
  await expect(page.getByRole('alert')).toContainText('16 of your pictures');
  await shoot('refused');
  const waiting = page.getByTitle(/^Waits/);
  await expect(waiting).toHaveCount(16);
  await waiting.first().click();
  await expect(studio.job).toContainText('before this one');
  await shoot('waiting');
  for (let left = 15; left >= 0; left -= 1) {
    await studio.button('Cancel').click();
    await expect(waiting).toHaveCount(left);
    if (left > 0) await waiting.first().click();
  }
  await page.getByTitle(/^Is being made/).click();
  await expect(studio.job).toHaveAttribute('data-state', 'running');
  await studio.button('Cancel').click();
  await expect(studio.button('Cancel')).toBeHidden();

  await studio.set('Steps', 4);
  await context.setOffline(true);
  await studio.stroke([[0.1, 0.9], [0.9, 0.9]]);
  await expect(studio.link).toHaveAttribute('data-state', 'offline');
  await studio.button('Generate').click();
  await expect(studio.job).toContainText('Offline; asked for once you are back');
  await expect(studio.sync).toHaveAttribute('data-state', 'failed');
  await shoot('offline');
  await context.setOffline(false);
  await studio.finished();
});

test('the ring around the paper is for those who come by keyboard', async ({ page, studio }) => {
  await studio.open();
  const ring = () => studio.drawing.evaluate((element) => element.matches(':focus-visible'));
  await studio.stroke([[0.2, 0.2], [0.8, 0.8]]);
  expect(await ring()).toBe(false);
  await studio.field('Prompt').focus();
  await studio.stroke([[0.2, 0.8], [0.8, 0.2]]);
  expect(await ring()).toBe(false);
  await expect(studio.field('Prompt')).not.toBeFocused();
  await page.keyboard.press('Tab');
  await studio.drawing.focus();
  expect(await ring()).toBe(true);
});
