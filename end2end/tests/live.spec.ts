// The picture follows the drawing.

import { expect, test } from '../fixtures/test.ts';
import { house, type Studio } from '../fixtures/studio.ts';

/** Draws along, also on a machine that is too slow to do so by itself. */
async function along(studio: Studio): Promise<void> {
  const live = studio.button('Live');
  await expect(live).toBeVisible();
  if ((await live.getAttribute('aria-pressed')) !== 'true') await live.click();
  await expect(live).toHaveAttribute('aria-pressed', 'true');
}

/** The picture is another one than this. */
async function changed(studio: Studio, before: string): Promise<string> {
  await expect.poll(() => studio.pixels(studio.picture)).not.toBe(before);
  return studio.pixels(studio.picture);
}

/** The picture stays as it is: no other was made while two looks agree. */
async function settled(studio: Studio): Promise<void> {
  let last = '';
  await expect.poll(async () => {
    const [before, now] = [last, await studio.pixels(studio.picture)];
    last = now;
    return now === before;
  }, { intervals: [500] }).toBe(true);
}

/** Red, green, blue and opacity of all of the picture's pixels. */
async function shades(studio: Studio): Promise<number[]> {
  return studio.picture.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    return Array.from((element as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height).data);
  });
}

test.describe('where the server can', () => {
  test.use({ live: true });

  test('every change is followed, and nothing is kept', async ({ studio, server }) => {
    await studio.open();
    await along(studio);
    const blank = await studio.pixels(studio.picture);
    await studio.draw(house);
    await expect(studio.job).toHaveAttribute('data-state', 'live');
    await studio.synced();
    const first = await changed(studio, blank);
    await studio.set('Prompt', 'a house at night, ink drawing');
    const second = await changed(studio, first);
    await studio.button('Undo').click();
    await changed(studio, second);
    const stats = await server.stats();
    expect(stats.live_pictures).toBeGreaterThanOrEqual(3);
    expect(stats).toMatchObject({ jobs_started: 0, wanted: 0, made: 0 });
    await expect(studio.page.getByRole('link', { name: 'Download' })).toBeHidden();
  });

  test('the drawing and the picture that follows it are in sight together', async ({ studio, page }) => {
    await studio.open();
    await along(studio);
    await expect(studio.picture).toBeInViewport({ ratio: 1 });
    await expect(studio.drawing).toBeInViewport({ ratio: 1 });
    const [picture, ask] = await Promise.all([
      studio.picture.boundingBox(),
      page.locator('.ask').boundingBox(),
    ]);
    // On a phone the prompt lies over the end of the page.
    expect(picture!.y + picture!.height).toBeLessThanOrEqual(ask!.y + 1);
  });

  test('the picture moves while the pen does', async ({ studio, server, page }) => {
    await studio.open();
    await along(studio);
    await studio.stroke([[0.2, 0.8], [0.8, 0.8]]);
    await expect(studio.job).toHaveAttribute('data-state', 'live');
    await studio.synced();
    const before = await changed(studio, '');
    const box = (await studio.drawing.boundingBox())!;
    await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.3 * box.height);
    await page.mouse.down();
    const pictures = (await server.stats()).live_pictures;
    // The pen is not lifted: it goes round until the picture has followed.
    for (let turn = 0; (await server.stats()).live_pictures < pictures + 3; turn += 0.3) {
      const [x, y] = [0.5 + 0.2 * Math.cos(turn), 0.4 + 0.2 * Math.sin(turn)];
      await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 });
    }
    await changed(studio, before);
    await page.mouse.up();
  });

  test('one press makes it in earnest', async ({ studio, server }) => {
    await studio.open();
    await along(studio);
    await studio.draw(house);
    await expect(studio.job).toHaveAttribute('data-state', 'live');
    await studio.generate('a house under the sun', { Steps: 8 });
    await studio.finished();
    await expect(studio.page.getByRole('link', { name: 'Download' })).toBeVisible();
    expect(await server.stats()).toMatchObject({ jobs_started: 1 });
    await studio.stroke([[0.1, 0.9], [0.9, 0.9]]);
    await expect(studio.job).toHaveAttribute('data-state', 'live');
  });

  test('what is kept is what was seen', async ({ studio, server }) => {
    await studio.open();
    await along(studio);
    await studio.draw(house);
    await studio.synced();
    await expect(studio.job).toHaveAttribute('data-state', 'live');
    await settled(studio);
    const seen = await shades(studio);
    await studio.button('Keep').click();
    await studio.finished();
    const kept = await shades(studio);
    // One came as a JPEG, the other did not.
    const apart = kept.reduce((sum, shade, at) => sum + Math.abs(shade - seen[at]!), 0) / kept.length;
    expect(apart).toBeLessThan(3);
    await expect(studio.page.getByRole('link', { name: 'Download' })).toBeVisible();
    await expect(studio.button('Keep')).toBeHidden();
    expect(await server.stats()).toMatchObject({ jobs_started: 1 });
    await studio.stroke([[0.1, 0.9], [0.9, 0.9]]);
    await expect(studio.job).toHaveAttribute('data-state', 'live');
    await expect(studio.page.getByRole('navigation').getByRole('img')).toHaveCount(1);
  });

  test('who does not want it is not followed, also after a reload', async ({ studio, server }) => {
    await studio.open();
    await along(studio);
    await studio.button('Live').click();
    await studio.reload();
    await expect(studio.button('Live')).toHaveAttribute('aria-pressed', 'false');
    await studio.draw(house);
    await studio.generate('a house', { Steps: 2 });
    await studio.finished();
    expect(await server.stats()).toMatchObject({ live_pictures: 0, jobs_started: 1 });
  });
});

test('a studio that cannot has no switch', async ({ studio }) => {
  await studio.open();
  await expect(studio.link).toHaveAttribute('data-state', 'socket');
  await expect(studio.button('Live')).toBeHidden();
});
