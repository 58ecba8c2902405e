// What people own beside checkpoints, dropped into the models folder: a ControlNet and a LoRA are chosen on the page.

import { readFile } from 'node:fs/promises';
import { expect, test } from '../fixtures/test.ts';
import { control, lora } from '../fixtures/additions.ts';
import { golden } from '../fixtures/paths.ts';
import { texts } from '../fixtures/png.ts';
import { house } from '../fixtures/studio.ts';

test('a ControlNet and a LoRA are offered with the model that they are for, and go with the picture', async ({
  server,
  studio,
}) => {
  await control(server.modelsFolder('controls/scribble'));
  await lora(server.modelsFolder('loras/ink.safetensors'));
  await server.offer(golden, 'plain');
  await studio.open();
  await studio.draw(house);
  const { page } = studio;
  const list = (name: string) => page.getByRole('combobox', { name, exact: true });
  const prompt = page.getByRole('textbox', { name: 'Prompt' });
  const weight = page.getByRole('slider', { name: 'Its weight' });
  await expect(list('Model')).toBeVisible({ timeout: 15_000 });
  await page.getByText('More', { exact: true }).click();
  await expect(list('Scheduler')).toBeVisible();
  await expect(list('ControlNet')).toHaveCount(0);

  await list('Model').selectOption('plain');
  const ink = page.getByRole('group', { name: 'LoRAs' }).getByRole('button', { name: 'ink' });
  await studio.set('Prompt', 'a house');
  await ink.click();
  await expect(ink).toHaveAttribute('aria-pressed', 'true');
  await expect(prompt).toHaveValue('a house, <lora:ink:1>');
  await list('ControlNet').selectOption('scribble');
  await weight.fill('0.65');
  await studio.generate('a house, <lora:ink:1>', { Steps: 4, Seed: 3 });
  await studio.finished();
  const said = texts(await readFile(await (await studio.download()).path())).get('parameters');
  expect(said).toContain('a house, <lora:ink:1>\n');
  expect(said).toContain('ControlNet: scribble, ControlNet weight: 0.65');

  await list('ControlNet').selectOption('None');
  await expect(weight).toBeHidden();
  await ink.click();
  await expect(prompt).toHaveValue('a house');
  await studio.button('Use these settings again').click();
  await expect(list('ControlNet')).toHaveValue('scribble');
  await expect(weight).toHaveValue('0.65');
});
