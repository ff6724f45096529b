/** One figure beside its peer's, as `--json` prints it. */
export interface Measure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly peer: string | null
  readonly peer_value: number | null
  /** value / peer_value, or the other way round where less is better: above 1 we are ahead. */
  readonly ratio: number | null
  /** What the ratio (or, without a peer, the value) is meant to be. */
  readonly goal: string | null
  /** Of a measure in time that was taken several times: `value` is its median. */
  readonly p50?: number
  readonly max?: number
  /** The first time, with nothing in memory. */
  readonly first?: number
  /** Processor time of both ends, where it is known. */
  readonly cpu?: number
  readonly found?: number
}

export interface BenchOptions {
  /** Run only the measure of this name. */
  readonly only: string | null
  note(line: string): void
}

export function print(measure: Measure, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(measure)}\n`)
    return
  }
  const { name, value, unit, peer, peer_value, ratio, goal } = measure
  const beside = peer === null ? '' : ` · ${peer} ${rounded(peer_value ?? 0)} ${unit} · ratio ${rounded(ratio ?? 0)}`
  process.stdout.write(`${name.padEnd(36)} ${rounded(value)} ${unit}${beside}${goal === null ? '' : ` · goal ${goal}`}\n`)
}

function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
