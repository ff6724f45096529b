/**
 * npm run fuzz [-- --count N] [--seed S] [--only N] [--json]: mails broken in many ways, on the road of arriving mail. Each must have one outcome,
 * nothing may be thrown, none may take too long or too much memory, and the good mail behind them must be taken in. What fails is named with what
 * repeats it. The mails are those of test/corpus/seeds, and of ../shared/corpora where that is present.
 */
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fuzz } from './fuzzing.ts'
import { mutantOf, originals } from './mutants.ts'

const USAGE = 'npm run fuzz [-- --count N] [--seed S] [--only N] [--json]\n'
const COUNT = 100_000

function wanted() {
  const { values } = parseArgs({
    options: {
      ...{ count: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
      ...{ json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    },
  })
  const whole = (text: string | undefined, otherwise: number) => {
    const n = text === undefined ? otherwise : Number(text)
    if (Number.isInteger(n) && n >= 0 && n <= 1e9 && !values.help) return n
    process.stderr.write(USAGE)
    process.exit(values.help ? 0 : 2)
  }
  const only = values.only === undefined ? null : whole(values.only, 0)
  return { count: whole(values.count, COUNT), seed: whole(values.seed, 1), only, json: values.json }
}

const { count, seed, only, json } = wanted()
const from = await originals()
process.stderr.write(`${from.length} mails to begin with, seed ${seed}.\n`)
if (only !== null) {
  const path = join(tmpdir(), `waybill-fuzz-${seed}-${only}.eml`)
  await writeFile(path, mutantOf(from, seed, only).bytes)
  process.stderr.write(`It is in ${path}.\n`)
}
const range = only === null ? { first: 0, count } : { first: only, count: 1 }
const { failures, ...result } = await fuzz(from, { seed, ...range }, (line) => process.stderr.write(`${line}\n`))
for (const { n, from: name, what } of failures)
  process.stdout.write(
    `FAILED  seed ${seed}, mail ${n}, of ${name}: ${what}\n  again: npm run fuzz -- --seed ${seed} --only ${n}\n`,
  )
const { mails, outcomes, slowestMs, peakRssMb } = result
for (const [outcome, n] of Object.entries(outcomes)) process.stdout.write(`${String(n).padStart(8)}  ${outcome}\n`)
process.stdout.write(
  `${mails} mails, ${failures.length} failures. The slowest batch took ${slowestMs} ms; at its highest the memory was ${peakRssMb} MB.\n`,
)
if (json) process.stdout.write(`${JSON.stringify({ seed, ...result, failures: failures.length })}\n`)
process.exitCode = failures.length === 0 ? 0 : 1
