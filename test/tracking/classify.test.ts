import { expect, test } from 'vitest'
import { classify, type Request } from '../../src/tracking/classify.ts'
import { firstsOf, type Hit, judge } from '../../src/tracking/hit.ts'

const THUNDERBIRD = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.2.0'
const CHROME = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
const asked = (more: Partial<Request>): Request => ({
  kind: 'click',
  method: 'GET',
  userAgent: CHROME,
  msSinceSent: 60_000,
  headers: {},
  ...more,
})

test.each([
  ['human', 'a browser', asked({})],
  ['human', 'a mail program', asked({ kind: 'open', userAgent: THUNDERBIRD })],
  ['human', 'Outlook', asked({ kind: 'open', userAgent: 'Mozilla/4.0 (compatible; ms-office; MSOffice 16)' })],
  [
    'proxy',
    'Google',
    asked({
      kind: 'open',
      userAgent: 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
    }),
  ],
  [
    'proxy',
    'Yahoo',
    asked({ kind: 'open', userAgent: 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html' }),
  ],
  ['proxy', 'Apple', asked({ kind: 'open', userAgent: 'Mozilla/5.0' })],
  ['scanner', 'a look without taking', asked({ method: 'HEAD' })],
  ['scanner', 'Microsoft Office', asked({ userAgent: 'Microsoft Office Existence Discovery' })],
  ['scanner', 'a preview in a chat', asked({ userAgent: 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)' })],
  ['scanner', 'a program', asked({ userAgent: 'python-requests/2.32.3' })],
  ['scanner', 'a browser without a screen', asked({ userAgent: CHROME.replace('Chrome', 'HeadlessChrome') })],
  ['scanner', 'a browser ahead of its user', asked({ headers: { 'sec-purpose': 'prefetch;prerender' } })],
  ['scanner', 'a link followed before anybody could read', asked({ msSinceSent: 900 })],
  ['unknown', 'a picture shown as the mail comes', asked({ kind: 'open', msSinceSent: 900 })],
  ['human', 'a link of a mail whose taking is not written down yet', asked({ msSinceSent: null })],
  ['unknown', 'nobody said', asked({ userAgent: '' })],
  ['unknown', 'a program of its own', asked({ userAgent: 'Acme/1.0' })],
] as const)('%s: %s', (who, _, request) => {
  expect(classify(request)).toBe(who)
})

const at = (ms: number) => new Date(Date.UTC(2026, 10, 22) + ms)
let made = 0
const hit = (more: Partial<Hit>): Hit =>
  ({
    workspaceId: 'w',
    deliveryId: 'd',
    id: `h${++made}`,
    messageId: 'm',
    kind: 'click',
    link: 1,
    at: at(0),
    who: 'human',
    userAgent: '',
    settledAt: null,
    isDue: true,
    url: null,
    ...more,
  }) as Hit

test('whoever follows three links within a second is a scanner', () => {
  const fast = [1, 2, 3].map((link) => hit({ link, at: at(link * 300) }))
  expect(judge(fast).map(({ who }) => who)).toEqual(['scanner', 'scanner', 'scanner'])
  const slow = [1, 2, 3].map((link) => hit({ link, at: at(link * 600) }))
  expect(judge(slow).map(({ who }) => who)).toEqual(['human', 'human', 'human'])
  const again = [1, 1, 1].map((link, i) => hit({ link, at: at(i * 100) }))
  expect(judge(again).map(({ who }) => who)).toEqual(['human', 'human', 'human'])
  const several = [1, 2, 3].map((link) => hit({ link, deliveryId: `d${link}` as Hit['deliveryId'] }))
  expect(judge(several).map(({ who }) => who)).toEqual(['human', 'human', 'human'])
})

test('hits that come a little later tell who the first was', () => {
  const hits = [hit({ link: 1 }), hit({ link: 2, at: at(400), isDue: false }), hit({ link: 3, at: at(800), isDue: false })]
  expect(judge(hits)).toEqual([{ ...hits[0], who: 'scanner' }])
})

test('the first of each kind and who is told, the others are counted', () => {
  const before = hit({ settledAt: at(0), isDue: false, who: 'scanner' })
  const [scanned, first, second, opened] = [hit({ who: 'scanner' }), hit({}), hit({}), hit({ kind: 'open', link: null })]
  expect(firstsOf([scanned, first, second, opened], [before, scanned, first, second, opened])).toEqual([first, opened])
})
