import { Kysely, type PostgresCursorConstructor, PostgresDialect, type PostgresPoolClient, type Transaction } from 'kysely'
import pg from 'pg'
import type { WorkspaceId } from '../lib/ids.ts'
import type { DB } from './schema.ts'

/** Reads, outside any transaction, as the owner of the tables: every workspace is visible. */
export type Db = Kysely<DB>
/** Inside a transaction. Verbs that write demand it, so that the compiler refuses a write outside of one. */
export type Tx = Transaction<DB>

export interface DatabaseSettings {
  /** pg's own connection settings: a connection string, or host (a socket folder or a name), port, user, database, password. */
  readonly connection: pg.ClientConfig
  readonly maxConnections: number
  readonly applicationName: string
}

/** Who a transaction works for: the engine (owner, all workspaces), or one workspace behind row-level security. */
export type Scope = { readonly as: 'engine' } | { readonly as: 'api'; readonly workspaceId: WorkspaceId }
export const ENGINE: Scope = { as: 'engine' }

export interface Database {
  readonly db: Db
  readonly pool: pg.Pool
  /** Runs `work` in a transaction. Repeated, up to three times in all, when PostgreSQL asks for it (serialization failure, deadlock). */
  transaction<T>(scope: Scope, work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** The same for the engine, with a statement that travels with `begin`: `work` is given its rows. Text without parameters, so only what is checked may be in it. */
  transactionFrom<T>(
    opening: string,
    work: (tx: Tx, opened: readonly unknown[]) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>
  /** A connection without a transaction around what is done on it, whose statements are planned once: for work that is one statement. */
  statement<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface TransactionOptions {
  readonly readOnly?: boolean
  readonly statementTimeoutMs?: number
  /** Statements with parameters are planned once a connection: for work that does the same few again and again. */
  readonly prepared?: boolean
}

const CONNECT_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 30_000
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000
const TRIES = 3
const RETRYABLE = new Set(['40001', '40P01'])

export function openDatabase(settings: DatabaseSettings): Database {
  const pool = new pg.Pool({
    ...settings.connection,
    max: settings.maxConnections,
    application_name: settings.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    types: { getTypeParser },
    onConnect: makeDurable,
  })
  // An idle connection that PostgreSQL closes (restart, terminate) is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  // Nor does the pool listen while somebody holds one: the statement that follows fails, and that is what its holder sees.
  pool.on('connect', (client) => void client.on('error', () => {}))
  return {
    db: new Kysely<DB>({ dialect: new PostgresDialect({ pool }) }),
    pool,
    transaction: (scope, work, options = {}) => transaction(pool, scope, work, options),
    transactionFrom: (opening, work, options = {}) => transaction(pool, ENGINE, work, options, opening),
    statement: (work) => onConnection(pool, work),
    close: () => pool.end(),
  }
}

async function onConnection<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  const onError = (error: Error) => (broken = error)
  client.on('error', onError)
  try {
    return await work(transactionOn(client, true))
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

/**
 * What we promise is on disk. A server that is set to answer commits sooner (synchronous_commit = off) is told not to for us; one that waits
 * for more than its own disk is left so.
 */
async function makeDurable(client: pg.ClientBase): Promise<void> {
  await client.query(`select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`)
}

async function transaction<T>(
  pool: pg.Pool,
  scope: Scope,
  work: (tx: Tx, opened: readonly unknown[]) => Promise<T>,
  options: TransactionOptions,
  opening: string | null = null,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transactionOnce(pool, scope, work, options, opening)
    } catch (error) {
      if (attempt >= TRIES || !RETRYABLE.has(sqlStateOf(error) ?? '')) throw error
    }
  }
}

async function transactionOnce<T>(
  pool: pg.Pool,
  scope: Scope,
  work: (tx: Tx, opened: readonly unknown[]) => Promise<T>,
  options: TransactionOptions,
  opening: string | null = null,
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  // A connection that dies between two statements says so here; the statement that follows fails and is what the caller sees.
  const onError = (error: Error) => (broken = error)
  client.on('error', onError)
  try {
    const begun: pg.QueryResult | pg.QueryResult[] = await client.query(beginStatement(scope, options, opening))
    const opened = opening === null ? [] : ([begun].flat().at(-1)?.rows ?? [])
    const result = await work(transactionOn(client, options.prepared), opened)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => (broken ??= failure))
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

/** Role, workspace and limits travel in the round trip of `begin`. The id is a checked UUID: nothing else is ever put into this text. */
function beginStatement(scope: Scope, options: TransactionOptions, opening: string | null): string {
  let begin = options.readOnly ? 'begin read only' : 'begin'
  if (options.statementTimeoutMs) begin += `; set local statement_timeout = ${Math.trunc(options.statementTimeoutMs)}`
  if (scope.as === 'engine') return opening === null ? begin : `${begin}; ${opening}`
  if (!/^[0-9a-f-]{36}$/.test(scope.workspaceId)) throw new TypeError('a workspace id is a UUID')
  return `${begin}; set local role waybill_api; set local waybill.workspace = '${scope.workspaceId}'`
}

/** Kysely on one connection whose transaction we hold ourselves (Kysely's own `begin` would cost a round trip more for the role). */
export function transactionOn(client: pg.PoolClient, prepared = false): Tx {
  const query = prepared ? preparing(client) : (client.query.bind(client) as PostgresPoolClient['query'])
  const held: PostgresPoolClient = { query, release: () => {} }
  const pool = { connect: async () => held, end: async () => {} }
  return new Kysely<DB>({
    dialect: new PostgresDialect({ pool, cursor: undefined as unknown as PostgresCursorConstructor }),
  }) as unknown as Tx
}

/** Names of statements, the same on every connection. Of texts that differ each time there are none here: they would stay for as long as the connection. */
const names = new Map<string, string>()
const PREPARED_MAX = 500

function preparing(client: pg.PoolClient): PostgresPoolClient['query'] {
  const query = (text: unknown, values?: readonly unknown[]) => {
    if (typeof text !== 'string' || !values || values.length === 0) return client.query(text as string, values as unknown[])
    const name = names.get(text) ?? (names.size < PREPARED_MAX ? `s${names.size}` : null)
    if (name === null) return client.query(text, values as unknown[])
    names.set(text, name)
    return client.query({ name, text, values: values as unknown[] })
  }
  return query as unknown as PostgresPoolClient['query']
}

/** PostgreSQL's five-character SQLSTATE of an error, or null when it is not the database's. All of them have a digit; EPIPE has none. */
export function sqlStateOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : null
}

/** True when what was to be stored cannot be (data exceptions, constraints): trying again changes nothing. */
export function isRefusedForItsContent(error: unknown): boolean {
  return /^2[23]/.test(sqlStateOf(error) ?? '')
}

/** True when the database could not be reached, is full, read-only or shutting down: nothing is wrong with the request itself. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error)
  if (state) return /^(08|53|57P0|25006|58)/.test(state)
  const code = (error as { code?: unknown } | null)?.code
  const message = error instanceof Error ? error.message : ''
  return (
    (typeof code === 'string' && /^(ECONN|ENOENT|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_)/.test(code)) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(message)
  )
}

const INT8 = 20
const NUMERIC = 1700

/** bigint and numeric come as numbers: ours stay far below 2^53, and text in arithmetic is a bug waiting. */
const getTypeParser: typeof pg.types.getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (oid === INT8 || oid === NUMERIC) return Number
  return pg.types.getTypeParser(oid, format as 'text')
}) as typeof pg.types.getTypeParser
