import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

/** The house: imports only go down (docs/ARCHITECTURE.md). What stands directly in src/ and in cli/ wires everything and is on top. */
const LEVEL: Readonly<Record<string, number>> = {
  lib: 0,
  db: 1,
  mail: 1,
  dns: 1,
  net: 1,
  events: 2,
  blobs: 2,
  jobs: 2,
  accounts: 3,
  incidents: 3,
  mailboxes: 3,
  delivery: 4,
  webhooks: 4,
  tracking: 5,
  templates: 5,
  images: 5,
  contacts: 5,
  gateway: 6,
  helpdesk: 6,
  campaigns: 6,
  forms: 6,
  inbound: 7,
  workflows: 7,
  insight: 8,
  api: 9,
  smtp: 9,
  cli: 10,
}
/** Files directly in src/ that belong to the lowest level. */
const GROUND_FILES = new Set(['config.ts', 'errors.ts', 'log.ts'])
const TOP = 10

/** Whose tables are whose. `workspace` may be named by everybody; insight sees everything. */
const OWNER: Readonly<Record<string, string>> = {
  user_account: 'accounts',
  membership: 'accounts',
  session: 'accounts',
  sign_in_throttle: 'accounts',
  api_key: 'accounts',
  credential: 'accounts',
  event: 'events',
  follower: 'events',
  blob: 'blobs',
  periodic_job: 'jobs',
  incident: 'incidents',
  webhook_endpoint: 'webhooks',
  webhook_delivery: 'webhooks',
  webhook_attempt: 'webhooks',
  idempotency: 'gateway',
  tracked_link: 'tracking',
  tracking_hit: 'tracking',
  tracking_count: 'tracking',
  route: 'delivery',
  route_domain: 'delivery',
  route_account: 'delivery',
  message: 'delivery',
  delivery: 'delivery',
  dispatcher: 'delivery',
  attempt: 'delivery',
  suppression: 'delivery',
  suppression_evidence: 'delivery',
  domain_verdict: 'delivery',
  lane: 'delivery',
  route_rule: 'delivery',
  rule_version: 'delivery',
  route_receiver: 'delivery',
  pace: 'delivery',
  warm_up: 'delivery',
  provider_message: 'delivery',
  bulk_act: 'delivery',
  mailing: 'delivery',
  campaign: 'campaigns',
  seed_address: 'campaigns',
  template: 'templates',
  image: 'images',
  campaign_recipient: 'campaigns',
  campaign_exclusion: 'campaigns',
  campaign_cap: 'campaigns',
  campaign_reply: 'campaigns',
  campaign_archive: 'campaigns',
  campaign_pulse: 'campaigns',
  campaign_audience_part: 'campaigns',
  delivery_slots: 'delivery',
  delivery_count: 'delivery',
  delivery_address: 'delivery',
  sandbox_mail: 'delivery',
  sandbox_feedback: 'delivery',
  recipient_domain: 'delivery',
  receiver_limit: 'delivery',
  mta_sts_policy: 'delivery',
  feedback: 'delivery',
  delivery_news: 'delivery',
  feedback_inlet: 'delivery',
  domain: 'delivery',
  dkim_key: 'delivery',
  domain_check: 'delivery',
  domain_check_change: 'delivery',
  contact: 'contacts',
  contact_address: 'contacts',
  contact_merge: 'contacts',
  contact_field: 'contacts',
  contact_tag: 'contacts',
  contact_list: 'contacts',
  list_member: 'contacts',
  consent_event: 'contacts',
  contact_activity: 'contacts',
  contact_export: 'contacts',
  import_batch: 'contacts',
  person_request: 'contacts',
  segment: 'contacts',
  segment_member: 'contacts',
  segment_people: 'contacts',
  import_part: 'contacts',
  import_row: 'contacts',
  contact_export_part: 'contacts',
  contact_act: 'contacts',
  contact_act_part: 'contacts',
  contact_act_row: 'contacts',
  contact_repair: 'contacts',
  contact_repair_row: 'contacts',
  form: 'forms',
  form_version: 'forms',
  form_consent: 'forms',
  form_submission: 'forms',
  form_challenge: 'forms',
  form_try: 'forms',
  workflow: 'workflows',
  workflow_version: 'workflows',
  workflow_trigger: 'workflows',
  workflow_schedule: 'workflows',
  workflow_lane: 'workflows',
  workflow_box: 'workflows',
  workflow_hand: 'workflows',
  workflow_run: 'workflows',
  workflow_token: 'workflows',
  workflow_fork: 'workflows',
  workflow_wait: 'workflows',
  workflow_step: 'workflows',
  workflow_verdict: 'workflows',
  working_calendar: 'workflows',
  workflow_mail_once: 'workflows',
  team_turn: 'workflows',
  workflow_task: 'workflows',
  workflow_task_person: 'workflows',
  workflow_request: 'workflows',
  workflow_secret: 'workflows',
  workflow_pass: 'workflows',
  workflow_job: 'workflows',
  workflow_import: 'workflows',
  workflow_overdue: 'workflows',
  workflow_address: 'workflows',
  inbox: 'helpdesk',
  inbox_address: 'helpdesk',
  team: 'helpdesk',
  team_member: 'helpdesk',
  inbox_access: 'helpdesk',
  agent_address: 'helpdesk',
  known_collision: 'helpdesk',
  status_label: 'helpdesk',
  tag: 'helpdesk',
  custom_field: 'helpdesk',
  conversation_number: 'helpdesk',
  conversation: 'helpdesk',
  conversation_item: 'helpdesk',
  conversation_item_version: 'helpdesk',
  conversation_file: 'helpdesk',
  conversation_reference: 'helpdesk',
  conversation_participant: 'helpdesk',
  conversation_follower: 'helpdesk',
  conversation_star: 'helpdesk',
  conversation_reader: 'helpdesk',
  conversation_seen: 'helpdesk',
  conversation_link: 'helpdesk',
  conversation_count: 'helpdesk',
  conversation_text: 'helpdesk',
  saved_view: 'helpdesk',
  conversation_merge: 'helpdesk',
  conversation_rewrite: 'helpdesk',
  notification: 'helpdesk',
  notification_setting: 'helpdesk',
  push: 'helpdesk',
  push_key: 'helpdesk',
  push_subscription: 'helpdesk',
  presence: 'helpdesk',
  upload: 'helpdesk',
  conversation_draft: 'helpdesk',
  conversation_undo: 'helpdesk',
  sent_copy: 'helpdesk',
  saved_reply: 'helpdesk',
  inbound_source: 'inbound',
  inbound_mail: 'inbound',
  inbound_ignore: 'inbound',
  inbound_act: 'inbound',
  inbound_count: 'inbound',
  answer_budget: 'inbound',
  delivery_hour: 'insight',
  reply_fingerprint: 'insight',
  receiver_slot: 'insight',
  receiver_day: 'insight',
  receiver_usual: 'insight',
  receiver_alert: 'insight',
  campaign_figure: 'insight',
  canary: 'insight',
  canary_run: 'insight',
  reputation: 'insight',
  reputation_change: 'insight',
  inbound_place: 'inbound',
  inbound_afterwards: 'inbound',
  mailbox: 'mailboxes',
  mailbox_folder: 'mailboxes',
  mailbox_uidl: 'mailboxes',
  mailbox_token: 'mailboxes',
  oauth_app: 'mailboxes',
  schema_migration: 'db',
}

const ROOT = join(import.meta.dirname, '..')
const SRC = join(ROOT, 'src')

interface Import {
  readonly from: string
  readonly to: string
}

function filesBelow(folder: string, endings: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.test(entry.name) && !/[\\/](node_modules|dist)([\\/]|$)/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name))
}

/** With `atRun`, only what is there when the program runs: types are gone by then. */
function importsOf(file: string, { atRun = false }: { readonly atRun?: boolean } = {}): Import[] {
  const whole = readFileSync(file, 'utf8')
  const text = atRun ? whole.replace(/^(?:import|export) type [^']*'[^']+'/gm, '') : whole
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => ({
    from: relative(ROOT, file),
    to: relative(ROOT, resolve(dirname(file), match[1] ?? '')),
  }))
}

const sources = filesBelow(SRC, /\.ts$/)
const webSources = filesBelow(join(ROOT, 'web'), /\.tsx?$/)
const imports = sources.flatMap((file) => importsOf(file))

/** 'src/delivery/routes/circuit.ts' → 'delivery'; 'src/app.ts' → null. */
function folderOf(file: string): string | null {
  const [, first, second] = file.split('/')
  return second === undefined ? null : (first ?? null)
}

function levelOf(file: string): number {
  const folder = folderOf(file)
  if (folder === null) return GROUND_FILES.has(file.split('/').at(-1) ?? '') ? 0 : TOP
  return LEVEL[folder] ?? Number.NaN
}

test('there is a house to look at', () => {
  expect(sources.length).toBeGreaterThan(100)
  expect(imports.length).toBeGreaterThan(300)
})

test('every folder of src/ has a level', () => {
  const unknown = new Set(
    sources.map((file) => folderOf(relative(ROOT, file))).filter((folder) => folder !== null && !(folder in LEVEL)),
  )
  expect([...unknown], 'give the folder its level here and say in docs/ARCHITECTURE.md what it owns').toEqual([])
})

test('imports go down: never up, never sideways between folders', () => {
  const wrong = imports.filter(
    ({ from, to }) => to.startsWith('src/') && folderOf(from) !== folderOf(to) && levelOf(to) >= levelOf(from),
  )
  // The ground files know one another and lib; that is one level in two places.
  const real = wrong.filter(({ from, to }) => !(levelOf(from) === 0 && levelOf(to) === 0))
  expect(
    real
      .filter(({ from }) => levelOf(from) < TOP)
      .map(({ from, to }) => `${from} imports ${to}: append an event, pass it in as a value, or move the rule down`),
  ).toEqual([])
})

test('queries.ts is private to its folder', () => {
  const wrong = imports.filter(({ from, to }) => /(^|\/)queries\.ts$/.test(to) && folderOf(from) !== folderOf(to))
  expect(wrong.map(({ from, to }) => `${from} imports ${to}: call a verb of that folder`)).toEqual([])
})

test('SQL stands in queries.ts (and in db/), and names only the tables of its own folder', () => {
  const wrong: string[] = []
  for (const file of sources) {
    const name = relative(ROOT, file)
    const folder = folderOf(name)
    const text = readFileSync(file, 'utf8')
    const statements = [...text.matchAll(/sql(?:<[^`]*?>)?`([^`]*)`/gs)].map((match) => match[1] ?? '')
    if (statements.length === 0) continue
    if (folder !== 'db' && !/queries\.ts$/.test(name))
      wrong.push(`${name} contains SQL: move the statement to its folder's queries.ts`)
    if (folder === 'insight' || folder === 'db') continue
    for (const statement of statements) {
      for (const [, table = ''] of statement.matchAll(/\b(?:from|join|into|update|delete from)\s+([a-z_]+)\b/g)) {
        const owner = OWNER[table]
        if (owner !== undefined && owner !== folder)
          wrong.push(`${name} names the table ${table}, which is ${owner}'s: ask a verb of ${owner}/`)
      }
    }
  }
  expect(wrong).toEqual([])
})

test('every table has an owner', () => {
  const tables = filesBelow(join(ROOT, 'migrations'), /\.sql$/).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^create (?:unlogged )?table (?:if not exists )?([a-z_]+)(?! partition)/gm)]
      .filter((match) => !/partition of/.test(match.input.slice(match.index, match.index + 80)))
      .map((match) => match[1] ?? ''),
  )
  expect(tables.filter((table) => !(table in OWNER) && table !== 'workspace')).toEqual([])
})

test('only config.ts reads the environment, only clocks read the time, and nothing below the top ends the process', () => {
  const wrong: string[] = []
  for (const file of sources) {
    const name = relative(ROOT, file)
    const code = readFileSync(file, 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/^\s*\/\/.*$/gm, '')
    if (/process\.env\b/.test(code) && name !== 'src/config.ts') wrong.push(`${name} reads the environment: take it from Config`)
    if (/\bprocess\.exit\(/.test(code) && levelOf(name) < TOP) wrong.push(`${name} ends the process: return or throw`)
    if (/\bMath\.random\(/.test(code)) wrong.push(`${name} rolls dice: take randomness as a parameter`)
    if (/\bnew Date\(\)/.test(code) && name !== 'src/lib/clock.ts') wrong.push(`${name} reads the clock: take now as a parameter`)
    // The folder's lock compares file times, before there is a database whose clock could be asked.
    if (/\bDate\.now\(\)/.test(code) && name !== 'src/lib/ids.ts' && name !== 'src/db/embedded/lock.ts')
      wrong.push(`${name} reads the clock: take now as a parameter`)
  }
  expect(wrong).toEqual([])
})

test('nothing stands in files that nobody imports', () => {
  const reached = new Set([...imports, ...webSources.flatMap((file) => importsOf(file)), ...toolImports()].map(({ to }) => to))
  const dead = sources.map((file) => relative(ROOT, file)).filter((file) => !reached.has(file) && file !== 'src/main.ts')
  expect(dead, 'import it or delete it').toEqual([])
})

/** Files that a worker or a tool starts by path. */
function toolImports(): Import[] {
  const byPath = sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/['"](\.{1,2}\/[^'"]+\.ts|[a-z-]+\.ts)['"]/g)].map((match) => ({
      from: relative(ROOT, file),
      to: relative(ROOT, resolve(dirname(file), match[1] ?? '')),
    })),
  )
  return [...byPath, ...filesBelow(join(ROOT, 'bin'), /\.ts$/).flatMap((file) => importsOf(file))]
}

test('the web interface imports only what a browser can run: nouns, endpoints and errors', () => {
  const toServer = webSources.flatMap((file) => importsOf(file, { atRun: true })).filter(({ to }) => to.startsWith('src/'))
  const reached = new Set<string>()
  const visit = (file: string) => {
    if (reached.has(file)) return
    reached.add(file)
    for (const { to } of importsOf(join(ROOT, file), { atRun: true })) visit(to)
  }
  for (const { to } of toServer) visit(to)
  const wrong = [...reached].flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8')
    const builtin = /^import (?!type)[^\n]* from 'node:/m.test(text)
    return builtin || /queries\.ts$/.test(file) || /from '(pg|kysely|fastify)/.test(text.replace(/^import type .*$/gm, ''))
      ? [file]
      : []
  })
  expect(wrong, 'the browser would load server code').toEqual([])
})
