// Figures that need a browser; `cargo xtask bench` runs them.

import { defineConfig } from '@playwright/test';
import tests from './playwright.config.ts';

export default defineConfig({
  ...tests,
  testDir: 'bench',
  outputDir: 'results/bench',
  reporter: [['line']],
  projects: [{ name: 'desktop', use: { viewport: { width: 1440, height: 900 } } }],
});
