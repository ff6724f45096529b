import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkLinks, MAX_ASKED } from '../../../src/campaigns/content/check-links.ts'
import { imagesIn, linksIn } from '../../../src/campaigns/content/seen-html.ts'
import { fixedResolver } from '../../support/dns.ts'

const asked: string[] = []
let far: Server
let base = ''

beforeAll(async () => {
  far = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    switch (request.url) {
      case '/moved':
        return response.writeHead(301, { location: '/there' }).end()
      case '/round':
        return response.writeHead(302, { location: '/round' }).end()
      case '/no-head':
        return response.writeHead(request.method === 'HEAD' ? 405 : 200).end('yes')
      case '/guarded':
        return response.writeHead(403).end()
      case '/gone':
        return response.writeHead(404).end()
      case '/inside':
        return response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end()
      default:
        return response.writeHead(200).end('there')
    }
  })
  await new Promise<void>((resolve) => far.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(far.address() as AddressInfo).port}`
})
afterAll(() => far.close())

const found = (url: string) => ({ url, text: '', problem: null })
const check = (urls: readonly string[], allowPrivate = true) =>
  checkLinks(
    urls.map(found),
    'https://waybill.example.com',
    { resolver: fixedResolver(), allowPrivate },
    AbortSignal.timeout(20_000),
  )

test('each link is asked once, by HEAD and then by GET, and where it leads is told', async () => {
  const answers = await check(['/there', '/moved', '/no-head', '/guarded', '/gone', '/round'].map((path) => base + path))
  expect(answers.map(({ answer }) => answer)).toEqual([
    { kind: 'ok', status: 200, to: null },
    { kind: 'ok', status: 200, to: `${base}/there` },
    { kind: 'ok', status: 200, to: null },
    { kind: 'guarded', status: 403 },
    { kind: 'wrong', status: 404 },
    { kind: 'unreachable', sentence: 'It is redirected more than 5 times.' },
  ])
  expect(asked.filter((line) => line.endsWith('/no-head'))).toEqual(['HEAD /no-head', 'GET /no-head'])
})

test('nothing in a private network is asked, by its address or by its name, and neither is this server', async () => {
  const before = asked.length
  const answers = await check(
    [`${base}/there`, 'http://[::1]/', 'http://nowhere.invalid/', 'https://waybill.example.com/u/test', 'mailto:a@b.c'],
    false,
  )
  expect(answers.map(({ answer }) => answer.kind)).toEqual([
    'unreachable',
    'unreachable',
    'unreachable',
    'not_asked',
    'not_asked',
  ])
  expect(asked).toHaveLength(before)
})

test('more than a number are named and not asked', async () => {
  const answers = await check(Array.from({ length: MAX_ASKED + 3 }, (_, i) => `${base}/n/${i}`))
  expect(answers.filter(({ answer }) => answer.kind === 'ok')).toHaveLength(MAX_ASKED)
  expect(answers.filter(({ answer }) => answer.kind === 'not_asked')).toHaveLength(3)
})

test('links and images that will trouble somebody are seen', () => {
  const page = `<a href="https://a.example/">A</a><a href="https://a.example/">again</a><a href="http://b.example">B</a><a href="#">C</a><a href="">D</a>
<a href="shop">E</a><a href="mailto:x@y.z">F</a><img src="https://a.example/x.png" alt="x"><img src="https://a.example/y.png"><img src="http://localhost/z.png" alt="">
<img src="https://a.example/o.gif" width="1" height="1"><img alt='q' src=https://a.example/w.png>`
  expect(linksIn(page).map(({ url, problem }) => [url, problem])).toEqual([
    ['https://a.example/', null],
    ['http://b.example', 'not_encrypted'],
    ['#', 'empty'],
    ['shop', 'not_a_link'],
    ['mailto:x@y.z', null],
    ['', 'empty'],
  ])
  expect(imagesIn(page).map(({ url, problem }) => [url.split('/').at(-1), problem])).toEqual([
    ['x.png', null],
    ['y.png', 'no_alt'],
    ['z.png', 'this_machine'],
    ['w.png', null],
  ])
})
