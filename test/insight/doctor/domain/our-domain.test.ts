import { expect, test } from 'vitest'
import { examineFromOutside, examineOurs } from '../../../../src/insight/doctor/domain/domain-doctor.ts'
import { createReach } from '../../../../src/insight/doctor/domain/reach.ts'
import type { DomainReport } from '../../../../src/insight/doctor/domain/report.ts'
import { fixedResolver } from '../../../support/dns.ts'
import { managedDomain } from '../../../support/managed-domain.ts'
import { smtpServer } from '../../../support/smtp-server.ts'
import { aMessage, world } from '../../../support/world.ts'

const ok = { status: 'ok', evidence: 'It works.' } as const
const reach = { policy: async () => null, trial: async () => ok, certificate: async () => ok, at: () => fixedResolver() }
const HOSTS = { mailHost: 'mail.waybill.example', webHost: 'web.waybill.example' }
const check = (report: DomainReport, id: string) => report.checks.find((each) => each.id === id)

test('a domain of ours is examined with what our own tables know of it', async () => {
  const app = await world()
  await using shop = await managedDomain(app)
  await shop.publish()
  const domain = await shop.check()
  await app.submit(aMessage({ stream: 'bulk', content: 'From: ann@example.com\r\nTo: bob@example.org\r\n\r\nNews\r\n' }))
  await app.dispatch()
  const deps = {
    ...app,
    resolver: shop.deps.resolver,
    hosts: HOSTS,
    heloName: 'mail.waybill.example',
    allowPrivate: true,
    publicAddresses: [],
    reach,
  }
  const report = await examineOurs(deps, domain, AbortSignal.timeout(30_000))
  expect(check(report, 'dkim')).toMatchObject({ status: 'ok', evidence: expect.stringContaining('verifies') })
  expect(check(report, 'return_path')).toMatchObject({ status: 'ok' })
  expect(check(report, 'unsubscribe')).toMatchObject({ status: 'fail', evidence: expect.stringContaining('List-Unsubscribe') })
  expect(check(report, 'provider')).toMatchObject({ status: 'skip' })
  expect(check(report, 'acceptance')).toMatchObject({ status: 'skip' })
  expect(check(report, 'reverse_dns')).toMatchObject({ status: 'skip' })

  await app.database.pool.query(
    `update route set kind = 'mx', settings = '{"source_addresses": ["198.51.99.9"]}' where name = 'relay'`,
  )
  const direct = await examineOurs(deps, domain, AbortSignal.timeout(30_000))
  expect(check(direct, 'reverse_dns')).toMatchObject({ status: 'fail', evidence: expect.stringContaining('198.51.99.9') })
  expect(check(direct, 'spf')?.evidence).toContain('ip4:198.51.99.9')
})

test('a domain of nobody is examined by what a person says of it', async () => {
  const resolver = fixedResolver({}, { txt: { 'example.org': ['v=spf1 ip4:192.0.2.7 -all'] } })
  const clock = { now: () => new Date('2026-11-22T10:00:00Z'), monotonicMs: () => performance.now() }
  const deps = { resolver, clock, heloName: 'x.example', allowPrivate: false, reach }
  const look = (addresses: string[]) =>
    examineFromOutside(deps, 'example.org', { selectors: [], addresses, relay: null }, AbortSignal.timeout(30_000))
  expect(check(await look(['192.0.2.7']), 'spf')).toMatchObject({ status: 'ok' })
  expect(check(await look(['192.0.2.8']), 'spf')).toMatchObject({
    status: 'fail',
    record: { value: 'v=spf1 ip4:192.0.2.7 ip4:192.0.2.8 -all' },
  })
  const relayed = await examineFromOutside(
    deps,
    'example.org',
    { selectors: [], addresses: [], relay: 'smtp.gmail.com' },
    AbortSignal.timeout(30_000),
  )
  expect(check(relayed, 'spf')?.record?.value).toContain('include:_spf.google.com')
})

test('a bounce is offered to our own server from nobody, and taken back before anything is sent', async () => {
  const smtp = await smtpServer()
  const resolver = fixedResolver({ 'mail.test': ['127.0.0.1'] })
  const options = {
    resolver,
    heloName: 'doctor.example',
    allowPrivate: true,
    signal: AbortSignal.timeout(20_000),
    mailPort: smtp.port,
  }
  expect(await createReach(options).trial('mail.test', 'b+x@bounces.example.org')).toMatchObject({ status: 'ok' })
  smtp.answer('no@bounces.example.org', '550 5.1.1 nobody here').always()
  expect(await createReach(options).trial('mail.test', 'no@bounces.example.org')).toMatchObject({
    status: 'fail',
    evidence: expect.stringContaining('nobody here'),
  })
  expect(smtp.messages).toEqual([])
  expect(await createReach({ ...options, allowPrivate: false }).trial('mail.test', 'b+x@bounces.example.org')).toMatchObject({
    status: 'error',
  })
  await smtp.close()
  expect(await createReach(options).trial('mail.test', 'b+x@bounces.example.org')).toMatchObject({ status: 'error' })
})

test('a host of links that speaks no TLS is told', async () => {
  const smtp = await smtpServer()
  const resolver = fixedResolver({ 'links.test': ['127.0.0.1'] })
  const options = { resolver, heloName: 'x.example', allowPrivate: true, signal: AbortSignal.timeout(20_000), webPort: smtp.port }
  expect(await createReach(options).certificate('links.test')).toMatchObject({ status: 'fail' })
  await smtp.close()
})
