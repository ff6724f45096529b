import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { BenchOptions, Measure } from './measure.ts'
import { postfixRelay } from './postfix-drain.ts'
import { startSink } from './sink.ts'
import { sendAll } from './smtp-load.ts'
import type { RelayInput, RelayPlace } from './submission-relay.ts'

const NAME = 'submission-4k'
const LOAD = { sizeBytes: 4 * 1024, connections: 100 }
const OURS = 20_000
const THEIRS = 5_000
const WARM_UP = 500
const WITHIN_MS = 120_000

/**
 * From an application's connection to the next server's: in over SMTP (ours encrypted and signed in, Postfix neither), every message durable before
 * its 250, out over SMTP to a sink in its own process. The clock runs from the first MAIL until the sink has the last message.
 */
export async function* benchSubmission({ only, note }: BenchOptions): AsyncGenerator<Measure> {
  if (only !== null && only !== NAME) return
  const ours = await relay(note)
  const postfix = await postfixRelay({ ...LOAD, messages: THEIRS, note })
  yield {
    name: NAME,
    value: ours,
    unit: 'messages/s',
    peer: postfix === null ? null : 'postfix',
    peer_value: postfix,
    ratio: postfix === null ? null : ours / postfix,
    goal: 'at least 3 times',
  }
}

async function relay(note: (line: string) => void): Promise<number> {
  const sink = await startSink()
  const input: RelayInput = { sinkPort: sink.port, connections: 10 }
  const child = fork(fileURLToPath(new URL('./submission-relay.ts', import.meta.url)), [JSON.stringify(input)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  try {
    const { port, ...signIn } = await new Promise<RelayPlace>((resolve, reject) => {
      child.once('message', (place) => resolve(place as RelayPlace))
      child.once('exit', (code) => reject(new Error(`the relay ended with ${code}`)))
    })
    await sendAll({ ...LOAD, port, messages: WARM_UP, signIn })
    await arrived(WARM_UP)
    const startedMs = performance.now()
    await sendAll({ ...LOAD, port, first: WARM_UP, messages: OURS, signIn })
    const takenMs = performance.now() - startedMs
    await arrived(WARM_UP + OURS)
    const relayedMs = performance.now() - startedMs
    note(
      `${NAME}: taken at ${Math.round((OURS / takenMs) * 1_000)} a second, relayed at ${Math.round((OURS / relayedMs) * 1_000)}`,
    )
    return (OURS / relayedMs) * 1_000
  } finally {
    if (child.connected) child.send('end')
    await ended
    sink.stop()
  }

  async function arrived(messages: number): Promise<void> {
    const endMs = performance.now() + WITHIN_MS
    while ((await sink.count()).messages < messages) {
      if (performance.now() > endMs) throw new Error('the mail did not arrive in time')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
