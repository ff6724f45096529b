import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rawMessage } from './message.ts'
import { startSink } from './sink.ts'
import { sendAll } from './smtp-load.ts'

const run = promisify(execFile)

export interface PostfixInput {
  readonly messages: number
  readonly sizeBytes: number
  readonly connections: number
  note(line: string): void
}

/**
 * Messages a second from Postfix's queue to the same sink: a Postfix of our own in a folder of its own, its queue filled while its smtp transport
 * is deferred, then let go. Null where Postfix is not installed or cannot be run (it wants root).
 */
export function postfixDrain(input: PostfixInput): Promise<number | null> {
  return withPostfix(input, measureDrain)
}

/** Messages a second through Postfix as a relay: in over SMTP without encryption or a sign-in, out to the same sink. Null as above. */
export function postfixRelay(input: PostfixInput): Promise<number | null> {
  return withPostfix(input, measureRelay)
}

type Measured = (
  folder: string,
  daemons: string,
  sink: Awaited<ReturnType<typeof startSink>>,
  input: PostfixInput,
) => Promise<number>

async function withPostfix(input: PostfixInput, measure: Measured): Promise<number | null> {
  const installed = await run('postconf', ['-h', 'daemon_directory']).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  )
  if (installed === null || process.getuid?.() !== 0) {
    input.note('Postfix is not installed (or this is not root): no comparison with its drain.')
    return null
  }
  const folder = await mkdtemp(join(tmpdir(), 'waybill-postfix-'))
  const sink = await startSink()
  try {
    return await measure(folder, installed, sink, input)
  } catch (error) {
    input.note(`Postfix could not be measured: ${(error as Error).message}`)
    return null
  } finally {
    await run('postfix', ['-c', join(folder, 'etc'), 'stop']).catch(() => {})
    sink.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureDrain(
  folder: string,
  daemons: string,
  sink: Awaited<ReturnType<typeof startSink>>,
  input: PostfixInput,
): Promise<number> {
  const port = 20_000 + (process.pid % 20_000)
  const config = join(folder, 'etc')
  await configure(folder, config, daemons, { port, sinkPort: sink.port, connections: input.connections })
  await run('postfix', ['-c', config, 'start'])
  await fill(port, input)
  await until(async () => (await queued(folder)) >= input.messages)
  await run('postconf', ['-c', config, '-e', 'defer_transports='])
  await run('postfix', ['-c', config, 'reload'])
  const startedMs = performance.now()
  await run('postqueue', ['-c', config, '-f'])
  await until(async () => (await sink.count()).messages >= input.messages)
  return (input.messages / (performance.now() - startedMs)) * 1_000
}

async function measureRelay(
  folder: string,
  daemons: string,
  sink: Awaited<ReturnType<typeof startSink>>,
  { messages, sizeBytes, connections }: PostfixInput,
): Promise<number> {
  const port = 20_000 + (process.pid % 20_000)
  const config = join(folder, 'etc')
  await configure(folder, config, daemons, { port, sinkPort: sink.port, connections })
  await run('postconf', ['-c', config, '-e', 'defer_transports='])
  await run('postfix', ['-c', config, 'start'])
  const startedMs = performance.now()
  await sendAll({ port, messages, sizeBytes, connections, signIn: null })
  await until(async () => (await sink.count()).messages >= messages)
  return (messages / (performance.now() - startedMs)) * 1_000
}

async function configure(
  folder: string,
  config: string,
  daemons: string,
  { port, sinkPort, connections }: { port: number; sinkPort: number; connections: number },
): Promise<void> {
  await chmod(folder, 0o755)
  for (const name of ['etc', 'queue', 'data']) await mkdir(join(folder, name))
  await run('chown', ['postfix', join(folder, 'data')])
  await writeFile(
    join(config, 'main.cf'),
    `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
daemon_directory = ${daemons}
mail_owner = postfix
maillog_file = ${folder}/queue/../data/mail.log
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = postfix.example.com
mydestination =
alias_maps =
relayhost = [127.0.0.1]:${sinkPort}
smtp_destination_concurrency_limit = ${connections}
initial_destination_concurrency = ${connections}
smtp_tls_security_level = none
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
defer_transports = smtp
`,
  )
  await writeFile(
    join(config, 'master.cf'),
    `127.0.0.1:${port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`,
  )
}

/** Ten connections, one message after the other on each. */
async function fill(port: number, { messages, sizeBytes }: PostfixInput): Promise<void> {
  const each = Math.ceil(messages / 10)
  await Promise.all(Array.from({ length: 10 }, (_, c) => fillOver(port, c * each, Math.min(messages, (c + 1) * each), sizeBytes)))
}

function fillOver(port: number, from: number, to: number, sizeBytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let next = from
    let step = 0
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.on('close', () => (next >= to ? resolve() : reject(new Error('Postfix ended the connection'))))
    socket.on('data', (text: string) => {
      if (/^[45]/m.test(text)) return socket.destroy(new Error(text.trim()))
      if (socket.writableEnded) return
      if (step === 0) socket.write('EHLO bench.example.com\r\n')
      else if (next >= to) return socket.end('QUIT\r\n')
      else if ((step - 1) % 4 === 0) socket.write('MAIL FROM:<bench@example.com>\r\n')
      else if ((step - 1) % 4 === 1) socket.write(`RCPT TO:<r${next}@example.org>\r\n`)
      else if ((step - 1) % 4 === 2) socket.write('DATA\r\n')
      else socket.write(`${rawMessage(next++, sizeBytes)}.\r\n`)
      step += 1
    })
  })
}

/** Files in the folders where a message can wait. */
async function queued(folder: string): Promise<number> {
  let files = 0
  for (const name of ['incoming', 'active', 'deferred']) {
    const entries = await readdir(join(folder, 'queue', name), { recursive: true, withFileTypes: true }).catch(() => [])
    files += entries.filter((entry) => entry.isFile()).length
  }
  return files
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 120_000
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error('it took more than two minutes')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
