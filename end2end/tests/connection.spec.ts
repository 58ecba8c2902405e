// Networks that fail while a job runs.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { house } from '../fixtures/studio.ts';

interface Fact {
  type: string;
  job?: string;
  step?: number;
  fresh?: boolean;
}

/** Every fact that any socket of the page brings, by its number; a welcome has none. */
function listen(page: Page): { facts: Map<number, Fact>; welcomes: Fact[] } {
  const heard = { facts: new Map<number, Fact>(), welcomes: [] as Fact[] };
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      if (typeof payload !== 'string') return;
      const { n, fact } = JSON.parse(payload) as { n: number; fact: Fact };
      if (fact.type === 'welcome') heard.welcomes.push(fact);
      else if (n > 0) heard.facts.set(n, fact);
    });
  });
  return heard;
}

test('a socket that is cut in mid-job is taken up again, and no fact is lost', async ({
  page,
  network,
  visit,
}) => {
  // After the third cut the page may wait two seconds: the job must last longer, also on a fast machine. So it is long, and large.
  const steps = 150;
  const heard = listen(page);
  const studio = visit(page, network.address);
  await studio.open();
  await studio.draw(house);
  await studio.synced();
  await page.getByText('More', { exact: true }).click();
  await page.getByRole('combobox', { name: 'Size' }).selectOption('384 px');
  await studio.generate('a house', { Steps: steps });
  for (const step of [5, 20, 35]) {
    await studio.reached(step);
    const links = network.links;
    network.cutLinks();
    await expect.poll(() => network.links).toBeGreaterThan(links);
    await expect(studio.link).toHaveAttribute('data-state', 'socket');
  }
  await studio.finished();

  expect(heard.welcomes.map(({ fresh }) => fresh)).toEqual([true, false, false, false]);
  const numbers = [...heard.facts.keys()].sort((a, b) => a - b);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  const facts = numbers.map((n) => heard.facts.get(n));
  const stepped = facts.filter((fact) => fact?.type === 'step').map((fact) => fact?.step);
  expect(stepped).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
  const previews = await studio.previews();
  expect(previews).toEqual([...previews].sort((a, b) => a - b));
  expect(previews.some((step) => step > 60)).toBe(true);
});

test('without sockets the page polls and still shows previews', async ({ page, network, visit, server }) => {
  network.refuseLinks = true;
  const studio = visit(page, network.address);
  await studio.open();
  await expect(studio.link).toHaveAttribute('data-state', 'polling');
  await studio.draw(house);
  await studio.synced();
  await studio.generate('a house', { Steps: 40 });
  await studio.finished();
  const previews = await studio.previews();
  expect(previews.length).toBeGreaterThan(5);
  expect(previews).toEqual([...previews].sort((a, b) => a - b));
  expect(network.links).toBe(0);
  expect((await server.stats()).polls).toBeGreaterThan(0);

  // And back to the socket as soon as there is one.
  network.refuseLinks = false;
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(studio.link).toHaveAttribute('data-state', 'socket', { timeout: 45_000 });
  const job = await studio.job.getAttribute('data-job');
  await studio.generate('a house', { Steps: 4 });
  await expect(studio.job).not.toHaveAttribute('data-job', job ?? '');
  await studio.finished();
});

test('a browser that was offline while its picture was finished gets it on return', async ({
  context,
  studio,
  server,
}) => {
  await studio.open();
  await studio.draw(house);
  await studio.synced();
  await studio.generate('a house', { Steps: 60 });
  await studio.reached(5);
  await context.setOffline(true);
  await expect(studio.link).toHaveAttribute('data-state', 'offline');
  await expect.poll(async () => (await server.stats()).steps).toBe(60);
  await context.setOffline(false);
  await studio.finished();
  await expect(studio.link).toHaveAttribute('data-state', 'socket');
});

test('a stroke drawn while the server cannot be reached is sent later', async ({
  context,
  studio,
  server,
}) => {
  await studio.open();
  await studio.synced();
  const before = await server.stats();
  await context.setOffline(true);
  await studio.draw(house);
  await expect(studio.sync).not.toHaveAttribute('data-state', 'synced');
  expect((await server.stats()).tiles_received).toBe(before.tiles_received);
  await context.setOffline(false);
  await studio.synced();
  expect((await server.stats()).tiles_received).toBeGreaterThan(before.tiles_received);
});

/** The page reaches nobody any more, until it is loaded again. */
async function away(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.WebSocket = class extends WebSocket {
      constructor() {
        // Nobody listens there.
        super('ws://127.0.0.1:1/');
      }
    };
    window.fetch = () => Promise.reject(new TypeError('away'));
  });
}

test('what was asked for, cancelled and removed while away outlives a reload', async ({ page, network, visit, server }) => {
  const studio = visit(page, network.address);
  await studio.open();
  await studio.draw(house);
  await studio.generate('a house', { Steps: 2 });
  await studio.finished();
  await studio.generate('a castle', { Steps: 150 });
  await studio.reached(1);
  await away(page);
  network.cutLinks();
  await expect(studio.job).toHaveText(/when last heard of/);
  await studio.button('Cancel').click();
  await studio.generate('a boat', { Steps: 3 });
  await page.getByTitle('a house', { exact: true }).click();
  await studio.button('Remove this picture').click();
  await studio.reload();

  // Each once: the house is gone, the castle is stopped, and the boat is made.
  await expect(page.getByTitle('a boat', { exact: true })).toBeVisible();
  await expect(page.getByTitle('a house', { exact: true })).toHaveCount(0);
  await expect(page.getByTitle(/a castle/)).toHaveCount(0);
  expect((await server.stats()).jobs_started).toBe(3);
  // Nothing of it is said again.
  await studio.reload();
  await expect(page.getByTitle('a boat', { exact: true })).toBeVisible();
  expect((await server.stats()).jobs_started).toBe(3);
});
