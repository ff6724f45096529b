import { once } from 'node:events'
import { from as copyFrom } from 'pg-copy-streams'
import { type Database, type Tx, transactionOn } from './database.ts'

/**
 * Many rows by COPY, and whatever belongs to them, in one transaction of the engine: `before` says the lines, or null to write nothing; `after` goes
 * on when they are in.
 */
export async function copyWith(
  database: Database,
  statement: string,
  before: (tx: Tx) => Promise<Iterable<string> | null>,
  after: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  const client = await database.pool.connect()
  let broken: Error | undefined
  const onError = (error: Error) => (broken = error)
  client.on('error', onError)
  try {
    await client.query('begin')
    const tx = transactionOn(client)
    const lines = await before(tx)
    if (lines !== null) {
      const target = client.query(copyFrom(statement))
      const finished = once(target, 'finish')
      for (const chunk of chunksOf(lines)) if (!target.write(chunk)) await once(target, 'drain')
      target.end()
      await finished
      await after(tx)
    }
    await client.query('commit')
    return lines !== null
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => (broken ??= failure))
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

const CHUNK_CHARACTERS = 64 * 1024

function* chunksOf(lines: Iterable<string>): Generator<string> {
  let chunk = ''
  for (const line of lines) {
    chunk += line
    if (chunk.length < CHUNK_CHARACTERS) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}
