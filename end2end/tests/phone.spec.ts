// The studio in the hand.

import { expect, test } from '../fixtures/test.ts';
import { type Place, house } from '../fixtures/studio.ts';

test('a finger draws and does not scroll the page', async ({ page, studio }) => {
  await studio.open();
  const blank = await studio.pixels(studio.drawing);
  await studio.drawing.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => window.scrollY);
  await studio.stroke([[0.5, 0.9], [0.5, 0.1]]);
  expect(await page.evaluate(() => window.scrollY)).toBe(before);
  expect(await studio.pixels(studio.drawing)).not.toBe(blank);
  await expect(studio.button('Undo')).toBeEnabled();
});

test('a stroke follows the finger', async ({ studio }) => {
  await studio.open();
  await studio.stroke([[0.25, 0.5], [0.75, 0.5]]);
  // A line from a quarter to three quarters of the width, at half the height, and nothing else.
  const inked = await studio.drawing.evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
    const places = [...Array(width * height).keys()].filter((i) => data[i * 4 + 3]! > 0 && data[i * 4 + 1]! < 128);
    const columns = places.map((i) => (i % width) / width);
    const rows = places.map((i) => Math.floor(i / width) / height);
    const span = (all: number[]) => [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
    return { columns: span(columns), rows: span(rows) };
  });
  expect(inked.columns[0]).toBeCloseTo(0.25, 1);
  expect(inked.columns[1]).toBeCloseTo(0.75, 1);
  expect(inked.rows[0]).toBeCloseTo(0.5, 1);
  expect(inked.rows[1]).toBeCloseTo(0.5, 1);
});

test('two fingers bring the paper nearer and draw nothing; one draws on what is seen', async ({ page, studio }) => {
  await studio.open();
  const blank = await studio.pixels(studio.drawing);
  const frame = (await studio.drawing.boundingBox())!;
  const [x, y] = [frame.x + frame.width / 2, frame.y + frame.height / 2];
  const fingers = await page.context().newCDPSession(page);
  const apart = (by: number) => [{ x: x - by, y, id: 1 }, { x: x + by, y, id: 2 }];
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: apart(20).slice(0, 1) });
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: apart(20) });
  for (const by of [30, 40]) {
    await fingers.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: apart(by) });
  }
  // One finger is lifted and comes down again: it goes on from there.
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: apart(40).slice(0, 1) });
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: apart(40) });
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: apart(80) });
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await fingers.detach();
  await expect(studio.button('See all of the paper')).toHaveText('4.0 ×');
  await expect(studio.button('Undo')).toBeDisabled();
  expect(await studio.pixels(studio.drawing)).toBe(blank);

  // From the middle of what is seen to the right, by a quarter of its width: a sixteenth of the paper.
  const near = (await studio.drawing.boundingBox())!;
  expect(near.width).toBeCloseTo(4 * frame.width, 0);
  const inPaper = (at: number) => [(x + at * frame.width - near.x) / near.width, (y - near.y) / near.height] as const;
  await studio.stroke([inPaper(0), inPaper(0.25)]);
  const [left, right] = await studio.drawing.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const { data } = (element as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
    const inked = [...Array(width * height).keys()].filter((at) => data[4 * at + 1]! < 128).map((at) => (at % width) / width);
    return [inked.reduce((a, b) => Math.min(a, b)), inked.reduce((a, b) => Math.max(a, b))];
  });
  expect(left).toBeCloseTo(0.5, 1);
  expect(right! - left!).toBeGreaterThan(0.0625);
  expect(right! - left!).toBeLessThan(0.1);
  await studio.button('See all of the paper').click();
  await expect(studio.button('See all of the paper')).toBeHidden();
  expect(await studio.drawing.boundingBox()).toEqual(frame);
});

test('nothing is wider than the screen, in any state', async ({ page, studio }) => {
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await studio.open();
  expect(await overflow()).toBe(0);
  await studio.draw(house);
  await studio.generate('a house with a very long name that goes on and on '.repeat(6), { Steps: 60 });
  await studio.reached(5);
  expect(await overflow()).toBe(0);
  await studio.finished();
  expect(await overflow()).toBe(0);
});

test('nothing is wider than the screen on a bad network', async ({ page, network, visit }) => {
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  network.refuseLinks = true;
  const studio = visit(page, network.address);
  await studio.open();
  await expect(studio.link).toHaveAttribute('data-state', 'polling');
  expect(await overflow()).toBe(0);
  await page.context().setOffline(true);
  await studio.stroke([[0.2, 0.2], [0.8, 0.8]]);
  await expect(studio.sync).toHaveAttribute('data-state', 'failed');
  await expect(studio.link).toHaveAttribute('data-state', 'offline');
  expect(await overflow()).toBe(0);
  // What was drawn meanwhile goes up on return.
  await page.context().setOffline(false);
  await studio.synced();
});

test('on its side the paper, the picture, the tools and the prompt are in sight together', async ({ page, studio }) => {
  await page.setViewportSize({ width: 844, height: 390 });
  await studio.open();
  await studio.draw([[[0.2, 0.2], [0.8, 0.8]]]);
  await studio.generate('a house', { Steps: 1 });
  await studio.finished();
  expect((await studio.drawing.boundingBox())!.width).toBeGreaterThan(390 / 2);
  // And without scrolling what can be done with the picture, and how it may be painted.
  for (const name of ['Download', 'Draw on it', 'watercolour']) {
    await expect(page.getByLabel(name).or(studio.button(name))).toBeInViewport({ ratio: 1 });
  }
  for (const [width, height] of [[844, 390], [853, 480], [568, 320]] as const) {
    await page.setViewportSize({ width, height });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await studio.drawing.scrollIntoViewIfNeeded();
    for (const part of [studio.drawing, studio.picture, ...['Brush', 'Undo', 'Import', 'Generate'].map((name) => studio.button(name))]) {
      await expect(part).toBeInViewport({ ratio: 1 });
      // Nothing lies over it.
      await part.click({ trial: true });
    }
  }
});

test('a picture that is laid onto the paper is seen there', async ({ page, studio }) => {
  await page.setViewportSize({ width: 390, height: 700 });
  await studio.open();
  await studio.draw(house);
  await studio.generate('a house', { Steps: 4 });
  await studio.finished();
  await expect(studio.drawing).not.toBeInViewport({ ratio: 1 });
  await studio.button('Draw on it').click();
  await expect(studio.drawing).toBeInViewport({ ratio: 1 });
});

test('what a finger must hit is large enough', async ({ page, studio }) => {
  await studio.open();
  const small = await page.getByRole('button').evaluateAll((buttons) =>
    buttons
      .map((button) => ({ name: button.getAttribute('aria-label') ?? button.textContent, box: button.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.width < 32 || box.height < 32))
      .map(({ name, box }) => `${name}: ${box.width} x ${box.height}`),
  );
  expect(small).toEqual([]);
});

test('a finger that stays where it is makes its line straight', async ({ page, studio }) => {
  await studio.open();
  await studio.drawing.scrollIntoViewIfNeeded();
  const box = (await studio.drawing.boundingBox())!;
  const session = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...places: Place[]) =>
    session.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: places.map(([x, y]) => ({ x: box.x + x * box.width, y: box.y + y * box.height })),
    });
  await touch('touchStart', [0.2, 0.5]);
  for (let n = 1; n <= 12; n += 1) await touch('touchMove', [0.2 + 0.05 * n, 0.5 + 0.03 * Math.sin((n / 12) * Math.PI)]);
  expect(await studio.colour([0.5, 0.5]), 'it is bent at first').toEqual([255, 255, 255]);
  await expect.poll(() => studio.colour([0.5, 0.5])).not.toEqual([255, 255, 255]);
  await touch('touchEnd');
  expect(await studio.colour([0.5, 0.53])).toEqual([255, 255, 255]);
  await studio.synced();
  await expect(studio.button('Redo')).toBeDisabled();
});

test('a style can be tapped while a long prompt is being written', async ({ page, studio }) => {
  await studio.open();
  const prompt = studio.field('Prompt');
  await prompt.tap();
  const words = 'a house by the sea with a boat and a lighthouse, and gulls over its roof in the morning';
  await page.keyboard.type(words);
  await studio.button('ink').tap();
  await expect(prompt).toHaveValue(`${words}, ink`);
  await expect(studio.button('ink')).toHaveAttribute('aria-pressed', 'true');
});
