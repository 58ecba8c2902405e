// Figures that need a browser; `cargo xtask bench` runs them.

import { defineConfig } from '@playwright/test';
import tests from './playwright.config.ts';

export default defineConfig({
  ...tests,
  testDir: 'bench',
  outputDir: 'results/bench',
  reporter: [['line']],
  // A trace is a film of the page and a copy of it for every action: it would be most of what is measured.
  use: { ...tests.use, trace: 'off' },
  projects: [{ name: 'desktop', use: { viewport: { width: 1440, height: 900 } } }],
});
