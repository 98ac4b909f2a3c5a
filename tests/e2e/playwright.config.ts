import { fileURLToPath } from 'node:url';
import { defineConfig, devices } from '@playwright/test';

const root = fileURLToPath(new URL('../..', import.meta.url));
const port = Number(process.env.E2E_PORT ?? 4173);
// A page that is served already, such as `npm start`'s: then nothing is built.
const served = process.env.E2E_URL;
const vite = (task: string): string =>
  `vite ${task} www -c www/vite.config.ts --outDir ../target/e2e-site`;
const build = `${vite('build')} --logLevel warn`;
// `npm test` finds a Chromium and names it here; without it Playwright takes its own.
const chromium = process.env.CHROME_PATH;
// Set where a Firefox is. Playwright's own is a Firefox that nobody has, so it is the system's.
const firefox = process.env.FIREFOX_PATH;
// Chromium refuses its sandbox to root, and in most containers.
const isRoot = process.getuid?.() === 0;
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export default defineConfig({
  testDir: '.',
  outputDir: `${root}/test-results`,
  forbidOnly: Boolean(process.env.CI),
  // A browser on a starved machine gets a second try; the summary then calls the test flaky.
  retries: process.env.CI ? 1 : 0,
  fullyParallel: true,
  // A page mostly waits, for virtual time or for axe, so two share two cores well.
  workers: 2,
  timeout: 60_000,
  reporter: [['list']],
  use: {
    baseURL: served ?? `http://127.0.0.1:${port}/`,
    // A trace photographs the page around every action: each press of a key then takes 200 ms
    // instead of 15, and what the clock decides fails. So only a second try has one.
    trace: 'on-first-retry',
  },
  projects: [
    {
      name: 'chromium',
      use: {
        ...devices['Desktop Chrome'],
        viewport: { width: 1440, height: 900 },
        launchOptions: {
          ...(chromium ? { executablePath: chromium } : {}),
          args: isRoot ? ['--no-sandbox', ...quiet] : quiet,
        },
      },
    },
    ...(firefox
      ? [
          {
            name: 'firefox',
            workers: 1,
            // BiDi emulates neither touch nor media yet: what needs that is Chromium's. So is axe,
            // which reads the same document there and takes a minute for each width here.
            testIgnore: /(axe|touch)\.spec\.ts$/,
            grepInvert: /@emulated/,
            timeout: 120_000,
            use: {
              ...devices['Desktop Firefox'],
              // Over WebDriver BiDi, which an unpatched Firefox speaks.
              channel: 'moz-firefox',
              viewport: { width: 1440, height: 900 },
              launchOptions: { executablePath: firefox },
            },
          },
        ]
      : []),
  ],
  // The built page, not the development server: what is tested is what is published.
  ...(served
    ? {}
    : {
        webServer: {
          command: `${build} && ${vite('preview')} --port ${port} --strictPort`,
          cwd: root,
          url: `http://127.0.0.1:${port}/`,
          timeout: 120_000,
          reuseExistingServer: false,
        },
      }),
});
