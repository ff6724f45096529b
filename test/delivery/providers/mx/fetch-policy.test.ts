import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { type FetchOptions, fetchPolicyText } from '../../../../src/delivery/providers/mx/fetch-policy.ts'
import { fixedResolver } from '../../../support/dns.ts'
import { type Certificate, policyHost, selfSigned } from '../../../support/tls.ts'

const POLICY = 'version: STSv1\nmode: enforce\nmx: mx1.test\nmax_age: 86400\n'

interface Site extends AsyncDisposable {
  readonly requests: string[]
  fetch(options?: Partial<FetchOptions>): Promise<string | null>
}

async function site(answer: RequestListener, certificate: Certificate = policyHost): Promise<Site> {
  const requests: string[] = []
  const server = createServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
    requests.push(`${request.method} ${request.headers.host} ${request.url}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const resolver = fixedResolver({ 'mta-sts.example.org': ['127.0.0.1'] })
  return {
    requests,
    fetch: (options) =>
      fetchPolicyText('example.org', { resolver, allowPrivate: true, port, ca: policyHost.cert, timeoutMs: 2_000, ...options }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

const text: RequestListener = (_, response) =>
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(POLICY)

test('a policy is fetched over HTTPS from the name that the RFC gives', async () => {
  await using s = await site(text)
  expect(await s.fetch()).toBe(POLICY)
  expect(s.requests).toEqual(['GET mta-sts.example.org /.well-known/mta-sts.txt'])
})

test.each([
  ['a redirect', (_, response) => response.writeHead(301, { location: 'https://mta-sts.example.org/other' }).end()],
  ['404', (_, response) => response.writeHead(404, { 'content-type': 'text/plain' }).end(POLICY)],
  ['another type of content', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(POLICY)],
  [
    'more than a policy could be',
    (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('x'.repeat(100_000)),
  ],
  [
    'a broken answer',
    (_, response) => response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '999' }).destroy(),
  ],
] as readonly (readonly [string, RequestListener])[])('%s is no policy, and nothing else is asked', async (_, answer) => {
  await using s = await site(answer)
  expect(await s.fetch()).toBeNull()
  expect(s.requests).toHaveLength(1)
})

test('an endless answer is cut off', async () => {
  await using s = await site((_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.write('version: STSv1\n')
  })
  expect(await s.fetch({ timeoutMs: 50 })).toBeNull()
})

test('a certificate that nobody vouches for, or for another name, is no policy', async () => {
  await using other = await site(text, selfSigned)
  expect(await other.fetch({ ca: selfSigned.cert })).toBeNull()
  await using untrusted = await site(text)
  expect(await untrusted.fetch({ ca: null })).toBeNull()
  expect([...other.requests, ...untrusted.requests]).toEqual([])
})

test('a name that leads into our own network is not asked', async () => {
  await using s = await site(text)
  expect(await s.fetch({ allowPrivate: false })).toBeNull()
  expect(await s.fetch({ resolver: fixedResolver() })).toBeNull()
  expect(s.requests).toEqual([])
})
