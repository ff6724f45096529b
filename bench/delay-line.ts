/** A long wire in a process of its own, so that holding bytes back costs neither end any time. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { delayProxy } from '../test/support/delay-proxy.ts'

export interface DelayLine {
  readonly port: number
  stop(): void
}

export async function startDelayLine({ port, oneWayMs }: { port: number; oneWayMs: number }): Promise<DelayLine> {
  const child = fork(fileURLToPath(import.meta.url), [String(port), String(oneWayMs)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const own = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port))
    child.once('exit', () => reject(new Error('the delay line ended')))
  })
  return { port: own, stop: () => void child.kill() }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , port, oneWayMs] = process.argv
  const proxy = await delayProxy({ to: { port: Number(port) }, oneWayMs: Number(oneWayMs) })
  process.send?.({ port: proxy.port })
}
