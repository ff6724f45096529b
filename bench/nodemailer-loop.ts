/** The peer: a loop that fills in a newsletter for each person and gives it to nodemailer's pool. Nothing is kept, nothing is accounted for. */
import { createTransport } from 'nodemailer'
import { newsletter } from './campaign-mail.ts'
import { answerParent, childInput } from './child.ts'

export interface LoopInput {
  readonly port: number
  readonly connections: number
  readonly people: number
  readonly sizeBytes: number
}

export interface LoopOutput {
  readonly perSecond: number
}

const { port, connections, people, sizeBytes } = childInput<LoopInput>()
const transport = createTransport({
  pool: true,
  host: '127.0.0.1',
  port,
  ignoreTLS: true,
  maxConnections: connections,
  maxMessages: Number.POSITIVE_INFINITY,
})
/** So many at once: more would only stand in memory. */
const AT_ONCE = connections * 20
let next = 0
const startedMs = performance.now()
await Promise.all(Array.from({ length: AT_ONCE }, worker))
answerParent({ perSecond: people / ((performance.now() - startedMs) / 1_000) } satisfies LoopOutput)
transport.close()

async function worker(): Promise<void> {
  while (next < people) {
    const n = next++
    const person = { name: `Person ${n}`, email: `r${n}@example.org` }
    const mail = newsletter(sizeBytes, (field) => person[field])
    await transport.sendMail({ from: 'News <bench@example.com>', to: { name: person.name, address: person.email }, ...mail })
  }
}
