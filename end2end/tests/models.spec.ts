// A checkpoint that is dropped into the models folder can be chosen on a page that is open.

import { readFile } from 'node:fs/promises';
import { expect, test } from '../fixtures/test.ts';
import { golden } from '../fixtures/paths.ts';
import { texts } from '../fixtures/png.ts';
import { house } from '../fixtures/studio.ts';

test('another model is offered, makes a picture with the settings that suit it, and is remembered', async ({
  server,
  studio,
}) => {
  await studio.open();
  await studio.draw(house);
  const model = studio.page.getByRole('combobox', { name: 'Model' });
  const steps = studio.page.getByRole('spinbutton', { name: 'Steps' });
  await expect(model).toHaveCount(0);
  await expect(steps).toHaveValue('20');
  await server.offer(golden, 'scribbler');
  // The server looks at its folder every five seconds.
  await expect(model).toBeVisible({ timeout: 15_000 });
  await model.selectOption('scribbler');
  await expect(steps).toHaveValue('25');
  await studio.page.getByText('More', { exact: true }).click();
  await studio.page.getByRole('slider', { name: 'Clip skip' }).fill('2');
  await studio.generate('a house', { Steps: 4, Seed: 3 });
  await studio.finished();
  const said = texts(await readFile(await (await studio.download()).path())).get('parameters');
  expect(said).toContain('Model: scribbler');
  expect(said).toContain('Clip skip: 2');

  await studio.reload();
  await expect(model).toHaveValue('scribbler');
  await model.selectOption('Pentimento');
  await expect(steps).toHaveValue('20');
  // Each keeps its own.
  await studio.set('Steps', 30);
  await model.selectOption('scribbler');
  await expect(steps).toHaveValue('4');
  await studio.set('Steps', 9);
  await model.selectOption('Pentimento');
  await expect(steps).toHaveValue('30');
  await studio.button('Use these settings again').click();
  await expect(model).toHaveValue('scribbler');
  await expect(steps).toHaveValue('4');
});
