import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends a run with `N passed, N failed, N skipped`. A file that cannot be loaded and an error outside of any test count as failed:
 * a run that did not test something must never look like one that did. `bin/ci` asks for the line in a file, so as to print it last.
 */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const state = test.result().state
        count[state === 'pending' ? 'failed' : state] += 1
      }
      count.failed += module.errors().length
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length
    }
    const line = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`
    const file = process.env.WAYBILL_TEST_SUMMARY_FILE
    if (file) writeFileSync(file, line)
    else process.stdout.write(`\n${line}`)
  }
}
