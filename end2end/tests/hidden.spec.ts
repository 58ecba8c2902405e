// A hidden page gets no previews and costs none, unless its viewer asked for them.

import { expect, test } from '../fixtures/test.ts';
import { Browser, type Tab } from '../fixtures/tabs.ts';
import type { Server, Stats } from '../fixtures/server.ts';

const steps = 150;

const prompt = '[aria-label="Prompt"]';
const generate = 'button[type="submit"]';
const background = 'input[type="checkbox"]';

let browser: Browser;
test.beforeEach(async () => {
  browser = await Browser.start();
});
test.afterEach(async () => {
  await browser.stop();
});

async function open(server: Server): Promise<Tab> {
  const tab = await browser.window(`${server.address}/`);
  await expect.poll(() => tab.ready()).toBe(true);
  await tab.drag('[data-testid="drawing"]', 60);
  await expect.poll(() => tab.attribute('sync', 'data-state')).toBe('synced');
  return tab;
}

async function settings(tab: Tab): Promise<void> {
  await tab.type('input[type="number"][max="150"][min="1"]', String(steps));
  await tab.type(prompt, 'a house');
}

async function start(tab: Tab): Promise<void> {
  await settings(tab);
  await tab.click(generate);
}

/** Hides the tab behind another one of its window. */
async function hide(tab: Tab): Promise<void> {
  await browser.tab('about:blank');
  await expect.poll(() => tab.visibility()).toBe('hidden');
}

async function finished(tab: Tab): Promise<void> {
  await expect.poll(() => tab.attribute('job', 'data-state')).toBe('finished');
}

/** Counters once the server knows that nobody looks: they stand still from one step to the next. */
async function settled(server: Server): Promise<Stats> {
  let before = await server.stats();
  await expect
    .poll(async () => {
      const now = await server.stats();
      const still = now.steps > before.steps && now.made === before.made;
      before = now;
      return still;
    })
    .toBe(true);
  return before;
}

test('a hidden page costs no preview, and is up to date when it is seen again', async ({ server }) => {
  const tab = await open(server);
  await start(tab);
  await expect.poll(async () => (await server.stats()).made).toBeGreaterThan(3);
  await hide(tab);
  const before = await settled(server);
  expect(before.steps).toBeLessThan(steps - 20);
  await expect.poll(() => tab.evaluate('document.title')).toMatch(/^\d+ % · Pentimento$/);
  await expect.poll(async () => (await server.stats()).steps).toBe(steps);
  const after = await server.stats();
  expect(after).toMatchObject({ wanted: before.wanted, made: before.made, frames_sent: before.frames_sent });
  // Facts go on: the hidden page knows that its picture is done.
  await finished(tab);
  expect(await tab.evaluate('document.title')).toBe('Done · Pentimento');
  await tab.show();
  await expect.poll(() => tab.evaluate('document.title')).toBe('Pentimento');
  await expect.poll(() => tab.attribute('picture', 'data-picture')).toMatch(/^[0-9a-f]{32}$/);
});

test('previews begin again when the page is seen again in mid-job', async ({ server }) => {
  const tab = await open(server);
  await settings(tab);
  await hide(tab);
  // A hidden page gets no real clicks.
  await tab.evaluate(`document.querySelector('${generate}').click()`);
  await expect.poll(async () => (await server.stats()).steps).toBeGreaterThan(10);
  expect(await server.stats()).toMatchObject({ wanted: 0, made: 0, frames_sent: 0 });
  await tab.show();
  await expect.poll(async () => (await server.stats()).made).toBeGreaterThan(5);
  await expect.poll(async () => Number(await tab.attribute('picture', 'data-frames'))).toBeGreaterThan(3);
  expect((await server.stats()).steps).toBeLessThan(steps);
});

test('a hidden page gets previews if its viewer wants them in the background', async ({ server }) => {
  const tab = await open(server);
  await tab.click(background);
  await start(tab);
  await expect.poll(async () => (await server.stats()).made).toBeGreaterThan(3);
  await hide(tab);
  const before = Number(await tab.attribute('picture', 'data-frames'));
  await expect.poll(async () => Number(await tab.attribute('picture', 'data-frames'))).toBeGreaterThan(before + 10);
  expect(await tab.visibility()).toBe('hidden');
  await finished(tab);
  expect(await server.stats()).toMatchObject({ wanted: steps - 1, made: steps - 1 });
});
