import type pg from 'pg'

/**
 * Lends one connection of the pool. After a failure it is closed rather than used again: a statement may be half done on it. A
 * connection that dies says so twice, to its statement and to whoever listens; without a listener it would end the process.
 */
export async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  const ignore = () => {}
  client.on('error', ignore)
  let failure: Error | undefined
  try {
    return await work(client)
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    client.off('error', ignore)
    client.release(failure)
  }
}
