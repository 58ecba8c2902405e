// The studio behind somebody's reverse proxy.

import { expect, test } from '../fixtures/test.ts';
import { house } from '../fixtures/studio.ts';
import { Proxy } from '../fixtures/proxy.ts';

test('below a path everything works, with or without the slash', async ({ page, server, visit }) => {
  const proxy = await Proxy.before(server.address, '/my/studio');
  await page.goto(proxy.address);
  await page.waitForURL(`${proxy.address}/`);
  const strangers: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${proxy.address}/`)) strangers.push(request.url());
  });
  const studio = visit(page, proxy.address);
  await studio.open();
  await expect(studio.link).toHaveAttribute('data-state', 'socket');
  await studio.draw(house);
  await studio.synced();
  await studio.generate('a house', { Steps: 6 });
  const picture = await studio.finished();
  expect((await studio.download()).suggestedFilename()).toContain(picture.slice(0, 8));
  expect(strangers).toEqual([]);
  await page.close();
  await proxy.stop();
});

test('below a path that lets no socket through the page polls, previews included', async ({ page, server, visit }) => {
  const proxy = await Proxy.before(server.address, '/my/studio');
  proxy.sockets = false;
  const studio = visit(page, proxy.address);
  await studio.open();
  await expect(studio.link).toHaveAttribute('data-state', 'polling');
  await studio.draw(house);
  await studio.synced();
  await studio.generate('a house', { Steps: 20 });
  await studio.finished();
  expect((await server.stats()).frames_sent).toBeGreaterThan(0);
  await page.close();
  await proxy.stop();
});
