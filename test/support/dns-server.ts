import { createSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import { addressBytes, answerTo, mxBytes, nameBytes, questionOf, txtBytes, type WireRecord } from './dns-wire.ts'

export interface DnsAnswer {
  readonly address: string
  readonly ttlSeconds: number
}

/** The records of one name. Those that are not given are not there: the name exists, without them. */
export interface DnsRecords {
  readonly addresses?: readonly DnsAnswer[]
  /** `10 mail.test`; the null MX of RFC 7505 is `0 .` */
  readonly mx?: readonly string[]
  readonly txt?: readonly string[]
  readonly cname?: string
  readonly ptr?: readonly string[]
  readonly ns?: readonly string[]
  /** Nothing is answered before this. */
  readonly after?: Promise<unknown>
  /** UDP says only that there is more: whoever wants to know comes again over TCP. */
  readonly truncated?: boolean
}

/**
 * An error; nothing at all; an answer to another question than was asked (as somebody who guesses sends it); bytes that mean nothing.
 * Of one type only where it is written as `MX mail.test`.
 */
export type DnsTrouble = 'nxdomain' | 'servfail' | 'silence' | 'lie' | 'junk'

/** What the server says about a name, or about one type of it (`MX mail.test`). An array means addresses, both families together. */
export type DnsScript = Readonly<Record<string, readonly DnsAnswer[] | DnsRecords | DnsTrouble>>

export interface DnsServer extends AsyncDisposable {
  /** As `Resolver.setServers` wants it. */
  readonly address: string
  /** Questions so far, as `A name` or `AAAA name`; over TCP as `A name/tcp`. */
  readonly questions: string[]
  script: DnsScript
}

const CODES = { nxdomain: 3, servfail: 2 } as const

/** A name server on this machine, over UDP and TCP, that knows what a test told it; other names do not exist. */
export async function dnsServer(script: DnsScript): Promise<DnsServer> {
  const server = { address: '', questions: [] as string[], script, [Symbol.asyncDispose]: close }
  const udp = createSocket('udp4')
  const connections = new Set<Socket>()
  let tcp: Server

  udp.on('message', (query, from) => {
    void reply(server, query, false).then((bytes) => bytes && udp.send(bytes, from.port, from.address, () => {}))
  })

  async function close(): Promise<void> {
    for (const connection of connections) connection.destroy()
    await Promise.all([
      new Promise<void>((done) => udp.close(() => done())),
      new Promise<void>((done) => tcp.close(() => done())),
    ])
  }

  for (;;) {
    tcp = createServer((socket) => {
      connections.add(socket)
      socket.on('error', () => {}).on('close', () => connections.delete(socket))
      socket.once('data', (framed) => {
        void reply(server, framed.subarray(2), true).then((bytes) => bytes && socket.end(framedOf(bytes)))
      })
    })
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
    const { port } = tcp.address() as { port: number }
    // Both have to have the same number; UDP's may be taken where TCP's was free.
    if (await bound(udp, port)) {
      server.address = `127.0.0.1:${port}`
      return server
    }
    await new Promise<void>((done) => tcp.close(() => done()))
  }
}

function bound(udp: ReturnType<typeof createSocket>, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const failed = (): void => resolve(false)
    udp.once('error', failed)
    udp.bind(port, '127.0.0.1', () => {
      udp.off('error', failed)
      resolve(true)
    })
  })
}

async function reply(server: DnsServer, query: Buffer, overTcp: boolean): Promise<Buffer | null> {
  const question = questionOf(query)
  const { name, type } = question
  server.questions.push(`${type} ${name}${overTcp ? '/tcp' : ''}`)
  const known = server.script[`${type} ${name}`] ?? server.script[name] ?? 'nxdomain'
  switch (known) {
    case 'silence':
      return null
    case 'junk':
      return Buffer.from('this is not an answer')
    case 'lie':
      return answerTo({ ...question, id: (question.id + 1) & 0xffff }, { code: 0, records: [], truncated: false })
    case 'nxdomain':
    case 'servfail':
      return answerTo(question, { code: CODES[known], records: [], truncated: false })
  }
  const records: DnsRecords = isAddresses(known) ? { addresses: known } : known
  await records.after
  return answerTo(question, {
    code: 0,
    records: wireRecords(records).filter((record) => record.type === type || record.type === 'CNAME'),
    truncated: records.truncated === true && !overTcp,
  })
}

function isAddresses(known: readonly DnsAnswer[] | DnsRecords): known is readonly DnsAnswer[] {
  return Array.isArray(known)
}

function wireRecords({ addresses = [], mx = [], txt = [], cname, ptr = [], ns = [] }: DnsRecords): WireRecord[] {
  const ttlSeconds = 60
  return [
    ...(cname === undefined ? [] : [{ type: 'CNAME', ttlSeconds, data: nameBytes(cname) }]),
    ...addresses.map(({ address, ttlSeconds }) => ({
      type: address.includes(':') ? 'AAAA' : 'A',
      ttlSeconds,
      data: addressBytes(address),
    })),
    ...mx.map((line) => {
      const [preference = '0', host = '.'] = line.split(' ')
      return { type: 'MX', ttlSeconds, data: mxBytes(Number(preference), host === '.' ? '' : host) }
    }),
    ...txt.map((text) => ({ type: 'TXT', ttlSeconds, data: txtBytes(text) })),
    ...ptr.map((name) => ({ type: 'PTR', ttlSeconds, data: nameBytes(name) })),
    ...ns.map((name) => ({ type: 'NS', ttlSeconds, data: nameBytes(name) })),
  ]
}

function framedOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length, 0)
  return Buffer.concat([length, bytes])
}
