// What a visit loads, and what the next does not.

import { expect, test } from '../fixtures/test.ts';

test('a first visit takes six requests at most, and its files are kept for ever', async ({ page, studio, server }) => {
  const answers: Record<string, { policy: string; coding: string }> = {};
  page.on('response', async (response) => {
    const { pathname } = new URL(response.url());
    const headers = response.headers();
    const policy = headers['cache-control'] ?? '';
    answers[pathname] = { policy, coding: headers['content-encoding'] ?? '' };
  });
  // What the drawing's worker loads a second time comes from the cache; what is sent up follows once one can draw.
  const asked = new Set<string>();
  page.on('request', (request) => asked.add(request.url()));
  page.on('websocket', (socket) => asked.add(socket.url()));
  await studio.open();
  await expect(studio.link).toHaveAttribute('data-state', 'socket');
  await studio.synced();
  const loaded = [...asked].filter((url) => !url.includes('/api/tiles'));
  expect(loaded.length, loaded.join(' ')).toBeLessThanOrEqual(6);
  // Browsers take Brotli over HTTPS alone.
  const coded = /^(br|gzip)$/;
  expect(answers['/']).toEqual({ policy: 'no-cache', coding: expect.stringMatching(coded) });
  const files = Object.entries(answers).filter(([path]) => /\.(js|wasm)$/.test(path) && path.includes('pkg/'));
  expect(files.length).toBeGreaterThanOrEqual(2);
  for (const [path, { policy, coding }] of files) {
    expect(policy, path).toContain('immutable');
    expect(coding, path).toMatch(coded);
  }
  // One that stands below no name of its own is asked for each time.
  const bare = await page.request.get(`${server.address}${files[0]![0]}`);
  expect(bare.headers()['cache-control']).toBe('no-cache');
});
