import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** So many of the slowest files are named at the end of a long run. */
const SLOWEST = 20
const LONG_RUN_FILES = 50

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
    if (modules.length >= LONG_RUN_FILES) process.stdout.write(slowestOf(modules))
    const line = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`
    const file = process.env.WAYBILL_TEST_SUMMARY_FILE
    if (file) writeFileSync(file, line)
    else process.stdout.write(`\n${line}`)
  }
}

/** Where the time went: whoever wants a shorter run begins there. */
function slowestOf(modules: readonly TestModule[]): string {
  const files = modules.map((module) => {
    const { collectDuration, duration } = module.diagnostic()
    return { name: module.relativeModuleId, ms: collectDuration + duration }
  })
  const lines = files
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, SLOWEST)
    .map(({ name, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${name}`)
  const whole = files.reduce((sum, { ms }) => sum + ms, 0) / 1000
  return `\n The slowest of ${files.length} files, which took ${whole.toFixed(0)} s one after another\n${lines.join('\n')}\n`
}
