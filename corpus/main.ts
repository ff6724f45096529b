/**
 * npm run corpus -- DIR [--json]: every file below a folder, as a mail, on the road that arriving mail takes. Prints what became of them, whatever
 * was thrown, the slowest, and the memory at its highest; with --json the last line is {files, thrown, outcomes, slowestMs, peakRssMb}. Ends with 1
 * when anything was thrown or a file had no outcome.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readMailFile } from '../src/inbound/sources/read-mail-file.ts'
import { type CorpusFile, filesBelow } from './files.ts'
import { openPipeline, type Pipeline } from './pipeline.ts'
import { printReport, type Result, summaryOf } from './report.ts'

const USAGE = 'npm run corpus -- DIR [--json]\n'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
})
const [folder] = positionals
if (values.help || folder === undefined || positionals.length > 1) {
  process.stderr.write(USAGE)
  process.exit(values.help ? 0 : 2)
}

// npm changes to the project first: what people name is seen from where they stood.
const root = resolve(process.env.INIT_CWD ?? process.cwd(), folder)
const { files, passedOver } = await filesBelow(root).catch((error: Error) => {
  process.stderr.write(`${root} cannot be read: ${error.message}\n`)
  process.exit(2)
})
for (const name of passedOver) process.stderr.write(`Passed over, because it is a link or no file: ${name}\n`)

const pipeline = await openPipeline()
process.once('SIGINT', () => void pipeline.close().finally(() => process.exit(130)))
const results: Result[] = []
try {
  for (const file of files) results.push(await taken(pipeline, file))
} finally {
  await pipeline.close()
}
const summary = summaryOf(results)
printReport(results, summary)
if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`)
process.exitCode = summary.thrown === 0 && results.every(({ outcome }) => outcome !== null) ? 0 : 1

/** Alone, so that its time and its errors are its own. */
async function taken(pipeline: Pipeline, { path, shown }: CorpusFile): Promise<Result> {
  const { content, isCut } = await readMailFile(path)
  const startedMs = performance.now()
  const [what] = await pipeline.take([{ content, isCut }])
  const ms = performance.now() - startedMs
  const { outcome = null, reason = null, detail = null, thrown = [] } = what ?? {}
  return { name: shown, sizeBytes: content.length, ms, outcome, reason, detail, thrown }
}
