import { configDefaults, defineConfig } from 'vitest/config'
import { SummaryReporter } from './test/support/reporter.ts'

/** Files that end processes, exhaust something or replace a module of Node's; and those whose time is not spent on reading the program. */
const ALONE = [
  'test/blobs/full-disk.test.ts',
  'test/cli/**/*.test.ts',
  'test/db/backup/**/*.test.ts',
  'test/db/embedded/**/*.test.ts',
  'test/scenarios/**/*.test.ts',
  'test/setup/**/*.test.ts',
]
const EACH = { pool: 'forks', maxWorkers: 2, testTimeout: 60_000, hookTimeout: 60_000 } as const

/**
 * Every test but the long ones (test/chaos.config.ts), two files at a time, because PostgreSQL and the servers under test need the rest of
 * the machine. Most files follow one another in one process, which so reads the program once and not three hundred times: importing a
 * module has no effect, and what a test opens it closes. A file that cannot live so belongs to those that run alone.
 */
export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', new SummaryReporter()],
    maxWorkers: EACH.maxWorkers,
    teardownTimeout: 30_000,
    // The browser's own request client, which only signs people in, sometimes lets go of a kept connection late. No test is about that; what
    // a test asks for and does not get fails the test itself.
    onUnhandledError: (error) => !('code' in error && error.code === 'ECONNRESET' && error.message === 'socket hang up'),
    projects: [
      { test: { ...EACH, name: 'alone', include: ALONE, isolate: true } },
      {
        test: {
          ...EACH,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/chaos/**', ...ALONE],
          isolate: false,
        },
      },
    ],
  },
})
