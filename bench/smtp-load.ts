import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { rawMessage } from './message.ts'

export interface Load {
  readonly port: number
  readonly messages: number
  /** The number of the first one: a mail that came before would be known as a repetition. */
  readonly first?: number
  readonly sizeBytes: number
  readonly connections: number
  /** Null: neither encrypted nor signed in. */
  readonly signIn: { readonly username: string; readonly secret: string } | null
}

/**
 * Sends mail as an application with a pool does: on each connection one mail after the other, envelope in one flight, the next one after the answer.
 * Resolves when every mail was answered with 250.
 */
export async function sendAll(load: Load): Promise<void> {
  const { first = 0, messages, connections } = load
  const each = Math.ceil(messages / connections)
  await Promise.all(
    Array.from({ length: connections }, (_, c) => sendOver(load, first + c * each, first + Math.min(messages, (c + 1) * each))),
  )
}

async function sendOver({ port, sizeBytes, signIn }: Load, from: number, to: number): Promise<void> {
  let wire = talk(connectTcp(port, '127.0.0.1'))
  await wire.say(null)
  await wire.say('EHLO bench.example.com\r\n')
  if (signIn) {
    await wire.say('STARTTLS\r\n')
    wire = talk(connectTls({ socket: wire.socket, rejectUnauthorized: false }))
    await wire.say('EHLO bench.example.com\r\n')
    await wire.say(`AUTH PLAIN ${Buffer.from(`\0${signIn.username}\0${signIn.secret}`).toString('base64')}\r\n`)
  }
  for (let i = from; i < to; i++) {
    await wire.say(`MAIL FROM:<bench@example.com>\r\nRCPT TO:<r${i}@example.org>\r\nDATA\r\n`, 3)
    await wire.say(`${rawMessage(i, sizeBytes)}.\r\n`)
  }
  wire.socket.end('QUIT\r\n')
}

/** Replies are counted, not read: every one must be good. */
function talk(socket: Socket) {
  let heard = ''
  let replies = 0
  let wanted = 0
  let done: { resolve: () => void; reject: (error: Error) => void } | null = null
  socket.removeAllListeners('data')
  socket.setEncoding('latin1')
  socket.setNoDelay(true)
  const fail = (error: Error) => done?.reject(error)
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the server ended the connection')))
  socket.on('data', (text: string) => {
    heard += text
    for (let end = heard.indexOf('\n'); end !== -1; end = heard.indexOf('\n')) {
      const line = heard.slice(0, end)
      heard = heard.slice(end + 1)
      if (/^[45]/.test(line)) return fail(new Error(line.trim()))
      if (line[3] !== '-') replies += 1
    }
    if (replies >= wanted) done?.resolve()
  })
  return {
    socket,
    say(bytes: string | null, answers = 1): Promise<void> {
      wanted += answers
      const heardAll = new Promise<void>((resolve, reject) => {
        done = { resolve, reject }
      })
      if (bytes !== null) socket.write(bytes, 'latin1')
      if (replies >= wanted) return Promise.resolve()
      return heardAll
    },
  }
}
