import type { Taken } from './pipeline.ts'

export interface Result extends Taken {
  readonly name: string
  readonly sizeBytes: number
  readonly ms: number
}

export interface Summary {
  readonly files: number
  /** Files at which something was thrown. */
  readonly thrown: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly slowestMs: number
  readonly peakRssMb: number
}

export function summaryOf(results: readonly Result[]): Summary {
  return {
    files: results.length,
    thrown: results.filter(({ thrown }) => thrown.length > 0).length,
    outcomes: counted(results.map(({ outcome }) => outcome ?? 'none')),
    slowestMs: Math.round(Math.max(0, ...results.map(({ ms }) => ms))),
    peakRssMb: peakRssMb(),
  }
}

/** Of this process with its threads; its PostgreSQL is another. The system counts it in KiB. */
export function peakRssMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}

export function printReport(results: readonly Result[], { files, thrown, slowestMs, peakRssMb: peak }: Summary): void {
  const out = (line: string) => process.stdout.write(`${line}\n`)
  out(`${files} ${files === 1 ? 'file' : 'files'}`)
  for (const [what, n] of Object.entries(counted(results.map(toldOutcome)))) out(`${String(n).padStart(8)}  ${what}`)
  for (const { name, thrown: errors } of results) for (const error of errors) out(`thrown at ${name}: ${error}`)
  for (const { name, outcome } of results) if (outcome === null) out(`no outcome: ${name}`)
  out(`${thrown === 0 ? 'Nothing' : `Something, at ${thrown} of them,`} was thrown.`)
  out(`The slowest took ${slowestMs} ms; at its highest the memory was ${peak} MB.`)
  for (const { name, ms, sizeBytes, outcome } of results.toSorted((a, b) => b.ms - a.ms).slice(0, 5))
    out(`${String(Math.round(ms)).padStart(8)} ms  ${name} (${Math.ceil(sizeBytes / 1024)} KB, ${outcome ?? 'none'})`)
}

function toldOutcome({ outcome, reason }: Taken): string {
  return reason === null ? (outcome ?? 'none') : `${outcome}: ${reason}`
}

/** The most frequent first. */
function counted(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)))
}
