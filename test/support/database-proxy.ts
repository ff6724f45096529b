import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { ConnectionParts } from '../../src/db/connection.ts'

/** CommandComplete of a commit, as PostgreSQL says it: the moment after which everything is durable and nobody has heard so. */
const COMMITTED = Buffer.from('C\0\0\0\x0bCOMMIT\0', 'latin1')

export interface DatabaseProxy extends AsyncDisposable {
  /** The same database, reached through here. */
  readonly connection: ConnectionParts
  /** Commits whose answer passed, or was kept from passing. */
  readonly commits: number
  /** The answer to the `k`-th commit from now does not pass, and its connection breaks. */
  loseCommit(k: number): void
  /** Breaks every connection; new ones are let in. */
  cutAll(): void
  /** Every connection breaks, and nobody gets in any more: the database is gone. */
  takeAway(): void
  /** Nothing passes in either direction, and nobody is told: the wire is cut. What was on its way arrives when it is mended. */
  cutWire(): void
  /** As before. */
  heal(): void
}

/** A wire to PostgreSQL that breaks when it is told to. */
export async function databaseProxy(to: ConnectionParts): Promise<DatabaseProxy> {
  const state = { commits: 0, loseAt: Number.POSITIVE_INFINITY, away: false, cut: false }
  const pairs = new Set<readonly [Socket, Socket]>()
  const server = createServer((client) => {
    if (state.away) return void client.resetAndDestroy()
    const far = to.host.startsWith('/') ? connect(join(to.host, `.s.PGSQL.${to.port}`)) : connect(to.port, to.host)
    const pair = [client, far] as const
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      far.destroy()
    }
    for (const socket of pair) {
      socket.on('error', end)
      socket.on('close', end)
      if (state.cut) socket.pause()
    }
    client.on('data', (bytes) => far.write(bytes))
    far.on('data', (bytes: Buffer) => {
      for (let at = bytes.indexOf(COMMITTED); at !== -1; at = bytes.indexOf(COMMITTED, at + 1)) {
        state.commits += 1
        if (state.commits === state.loseAt) return end()
      }
      client.write(bytes)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const each = (what: (socket: Socket) => void) => {
    for (const pair of [...pairs]) pair.forEach(what)
  }
  return {
    connection: { ...to, host: '127.0.0.1', port: address.port },
    get commits() {
      return state.commits
    },
    loseCommit(k) {
      state.loseAt = state.commits + k
    },
    cutAll: () => each((socket) => socket.destroy()),
    takeAway() {
      state.away = true
      each((socket) => socket.destroy())
    },
    cutWire() {
      state.cut = true
      each((socket) => socket.pause())
    },
    heal() {
      state.away = false
      state.cut = false
      each((socket) => socket.resume())
    },
    async [Symbol.asyncDispose]() {
      each((socket) => socket.destroy())
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
