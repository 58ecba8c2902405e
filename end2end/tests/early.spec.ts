// One can draw before the program has come.

import { expect, test } from '../fixtures/test.ts';

test('strokes drawn before the program is there are seen at once and handed over, also in the middle of one', async ({
  page,
  server,
  studio,
}) => {
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  await page.route('**/*.wasm*', async (route) => {
    await arrived;
    await route.continue();
  });
  // The page's own script waits for the program, and so does the page's `load`.
  await page.goto(server.address, { waitUntil: 'commit' });
  const paper = page.getByTestId('drawing');
  await expect(paper).toBeVisible();
  const box = (await paper.boundingBox())!;
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  const inked = (x: number, y: number) =>
    paper.evaluate(
      (canvas: HTMLCanvasElement, [x, y]) => {
        const [red, , , alpha] = canvas
          .getContext('2d')!
          .getImageData(x! * canvas.width, y! * canvas.height, 1, 1).data;
        return alpha === 255 && red! < 100;
      },
      [x, y],
    );

  await page.mouse.move(...at(0.2, 0.2));
  await page.mouse.down();
  await page.mouse.move(...at(0.8, 0.2), { steps: 6 });
  await page.mouse.up();
  expect(await inked(0.5, 0.2)).toBe(true);
  await page.mouse.move(...at(0.2, 0.6));
  await page.mouse.down();
  await page.mouse.move(...at(0.5, 0.6), { steps: 3 });

  arrive();
  await expect(page.locator('body[data-ready]')).toBeAttached();
  await page.mouse.move(...at(0.8, 0.6), { steps: 3 });
  await page.mouse.up();
  for (const [x, y] of [[0.5, 0.2], [0.3, 0.6], [0.7, 0.6]] as const) expect(await inked(x, y)).toBe(true);

  // Two strokes, and nothing else.
  const undo = studio.button('Undo');
  await undo.click();
  expect([await inked(0.5, 0.2), await inked(0.3, 0.6), await inked(0.7, 0.6)]).toEqual([true, false, false]);
  await undo.click();
  expect(await inked(0.5, 0.2)).toBe(false);
  await expect(undo).toBeDisabled();
  await expect(page.getByTestId('sync')).toHaveAttribute('data-state', 'synced');
});

test('a program that does not come is asked for again, and what was drawn meanwhile stays', async ({
  page,
  server,
  studio,
}) => {
  // First the script is lost, then the program, as on a train; what is loaded ahead does not count.
  const lost = { '.js': 1, '.wasm': 2 };
  await page.route(/pentimento[^/]*\.(js|wasm)/, async (route) => {
    const kind = new URL(route.request().url()).pathname.endsWith('.js') ? '.js' : '.wasm';
    if (lost[kind]-- > 0) await route.abort();
    else await route.continue();
  });
  await page.goto(server.address, { waitUntil: 'commit' });
  const trouble = page.getByRole('alert').filter({ hasText: 'has not come through yet' });
  await expect(trouble).toBeVisible();
  const box = (await page.getByTestId('drawing').boundingBox())!;
  await page.mouse.move(box.x + 40, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 90, { steps: 4 });
  await page.mouse.up();

  await expect(page.locator('body[data-ready]')).toBeAttached();
  await expect(trouble).toBeHidden();
  await expect(studio.button('Undo')).toBeEnabled();
  expect(lost['.wasm']).toBeLessThan(0);
  await expect(page.getByTestId('sync')).toHaveAttribute('data-state', 'synced');
});

test('a browser that cannot run the program says so', async ({ page, server }) => {
  await page.addInitScript(() => (WebAssembly.validate = () => false));
  await page.route('**/*.wasm*', (route) => route.fulfill({ contentType: 'application/wasm', body: 'old' }));
  await page.goto(server.address);
  await expect(page.getByRole('alert').filter({ hasText: 'too old for the studio' })).toBeVisible();
});
