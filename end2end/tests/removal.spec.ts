// What one does not want to keep goes, and can be had back for a while.

import { expect, test } from '../fixtures/test.ts';
import { house } from '../fixtures/studio.ts';

test('a removed picture can be brought back, and else is gone from every page and from the disk', async ({
  page,
  context,
  server,
  studio,
  visit,
}) => {
  await studio.open();
  await studio.draw(house);
  const made: string[] = [];
  for (const seed of [1, 2]) {
    await studio.generate('a house under the sun', { Steps: 2, Seed: seed });
    made.push(await studio.finished());
  }
  const [first, second] = made as [string, string];
  const strip = page.getByRole('navigation').getByRole('img');
  const status = async (digest: string) => (await page.request.get(`${server.address}/pictures/${digest}.png`)).status();

  // Who presses twice out of habit removes one, and goes on with its neighbour.
  await studio.button('Remove this picture').dblclick();
  await expect(studio.picture).toHaveAttribute('data-picture', first);
  await expect(strip).toHaveCount(1);
  await studio.button('Undo removal').click();
  await expect(strip).toHaveCount(2);
  await expect(studio.picture).toHaveAttribute('data-picture', second);
  await expect(studio.button('Undo removal')).toBeHidden();
  expect(await status(second)).toBe(200);

  await studio.button('Remove this picture').click();
  await expect(studio.picture).toHaveAttribute('data-picture', first);

  // The page is left: that is for good then, also where the picture is seen just now.
  const phone = visit(await context.newPage(), server.address);
  await phone.open();
  await expect(phone.page.getByRole('navigation').getByRole('img')).toHaveCount(2);
  await page.goto('about:blank');
  await expect(phone.page.getByRole('navigation').getByRole('img')).toHaveCount(1);
  expect(await status(second)).toBe(404);
  await studio.open();
  await expect(strip).toHaveCount(1);
  await expect(strip).toHaveAttribute('src', `thumbs/${first}.jpg`);
});

test('by keyboard the focus goes along with what can be pressed', async ({ page, studio }) => {
  await studio.open();
  await studio.draw(house);
  await studio.generate('a house under the sun', { Steps: 2, Seed: 1 });
  const picture = await studio.finished();
  await studio.button('Remove this picture').focus();
  await page.keyboard.press('Enter');
  await expect(studio.button('Undo removal')).toBeFocused();
  await expect(page.getByText('The picture forms here.')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(studio.picture).toHaveAttribute('data-picture', picture);
  await expect(studio.button('Remove this picture')).toBeFocused();

  await studio.generate('a house under the sun', { Steps: 150 });
  await studio.button('Cancel').focus();
  await page.keyboard.press('Enter');
  await expect(studio.job).toHaveAttribute('data-state', 'cancelled');
  await expect(studio.button('Generate')).toBeFocused();
});

test('arrow keys go along the pictures, which are one stop of the Tab key', async ({ page, studio }) => {
  await studio.open();
  await studio.draw(house);
  const titles = ['a barn', 'a house', 'a tower'];
  const made: string[] = [];
  for (const title of titles) {
    await studio.generate(title, { Steps: 1 });
    await expect(page.getByTitle(title, { exact: true })).toBeVisible();
    made.push(await studio.finished());
  }
  const [barn, middle, tower] = titles.map((title) => page.getByTitle(title, { exact: true }));
  // The newest comes first.
  await tower!.focus();
  await page.keyboard.press('ArrowDown');
  await expect(middle!).toBeFocused();
  await expect(studio.picture).toHaveAttribute('data-picture', made[1]!);
  await page.keyboard.press('End');
  await expect(barn!).toBeFocused();
  await expect(studio.picture).toHaveAttribute('data-picture', made[0]!);
  await page.keyboard.press('Tab');
  await expect(page.locator('#kept :focus')).toHaveCount(0);
  await page.keyboard.press('Shift+Tab');
  await expect(barn!).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Delete');
  await expect(middle!).toBeHidden();
  await expect(page.locator('#kept [aria-current="true"]')).toBeFocused();
  await page.keyboard.press('Delete');
  await page.keyboard.press('Delete');
  await expect(page.locator('#kept img')).toHaveCount(0);
  await expect(studio.button('Undo removal')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#kept img')).toHaveCount(1);
});
