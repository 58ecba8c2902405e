// A job belongs to the server: it can be stopped, found again and watched by two.

import { expect, test } from '../fixtures/test.ts';
import { house } from '../fixtures/studio.ts';

// Recording a film of the pages takes longer than a step does.
test.use({ trace: { mode: 'retain-on-failure', screenshots: false } });

test('cancel takes effect within one step', async ({ studio, server }) => {
  await studio.open();
  await studio.draw(house);
  await studio.generate('a house', { Steps: 150 });
  await studio.reached(5);
  await studio.button('Cancel').click();
  await expect(studio.job).toHaveAttribute('data-state', 'cancelled');
  const stopped = await server.stats();
  expect(stopped.steps).toBeLessThan(150);

  // The next job begins at once, and no step of the old one is done beside it.
  const job = await studio.job.getAttribute('data-job');
  await studio.generate('a house', { Steps: 3 });
  await expect(studio.job).not.toHaveAttribute('data-job', job ?? '');
  await studio.finished();
  expect((await server.stats()).steps - stopped.steps).toBeLessThanOrEqual(3 + 1);
});

test('a reloaded page finds its job and its drawing again', async ({ studio, server }) => {
  await studio.open();
  await studio.draw(house);
  await studio.synced();
  const drawing = await studio.pixels(studio.drawing);
  await studio.generate('a house', { Steps: 150 });
  await studio.reached(5);
  const job = (await studio.job.getAttribute('data-job')) ?? '';
  await studio.reload();
  await expect(studio.job).toHaveAttribute('data-job', job);
  expect(await studio.pixels(studio.drawing)).toBe(drawing);
  const digest = await studio.finished();
  expect((await studio.previews()).length).toBeGreaterThan(0);
  expect(await server.stats()).toMatchObject({ jobs_started: 1, steps: 150 });

  // It also finds the finished picture.
  await studio.reload();
  expect(await studio.finished()).toBe(digest);
});

test('a closed page does not stop its job', async ({ context, page, studio, visit, server }) => {
  await studio.open();
  await studio.draw(house);
  await studio.synced();
  await studio.generate('a house', { Steps: 100 });
  await studio.reached(3);
  const job = (await studio.job.getAttribute('data-job')) ?? '';
  await page.close();
  await expect.poll(async () => (await server.stats()).steps).toBe(100);
  const again = visit(await context.newPage(), server.address);
  await again.open();
  await expect(again.job).toHaveAttribute('data-job', job);
  await again.finished();
});

test('two pages on one job see it both, and each preview is made once', async ({
  context,
  page,
  studio,
  visit,
  server,
}) => {
  const steps = 60;
  // A window of its own: of two tabs, only the one in front is shown.
  const opened = context.waitForEvent('page');
  await page.evaluate(() => void window.open('about:blank', '', 'popup'));
  const other = visit(await opened, server.address);
  await other.open();
  await studio.open();
  await studio.draw(house);
  await studio.synced();
  await studio.generate('a house', { Steps: steps });
  const digest = await studio.finished();
  expect(await other.finished()).toBe(digest);
  for (const page of [studio, other]) {
    const previews = await page.previews();
    // How many depends on how fast the machine samples; the pages see the newest.
    expect(previews.length).toBeGreaterThan(3);
    expect(previews).toEqual([...new Set(previews)].sort((a, b) => a - b));
  }
  const stats = await server.stats();
  expect(stats).toMatchObject({ jobs_started: 1, steps, wanted: steps - 1, made: steps - 1, jpeg_encodes: 0 });
  expect(stats.frames_sent).toBeGreaterThan(steps);
});

test('clicks wait in the strip, are made one after the other, and are taken back one by one', async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.draw(house);
  await studio.generate('a house', { Steps: 150 });
  await studio.reached(1);
  await studio.generate('a boat', { Steps: 4 });
  await studio.generate('a tower');
  const beingMade = page.getByTitle('Is being made · a house');
  await expect(beingMade).toHaveAttribute('aria-current', 'true');
  await page.getByTitle('Waits · a tower').click();
  await expect(studio.job).toHaveText(/before this one/);
  await studio.button('Cancel').click();
  await expect(page.getByTitle('Waits · a tower')).toHaveCount(0);

  // Back at what is being made, and when that is over the next comes by itself.
  await expect(beingMade).toHaveAttribute('aria-current', 'true');
  await beingMade.click();
  await studio.button('Cancel').click();
  await expect(page.getByTitle('a boat', { exact: true })).toBeVisible();
  await studio.finished();
  await expect(studio.button('Cancel')).toBeHidden();
});

test('a picture that is made while one looks at another is marked until it is seen', async ({ studio, page }) => {
  await studio.open();
  await studio.draw(house);
  await studio.generate('a house', { Steps: 1 });
  const before = page.getByTitle('a house', { exact: true });
  await expect(before).toBeVisible();
  await studio.finished();
  await studio.generate('a tower', { Steps: 150 });
  await studio.reached(1);
  await before.click();
  await expect(page.getByTitle(/^Is being made/)).toHaveText(/^\d+ %$/);
  const made = page.getByTitle('a tower', { exact: true });
  await expect(made).toHaveAttribute('aria-description', 'not seen yet');
  await expect(before).not.toHaveAttribute('aria-description');
  await made.click();
  await expect(made).not.toHaveAttribute('aria-description');
});
