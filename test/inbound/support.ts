import { onTestFinished } from 'vitest'
import { createNumbers } from '../../src/helpdesk/numbers.ts'
import type { Arrival, InboundChannel } from '../../src/inbound/inbound-mail.ts'
import { receive } from '../../src/inbound/receive.ts'
import type { TakeInDeps } from '../../src/inbound/take-in.ts'
import { createInboundWorker, type InboundWorker } from '../../src/inbound/worker.ts'
import type { InboundMailId, InboxId } from '../../src/lib/ids.ts'
import { createLog } from '../../src/log.ts'
import { createMailParser } from '../../src/mail/mail-parser.ts'
import { fixedResolver } from '../support/dns.ts'
import type { World } from '../support/world.ts'

export interface MailIn {
  readonly inboxId?: InboxId | null
  readonly recipients?: readonly string[]
  readonly sender?: string | null
  readonly channel?: InboundChannel
}

/** What became of a mail, as its row says. */
export interface Settled {
  readonly id: InboundMailId
  readonly state: string
  readonly outcome: string | null
  readonly reason: string | null
  readonly stage: string | null
  readonly detail: string | null
  readonly conversationId: string | null
  readonly itemId: string | null
  readonly duplicateOf: string | null
  readonly matchedBy: string | null
  readonly attempts: number
}

export interface Inlet {
  readonly deps: TakeInDeps
  readonly worker: InboundWorker
  /** Stores a mail as if it had come in, and leaves it waiting. */
  store(mail: string | Buffer, how?: MailIn): Promise<InboundMailId>
  /** Many, as a source stores a page of them: in one transaction. */
  storeAll(mails: readonly (string | Buffer)[], how?: MailIn): Promise<InboundMailId[]>
  /** The same as `store`, and takes in everything that waits. */
  take(mail: string | Buffer, how?: MailIn): Promise<Settled>
  outcomeOf(id: InboundMailId): Promise<Settled>
  outcomesOf(ids: readonly InboundMailId[]): Promise<Settled[]>
  /** Whatever was thrown while mail was taken in, as the log has it. */
  readonly errors: readonly string[]
}

/** The way in, on the world's database: what the engine runs, driven by hand. */
export function inlet(w: World, over: Partial<TakeInDeps> = {}): Inlet {
  const parser = createMailParser()
  onTestFinished(() => parser.close())
  const deps: TakeInDeps = {
    database: w.database,
    blobs: w.blobs,
    secrets: w.secrets,
    clock: w.clock,
    parser,
    dns: fixedResolver({}),
    numbers: createNumbers(w.database, w.clock),
    url: 'https://mail.example',
    ...over,
  }
  const errors: string[] = []
  const log = createLog({ level: 'error', target: { write: (line) => void errors.push(line) } })
  const worker = createInboundWorker({ ...deps, log, mayClaim: () => true })
  const arrivalOf = ({ inboxId = null, recipients = [], sender = null, channel = 'http' }: MailIn): Arrival => ({
    workspaceId: w.workspaceId,
    channel,
    place: null,
    inboxId,
    envelopeSender: sender,
    envelopeRecipients: recipients,
    remoteIp: null,
    helo: null,
    receivedAt: w.clock.now(),
    isCut: false,
  })
  function storeAll(mails: readonly (string | Buffer)[], how: MailIn = {}): Promise<InboundMailId[]> {
    const received = mails.map((mail) => ({
      arrivals: [arrivalOf(how)],
      content: Buffer.isBuffer(mail) ? mail : Buffer.from(mail.replace(/\r?\n/g, '\r\n')),
    }))
    return receive({ ...deps, wake: () => {} }, received, w.clock.now())
  }
  async function store(mail: string | Buffer, how: MailIn = {}): Promise<InboundMailId> {
    const [id] = await storeAll([mail], how)
    if (!id) throw new Error('The mail was not stored.')
    return id
  }
  async function outcomesOf(ids: readonly InboundMailId[]): Promise<Settled[]> {
    const rows = await w.database.db
      .selectFrom('inbound_mail')
      .select(['id', 'state', 'outcome', 'reason', 'stage', 'detail', 'attempts'])
      .select([
        'conversation_id as conversationId',
        'item_id as itemId',
        'duplicate_of as duplicateOf',
        'matched_by as matchedBy',
      ])
      .where('workspace_id', '=', w.workspaceId)
      .where('id', 'in', [...ids])
      .execute()
    const byId = new Map(rows.map((row) => [row.id as InboundMailId, row as Settled]))
    return ids.map((id) => byId.get(id)).filter((row) => row !== undefined)
  }
  async function outcomeOf(id: InboundMailId): Promise<Settled> {
    const [row] = await outcomesOf([id])
    if (!row) throw new Error(`There is no mail ${id}.`)
    return row
  }
  return {
    deps,
    worker,
    store,
    storeAll,
    outcomeOf,
    outcomesOf,
    errors,
    async take(mail, how) {
      const id = await store(mail, how)
      await worker.drain()
      return await outcomeOf(id)
    },
  }
}
