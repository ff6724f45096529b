/** The peer: nodemailer's pooled transport, messages built beforehand, no database behind it. */
import { createTransport } from 'nodemailer'
import { answerParent, childInput } from './child.ts'
import { rawMessage } from './message.ts'

export interface PoolInput {
  readonly port: number
  readonly messages: number
  readonly sizeBytes: number
  readonly connections: number
}

export interface PoolOutput {
  readonly perSecond: number
  readonly cpuMicroseconds: number
}

const { port, messages, sizeBytes, connections } = childInput<PoolInput>()
const transport = createTransport({
  pool: true,
  host: '127.0.0.1',
  port,
  ignoreTLS: true,
  maxConnections: connections,
  maxMessages: Number.POSITIVE_INFINITY,
})
const raws = Array.from({ length: messages }, (_, i) => rawMessage(i, sizeBytes))
const warm = raws.slice(0, connections * 2)
await Promise.all(warm.map(sendOne))

const cpuBefore = process.cpuUsage()
const startedMs = performance.now()
await Promise.all(raws.map(sendOne))
const seconds = (performance.now() - startedMs) / 1_000
const cpu = process.cpuUsage(cpuBefore)
answerParent({ perSecond: messages / seconds, cpuMicroseconds: (cpu.user + cpu.system) / messages } satisfies PoolOutput)
transport.close()

function sendOne(raw: string, i: number): Promise<unknown> {
  return transport.sendMail({ envelope: { from: 'bench@example.com', to: [`r${i}@example.org`] }, raw })
}
