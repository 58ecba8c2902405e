// What most pictures need no word about is there for those who look, and comes back with a picture.

import { readFile } from 'node:fs/promises';
import { expect, test } from '../fixtures/test.ts';
import { texts } from '../fixtures/png.ts';
import { house } from '../fixtures/studio.ts';

test('guidance, scheduler, noise levels, size and what to leave out reach a picture and come back with it', async ({
  studio,
}) => {
  await studio.open();
  await studio.draw(house);
  const guidance = studio.page.getByRole('slider', { name: 'Guidance' });
  const scheduler = studio.page.getByRole('combobox', { name: 'Scheduler' });
  const levels = studio.page.getByRole('combobox', { name: 'Noise levels' });
  const size = studio.page.getByRole('combobox', { name: 'Size' });
  const absent = studio.page.getByRole('textbox', { name: 'Leave out' });
  await expect(scheduler).toBeHidden();
  const more = studio.page.getByText('More', { exact: true });
  await more.click();
  await guidance.fill('2');
  await scheduler.selectOption('UniPC');
  await levels.selectOption('Karras');
  await size.selectOption('384 px');
  await absent.fill('fog');
  await studio.generate('a house', { Steps: 4, Seed: 3 });
  await studio.finished();
  const said = texts(await readFile(await (await studio.download()).path())).get('parameters');
  expect(said).toContain('Negative prompt: fog');
  expect(said).toMatch(/Sampler: UniPC, CFG scale: 2,[^]*Schedule type: Karras/);
  expect(said).toContain('Size: 384x384');

  // Chosen otherwise, remembered over a reload, and taken from the picture again.
  await guidance.fill('7.5');
  await scheduler.selectOption('Euler a');
  await levels.selectOption("The model's");
  await size.selectOption('256 px');
  await absent.fill('');
  await studio.reload();
  await more.click();
  await expect(guidance).toHaveValue('7.5');
  await expect(scheduler).toHaveValue('Euler a');
  await studio.button('Use these settings again').click();
  await expect(guidance).toHaveValue('2');
  await expect(scheduler).toHaveValue('UniPC');
  await expect(levels).toHaveValue('Karras');
  await expect(size).toHaveValue('384 px');
  // And once more over what was picked by hand.
  await size.selectOption('640 px');
  await studio.button('Use these settings again').click();
  await expect(size).toHaveValue('384 px');
  await expect(absent).toHaveValue('fog');
  await studio.button('As the model suggests').click();
  await expect(size).toHaveValue('256 px');
  await expect(studio.field('Steps')).toHaveValue('20');
  await expect(studio.button('As the model suggests')).toBeDisabled();
});

test('what is opened is on the screen, and nothing lies over it', async ({ page, studio }) => {
  await studio.open();
  await page.getByText('More', { exact: true }).click();
  const last = page.getByRole('combobox', { name: 'Photographs' });
  await expect(last).toBeInViewport({ ratio: 1 });
  const onTop = () =>
    last.evaluate((it) => {
      const { left, top, width, height } = it.getBoundingClientRect();
      return it.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    });
  await expect.poll(onTop).toBe(true);
});

test('sharp previews are decoded by the server, for those who ask', async ({ page, studio, server }) => {
  const encoded = async () => {
    const metrics = await (await page.request.get(`${server.address}/metrics`)).text();
    return Number(/^pentimento_jpeg_encodes_total (\d+)/m.exec(metrics)?.[1]);
  };
  await studio.open();
  await studio.draw(house);
  await studio.generate('a house', { Steps: 8, Seed: 3 });
  await studio.finished();
  expect(await encoded()).toBe(0);
  await page.getByText('More', { exact: true }).click();
  await page.getByRole('combobox', { name: 'Previews' }).selectOption('Sharp');
  const last = await studio.job.getAttribute('data-job');
  const before = (await studio.previews()).length;
  await studio.generate('a house', { Steps: 20, Seed: 4 });
  await expect(studio.job).not.toHaveAttribute('data-job', last ?? '');
  await studio.finished();
  expect(await encoded()).toBeGreaterThan(0);
  expect((await studio.previews()).length).toBeGreaterThan(before);
});
