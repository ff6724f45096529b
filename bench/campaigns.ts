import type { CampaignInput, CampaignOutput } from './campaign-run.ts'
import { asServer, inChild } from './child.ts'
import type { ImportInput, ImportOutput } from './import-run.ts'
import type { BenchOptions, Measure } from './measure.ts'
import type { LoopInput, LoopOutput } from './nodemailer-loop.ts'
import type { SegmentInput, SegmentOutput } from './segment-run.ts'
import { startSink } from './sink.ts'

const K = 1024

/** People from a file, freezing an audience, and a campaign from start to the last answer beside a loop that keeps nothing. `-short`: the same with a tenth of the people. */
export async function* benchCampaigns({ only, note }: BenchOptions): AsyncGenerator<Measure> {
  if (only === null || only === 'import-1m') yield* importing('import-1m', 1_000_000, note)
  if (only === 'import-1m-short') yield* importing(only, 50_000, note)
  if (only === null || only === 'segment-count') yield await counting('segment-count', 1_000_000, note)
  if (only === 'segment-count-short') yield await counting(only, 100_000, note)
  if (only === null || only === 'freeze') yield await freeze('freeze', 1_000_000, 20)
  if (only === 'freeze-short') yield await freeze(only, 100_000, 2)
  if (only === null || only === 'campaign-50k') yield* campaign('campaign-50k', 50_000, 10_000, note)
  if (only === 'campaign-50k-short') yield* campaign(only, 5_000, 2_000, note)
}

async function* importing(name: string, rows: number, note: BenchOptions['note']): AsyncGenerator<Measure> {
  const output = await asServer<ImportInput, ImportOutput>(new URL('./import-run.ts', import.meta.url), { rows })
  note(`${name}: ${JSON.stringify(output)}`)
  const [value, peerValue] = [rows / output.seconds, rows / output.copySeconds]
  yield { name, value, unit: 'rows/s', peer: 'COPY', peer_value: peerValue, ratio: value / peerValue, goal: 'at least 0.4' }
  const memory = { peer: null, peer_value: null, ratio: null, goal: 'under 300' }
  yield { name: `${name}-memory`, value: output.residentMegabytes, unit: 'MB', ...memory }
}

async function counting(name: string, people: number, note: BenchOptions['note']): Promise<Measure> {
  const { p50, max, processorMs, found } = await asServer<SegmentInput, SegmentOutput>(
    new URL('./segment-run.ts', import.meta.url),
    {
      people,
    },
  )
  note(
    `${name}: p50 ${p50.toFixed(0)} ms, max ${max.toFixed(0)} ms, PostgreSQL's processor time ${processorMs?.toFixed(0) ?? '?'} ms`,
  )
  const alone = { peer: null, peer_value: null, ratio: null, goal: 'under 500' }
  return { name, value: p50, unit: 'ms', ...alone, p50, max, found, ...(processorMs !== null && { cpu: processorMs }) }
}

async function freeze(name: string, people: number, seconds: number): Promise<Measure> {
  const ours = await run({ port: 9, connections: 1, people, sizeBytes: 4 * K, freezeOnly: true })
  return { name, value: ours.seconds, unit: 's', peer: null, peer_value: null, ratio: null, goal: `under ${seconds}` }
}

async function* campaign(name: string, people: number, peerPeople: number, note: BenchOptions['note']): AsyncGenerator<Measure> {
  const sink = await startSink()
  try {
    const mail = { port: sink.port, connections: 10, sizeBytes: 4 * K }
    const peer = await inChild<LoopInput, LoopOutput>(new URL('./nodemailer-loop.ts', import.meta.url), {
      ...mail,
      people: peerPeople,
    })
    const ours = await run({ ...mail, people, freezeOnly: false })
    const value = people / ours.seconds
    note(
      `${name}: ${ours.seconds.toFixed(1)} s from start to the last answer, ${Math.round(ours.residentMegabytes)} MB, ${Math.round((ours.processorMs * 1_000) / people)} µs of Node's processor time a message; its page took ${ours.pageMs.p50.toFixed(0)} ms, at most ${ours.pageMs.max.toFixed(0)}; ${JSON.stringify(ours.deliveries)}`,
    )
    const alone = { peer: null, peer_value: null, ratio: null }
    yield {
      name,
      value,
      unit: 'messages/s',
      peer: 'nodemailer loop',
      peer_value: peer.perSecond,
      ratio: value / peer.perSecond,
      goal: 'at least 3 times',
    }
    yield { name: `${name}-pause`, value: ours.pauseMs, unit: 'ms', ...alone, goal: 'under 1000' }
    yield { name: `${name}-page`, value: ours.pageMs.p50, unit: 'ms', ...alone, goal: 'under 100', ...ours.pageMs }
    yield { name: `${name}-list`, value: ours.listMs.p50, unit: 'ms', ...alone, goal: 'under 100', ...ours.listMs }
  } finally {
    sink.stop()
  }
}

function run(input: CampaignInput): Promise<CampaignOutput> {
  return asServer<CampaignInput, CampaignOutput>(new URL('./campaign-run.ts', import.meta.url), input)
}
