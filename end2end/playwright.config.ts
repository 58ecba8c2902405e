import { defineConfig } from '@playwright/test';
import * as paths from './fixtures/paths.ts';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'results/failures',
  // Each test has a server of its own that computes on all cores: side by side they only wait.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  // Long jobs are 150 steps: four seconds on two idle cores, a minute beside busy neighbours.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  reporter: [['list'], ['html', { outputFolder: 'report', open: 'never' }]],
  use: {
    // A film of the page would cost more than the page, and previews give way to it.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: paths.browser(), args: paths.browserArguments },
  },
  projects: [
    { name: 'desktop', use: { viewport: { width: 1440, height: 900 } }, testIgnore: /phone\.spec/ },
    {
      name: 'phone',
      use: {
        viewport: { width: 390, height: 844 },
        deviceScaleFactor: 3,
        hasTouch: true,
        isMobile: true,
      },
      testMatch: /(phone|generate|further|looks|live|link)\.spec/,
    },
  ],
});
