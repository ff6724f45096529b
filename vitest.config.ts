import { defineConfig } from 'vitest/config'
import { SummaryReporter } from './test/support/reporter.ts'

/**
 * Every test but the long ones (test/chaos.config.ts). Each file runs in a process of its own, since many kill servers or exhaust
 * something; two at a time, because PostgreSQL and the servers under test need the rest of the machine.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/chaos/**', '**/node_modules/**'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', new SummaryReporter()],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    // The browser's own request client, which only signs people in, sometimes lets go of a kept connection late. No test is about that; what
    // a test asks for and does not get fails the test itself.
    onUnhandledError: (error) => !('code' in error && error.code === 'ECONNRESET' && error.message === 'socket hang up'),
  },
})
