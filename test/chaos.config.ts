import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { SummaryReporter } from './support/reporter.ts'

/** The long scenarios: faults for minutes on end, one file at a time, with the machine to themselves. */
export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    include: ['test/chaos/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['verbose', new SummaryReporter()],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
})
