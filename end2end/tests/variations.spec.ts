// Several pictures that are made together, side by side.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { house } from '../fixtures/studio.ts';

/** How much two finished pictures differ, in levels of a channel at the mean. */
function difference(page: Page, one: string, other: string): Promise<number> {
  return page.evaluate(
    async (digests) => {
      const [one, other] = await Promise.all(
        digests.map(async (digest) => {
          const answer = await fetch(`pictures/${digest}.png`);
          const bitmap = await createImageBitmap(await answer.blob());
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
          context.drawImage(bitmap, 0, 0);
          return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
        }),
      );
      return one!.reduce((sum, value, at) => sum + Math.abs(value - other![at]!), 0) / one!.length;
    },
    [one, other],
  );
}

test('three pictures form side by side, each can be looked at, taken, and made again alone', async ({
  page,
  studio,
}) => {
  await studio.open();
  await studio.draw(house);
  const steps = 8;
  await studio.generate('a house under the sun', { Steps: steps, Seed: 7, Pictures: 3 });

  // Each has its place, and what lies between them stays empty.
  const samples = () =>
    studio.picture.evaluate((element: HTMLCanvasElement) => {
      const places = [[0.25, 0.25], [0.75, 0.25], [0.5, 0.75], [0.1, 0.75]] as const;
      const context = element.getContext('2d')!;
      return places.map(([x, y]) => context.getImageData(x * element.width, y * element.height, 1, 1).data[3]);
    });
  await expect.poll(samples).toEqual([255, 255, 255, 0]);

  await expect(studio.job).toHaveAttribute('data-state', 'finished');
  await expect(studio.picture).toHaveAttribute('data-picture', /^[0-9a-f]{32} [0-9a-f]{32} [0-9a-f]{32}$/);
  const digests = (await studio.picture.getAttribute('data-picture'))!.split(' ');
  expect(await samples()).toEqual([255, 255, 255, 0]);
  // More than one of them can have had.
  expect(Number(await studio.picture.getAttribute('data-frames'))).toBeGreaterThanOrEqual(steps);
  await expect(page.getByRole('navigation').getByRole('img')).toHaveCount(3);

  await studio.button('Look at picture 2').click();
  expect(await studio.finished()).toBe(digests[1]);
  await expect(page.getByRole('link', { name: 'Download' })).toHaveAttribute('href', new RegExp(digests[1]!));
  await studio.button('Back to all pictures').click();
  await expect(studio.picture).toHaveAttribute('data-picture', digests.join(' '));

  // By keyboard there and back: the focus stays where it was.
  await studio.button('Look at picture 3').focus();
  await page.keyboard.press('Enter');
  await expect(studio.picture).toHaveAttribute('data-picture', digests[2]!);
  await page.keyboard.press('Enter');
  await expect(studio.picture).toHaveAttribute('data-picture', digests.join(' '));

  // With its own settings it is that picture and no other, and it alone.
  await studio.button('Look at picture 2').click();
  await studio.finished();
  await studio.button('Use these settings again').click();
  await expect(studio.field('Seed')).toHaveValue('8');
  await expect(studio.field('Pictures')).toHaveValue('1');
  const together = await studio.job.getAttribute('data-job');
  await studio.button('Generate').click();
  await expect(studio.job).not.toHaveAttribute('data-job', together!);
  const alone = await studio.finished();
  expect(await difference(page, digests[1]!, alone)).toBeLessThan(0.5);
  expect(await difference(page, digests[0]!, alone)).toBeGreaterThan(2);
});
