import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '../../src/lib/wait.ts'
import { freePort } from './server-process.ts'
import type { ReceivedMessage } from './smtp-server.ts'

const PROGRAM = ['/usr/sbin/smtp-sink', '/usr/local/sbin/smtp-sink', '/usr/bin/smtp-sink'].find((path) => existsSync(path))

/** Why a test with Postfix's sink is passed over here; null where it can run. */
export const WITHOUT_SMTP_SINK = PROGRAM === undefined ? 'smtp-sink is not installed (Debian: package postfix)' : null

export interface SmtpSink extends AsyncDisposable {
  readonly port: number
  /** Every message whose end it has read, whatever it answered. */
  received(): Promise<ReceivedMessage[]>
  /** Ends it; another may take its port. What it has seen stays known. */
  stop(): Promise<void>
}

export interface SmtpSinkOptions {
  /** As on its command line, such as `-q`, `DATA`. */
  readonly flags?: readonly string[]
  readonly port?: number
  /** What it says to a body with these flags: only its log would tell. */
  readonly fate?: ReceivedMessage['fate']
  /** Runs it elsewhere, such as `ip netns exec name`. */
  readonly within?: readonly string[]
  readonly address?: string
}

/** Postfix's own test server: somebody else's idea of the protocol. It keeps each mail in a file. */
export async function smtpSink(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
  const { flags = [], fate = 'accepted', within = [], address = '127.0.0.1' } = options
  if (PROGRAM === undefined) throw new Error('smtp-sink is not installed')
  const port = options.port ?? (await freePort())
  const folder = await mkdtemp(join(tmpdir(), 'waybill-sink-'))
  await chmod(folder, 0o777)
  // It refuses to work as root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const listen = [...user, '-4', '-d', join(folder, '%s.'), ...flags, `${address}:${port}`, '1000']
  const [program = PROGRAM, ...args] = [...within, PROGRAM, ...listen]
  const child = spawn(program, args, { stdio: 'ignore' })
  const ended = once(child, 'exit')
  await listening(child, address, port)
  let isStopped = false
  const stop = async (): Promise<void> => {
    if (isStopped) return
    isStopped = true
    child.kill('SIGKILL')
    await ended
  }
  return {
    port,
    stop,
    async received() {
      const files = (await readdir(folder)).toSorted()
      const dumps = await Promise.all(files.map((file) => readFile(join(folder, file), 'latin1')))
      return dumps.map((dump) => messageOf(dump, fate)).filter((message) => message !== null)
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function listening(child: ChildProcess, address: string, port: number): Promise<void> {
  const isUp = await waitUntil(
    async () => {
      if (child.exitCode !== null) throw new Error(`smtp-sink ended with ${child.exitCode}`)
      const socket = connect(port, address)
      const answer = await Promise.race([once(socket, 'connect'), once(socket, 'error')]).catch(() => null)
      const isConnected = answer !== null && !socket.connecting && !socket.destroyed
      socket.destroy()
      return isConnected
    },
    { limitMs: 30_000, everyMs: 20 },
  )
  if (!isUp) throw new Error('smtp-sink does not listen')
}

const OWN_HEAD = /^((?:X-[A-Za-z-]+: .*\n)+)Received: from .*\n\t.*\n\t.*\n/

/** Its own header lines say who it was for; a dump without Received never got to DATA, one without an empty line at its end not to the dot. */
function messageOf(dump: string, fate: ReceivedMessage['fate']): ReceivedMessage | null {
  const head = OWN_HEAD.exec(dump)
  if (!head || !dump.endsWith('\n\n')) return null
  const said = (name: string) =>
    [...(head[1] ?? '').matchAll(new RegExp(`^${name}: <([^>]*)>`, 'gm'))].map(([, value]) => value ?? '')
  const content = dump.slice(head[0].length, -1).replaceAll('\n', '\r\n')
  return {
    sender: said('X-Mail-Args')[0] ?? '',
    recipients: said('X-Rcpt-Args'),
    parameters: [],
    content,
    sha256: createHash('sha256').update(content, 'latin1').digest('hex'),
    receivedAt: new Date(),
    connection: 0,
    fate,
  }
}
