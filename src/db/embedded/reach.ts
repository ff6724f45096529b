import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Explained } from '../../lib/explained.ts'
import { writeDurably } from '../data-folder.ts'
import type { Home } from './home.ts'

/** Where PostgreSQL listens: in a private folder for its socket, or on this machine's loopback with a password. */
export interface Reach {
  /** The socket's folder, or 127.0.0.1. */
  readonly host: string
  readonly port: number
  readonly password: string | null
}

const PORT = 5432

/** A private socket where there are any; on Windows, and where a test asks for it, the loopback with a password kept in the data folder. */
export async function chooseReach(home: Home, transport: 'socket' | 'tcp'): Promise<Reach> {
  if (transport === 'socket') return { host: home.socketDir, port: PORT, password: null }
  return { host: '127.0.0.1', port: await freePort(), password: await keptPassword(home) }
}

async function keptPassword(home: Home): Promise<string> {
  const path = join(home.dataDir, 'database-password')
  const kept = await readFile(path, 'utf8').catch(() => null)
  if (kept) return kept
  const made = randomBytes(24).toString('base64url')
  await writeDurably(path, made)
  return made
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Explained('No free port was found.')),
      )
    })
  })
}
