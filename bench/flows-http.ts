/** The bare HTTP server of the peers: what the request says, and 202 once it is kept. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ToldEvent {
  readonly name: string
  readonly key: string
}

export async function listenFor(told: (event: ToldEvent) => Promise<void>): Promise<{ port: number; close(): void }> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      told(JSON.parse(Buffer.concat(parts).toString()) as ToldEvent).then(
        () => response.writeHead(202, { 'content-type': 'application/json' }).end('{"accepted":true}'),
        (error: Error) => response.writeHead(500).end(error.message),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}
