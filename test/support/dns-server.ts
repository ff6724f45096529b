import { createSocket, type RemoteInfo } from 'node:dgram'

export interface DnsAnswer {
  readonly address: string
  readonly ttlSeconds: number
}

/** What the server says about a name: addresses (both families together), an error, or nothing at all. */
export type DnsScript = Readonly<Record<string, readonly DnsAnswer[] | 'nxdomain' | 'servfail' | 'silence'>>

export interface DnsServer extends AsyncDisposable {
  /** As `Resolver.setServers` wants it. */
  readonly address: string
  /** Questions so far, as `A name` or `AAAA name`. */
  readonly questions: string[]
  script: DnsScript
}

const TYPES = new Map([
  [1, 'A'],
  [28, 'AAAA'],
])

/** A name server on this machine that knows what a test told it; other names do not exist. */
export async function dnsServer(script: DnsScript): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const server = {
    address: '',
    questions: [] as string[],
    script,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        socket.close(() => resolve())
      }),
  }
  socket.on('message', (query: Buffer, from: RemoteInfo) => {
    const { name, end, type } = questionOf(query)
    server.questions.push(`${type} ${name}`)
    const known = server.script[name] ?? 'nxdomain'
    if (known === 'silence') return
    const answers = typeof known === 'string' ? [] : known.filter(({ address }) => address.includes(':') === (type === 'AAAA'))
    const code = known === 'nxdomain' ? 3 : known === 'servfail' ? 2 : 0
    socket.send(
      Buffer.concat([header(query, code, answers.length), query.subarray(12, end), ...answers.map(record)]),
      from.port,
      from.address,
    )
  })
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve)
  })
  server.address = `127.0.0.1:${socket.address().port}`
  return server
}

function questionOf(query: Buffer): { name: string; end: number; type: string } {
  const labels: string[] = []
  let at = 12
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5, type: TYPES.get(query.readUInt16BE(at + 1)) ?? 'other' }
}

/** Id of the question; a recursive answer (RFC 1035 §4.1.1). */
function header(query: Buffer, code: number, count: number): Buffer {
  const bytes = Buffer.alloc(12)
  query.copy(bytes, 0, 0, 2)
  bytes.writeUInt16BE(0x8180 | code, 2)
  bytes.writeUInt16BE(1, 4)
  bytes.writeUInt16BE(count, 6)
  return bytes
}

function record({ address, ttlSeconds }: DnsAnswer): Buffer {
  const isSix = address.includes(':')
  const data = isSix ? sixOf(address) : Buffer.from(address.split('.').map(Number))
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(isSix ? 28 : 1, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(ttlSeconds, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

function sixOf(address: string): Buffer {
  const [before = '', after = ''] = address.split('::')
  const left = before === '' ? [] : before.split(':')
  const right = after === '' ? [] : after.split(':')
  const groups = [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return Buffer.from(groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]))
}
