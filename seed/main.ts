/**
 * npm run seed -- [--conversations N] [--agents N] [--seed N] [--password TEXT] [--add]: a made-up workspace to look at, or a large one to measure. Works
 * on the data folder or DATABASE_URL of the settings, beside a running server or alone. Refuses where there are conversations already, unless --add.
 */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { createPasswords } from '../src/accounts/password.ts'
import { findFirstWorkspace } from '../src/accounts/workspaces.ts'
import { commandLog, progress, withStore } from '../src/cli/surroundings.ts'
import type { Config } from '../src/config.ts'
import { DAY } from '../src/lib/clock.ts'
import { Explained } from '../src/lib/explained.ts'
import type { Store } from '../src/store.ts'
import { seedFiles } from './files.ts'
import { furnish } from './furnish.ts'
import { loadConversations, settle } from './load.ts'
import { seedQuarantine } from './mails.ts'
import { seedPeople } from './people.ts'
import { seededRandom } from './random.ts'

const USAGE = 'npm run seed -- [--conversations N] [--agents N] [--seed N] [--password TEXT] [--add]\n'
const [FEW, MANY, MOST] = [240, 100_000, 20_000_000]

interface Wanted {
  readonly conversations: number
  readonly agents: number
  readonly seed: number
  readonly password: string
  readonly add: boolean
}

function wantedFrom(argv: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...{
        conversations: { type: 'string' },
        agents: { type: 'string' },
        seed: { type: 'string' },
        password: { type: 'string' },
      },
      ...{ add: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  const number = (text: string | undefined, otherwise: number, most: number) => {
    const n = text === undefined ? otherwise : Number(text)
    if (!Number.isInteger(n) || n < 0 || n > most)
      throw new Explained(`“${text}” is not a whole number from 0 to ${most}.\n${USAGE}`)
    return n
  }
  const conversations = number(values.conversations, FEW, MOST)
  const password = values.password ?? randomBytes(9).toString('base64url')
  if (password.length < 10) throw new Explained('A password has at least 10 characters.')
  return {
    conversations,
    agents: number(values.agents, conversations > MANY ? 40 : 7, 60),
    seed: number(values.seed, 1, 2 ** 31),
    password,
    add: values.add,
  }
}

async function seed(store: Store, config: Config, wanted: Wanted): Promise<void> {
  const { database, clock } = store
  const startedMs = performance.now()
  const earlier = await refuseFull(store, wanted)
  const now = clock.now()
  const furnished = await furnish(store, createPasswords(), wanted)
  progress(`The workspace is furnished: ${furnished.inboxes.length} inboxes, ${furnished.agents.length} people who work there.`)

  const random = seededRandom(wanted.seed + earlier)
  const files = await seedFiles(store, furnished.workspaceId)
  const spanMs = (wanted.conversations > MANY ? 730 : 60) * DAY
  const client = await database.pool.connect()
  const people = await seedPeople(
    client,
    random,
    furnished.workspaceId,
    Math.max(80, Math.floor(wanted.conversations / 4)),
    new Date(now.getTime() - spanMs - 30 * DAY),
    earlier === 0 ? '' : `.${earlier}`,
  ).finally(() => client.release())
  progress(`${people.length} customers.`)
  const { items } = await loadConversations(
    store,
    { ...furnished, people, files, now },
    random,
    { count: wanted.conversations, spanMs },
    (done) => {
      if (done % 50_000 === 0)
        progress(`${done} conversations after ${Math.round((performance.now() - startedMs) / 1_000)} seconds`)
    },
  )
  if (earlier === 0) await seedQuarantine(store, commandLog(config), config.url, furnished, random, 12)
  await settle(store)

  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
  process.stdout.write(
    `Made in ${seconds} seconds: ${wanted.conversations} conversations with ${items} messages, notes and lines, of ${people.length} customers.\n`,
  )
  const who = furnished.isNew
    ? `${furnished.ownerEmail} with the password ${wanted.password}`
    : `${furnished.ownerEmail} (its password is as it was)`
  process.stdout.write(
    `Sign in at ${config.url} as ${who}.\nAgents: agent1@northlight.example and so on, made with the password ${wanted.password}.\n`,
  )
}

/** How many conversations are there, as far as one looks. */
async function refuseFull({ database }: Store, { add }: Wanted): Promise<number> {
  const workspace = await findFirstWorkspace(database.db)
  if (!workspace) return 0
  const { rows } = await database.pool.query<{ next: string }>('select next from conversation_number where workspace_id = $1', [
    workspace.id,
  ])
  const earlier = Number(rows[0]?.next ?? 1) - 1
  if (earlier > 0 && !add)
    throw new Explained(
      `The workspace “${workspace.name}” has conversations already. Made-up ones would be mixed with them for good; add --add if you want that, or set WAYBILL_DATA_DIR to an empty folder.`,
    )
  return earlier
}

try {
  const wanted = wantedFrom(process.argv.slice(2))
  await withStore((store, config) => seed(store, config, wanted))
} catch (error) {
  const isOurs =
    error instanceof Explained ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
  process.stderr.write(`${isOurs ? (error as Error).message : (error as Error).stack}\n`)
  process.exit(1)
}
