import { expect, test } from 'vitest'
import type { MtaStsPolicy } from '../../../../src/delivery/providers/mx/mta-sts.ts'
import { aHandoff } from '../../../support/handoff.ts'
import { type MxWishes, mxWorld } from '../../../support/mx-world.ts'
import type { SmtpScript } from '../../../support/smtp-script.ts'
import { expired, good, selfSigned, wrongName } from '../../../support/tls.ts'

const ENFORCE: MtaStsPolicy = { mode: 'enforce', mx: ['*.test'] }

function oneServer(script: SmtpScript, policy: MtaStsPolicy | null): MxWishes {
  return {
    servers: { 'smtp.test': script },
    dns: { 'example.org': { mx: ['10 smtp.test'] } },
    policies: policy ? { 'example.org': policy } : {},
  }
}

const SCRIPTS = {
  'a valid certificate': { tls: { mode: 'starttls', certificate: good } },
  'a certificate signed by itself': { tls: { mode: 'starttls', certificate: selfSigned } },
  'an expired certificate': { tls: { mode: 'starttls', certificate: expired } },
  'a certificate for another name': { tls: { mode: 'starttls', certificate: wrongName } },
  'TLS 1.0 only': { tls: { mode: 'starttls', maxVersion: 'TLSv1' } },
  'STARTTLS that it refuses': { tls: { mode: 'starttls' }, on: { STARTTLS: '454 4.7.0 not now' } },
  'no STARTTLS': {},
} as const satisfies Record<string, SmtpScript>

test.each([
  ['a valid certificate', 'verified'],
  ['a certificate signed by itself', 'encrypted'],
  ['an expired certificate', 'encrypted'],
  ['a certificate for another name', 'encrypted'],
  ['TLS 1.0 only', 'in clear'],
  ['STARTTLS that it refuses', 'in clear'],
  ['no STARTTLS', 'in clear'],
] as const)('without a policy a server with %s gets the mail %s', async (name, how) => {
  await using w = await mxWorld(oneServer(SCRIPTS[name], null))
  const { outcomes, trace } = await w.provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(trace.tls === null ? 'in clear' : 'encrypted').toBe(how === 'in clear' ? 'in clear' : 'encrypted')
})

test.each(Object.keys(SCRIPTS).filter((name) => name !== 'a valid certificate') as (keyof typeof SCRIPTS)[])(
  'under an enforced policy a server with %s gets nothing, least of all in clear',
  async (name) => {
    await using w = await mxWorld(oneServer(SCRIPTS[name], ENFORCE))
    expect((await w.provider.send(aHandoff())).outcomes).toMatchObject([
      { kind: 'blocked', failure: { class: 'tls_policy', scope: 'domain', permanent: false } },
    ])
    expect(w.server('smtp.test').commands().join()).not.toContain('MAIL')
  },
)

test('under an enforced policy a valid certificate is enough, and its name was checked', async () => {
  await using w = await mxWorld(oneServer(SCRIPTS['a valid certificate'], ENFORCE))
  const { outcomes, trace } = await w.provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(trace.tls).toMatchObject({ verified: true })
  expect(w.server('smtp.test').connections).toMatchObject([{ servername: 'smtp.test' }])
})

test('a policy in testing stops nothing', async () => {
  await using w = await mxWorld(oneServer(SCRIPTS['no STARTTLS'], { mode: 'testing', mx: ['other.test'] }))
  expect((await w.provider.send(aHandoff())).outcomes).toMatchObject([{ kind: 'accepted' }])
})

test('servers that the policy does not name are not sent to', async () => {
  await using w = await mxWorld({
    servers: { 'evil.example': {}, 'smtp.test': SCRIPTS['a valid certificate'] },
    dns: { 'example.org': { mx: ['1 evil.example', '10 smtp.test'] } },
    policies: { 'example.org': ENFORCE },
  })
  expect(await w.provider.send(aHandoff())).toMatchObject({ outcomes: [{ kind: 'accepted' }], trace: { host: 'smtp.test' } })
  expect(w.dialled).toEqual(['smtp.test'])
})

test('when the policy names none of the servers, the mail waits and the reason names both', async () => {
  await using w = await mxWorld(oneServer({}, { mode: 'enforce', mx: ['mail.example.org'] }))
  expect((await w.provider.send(aHandoff({ attempt: 9 }))).outcomes).toMatchObject([
    {
      kind: 'blocked',
      failure: { class: 'tls_policy', permanent: false, sentence: expect.stringMatching(/mail\.example\.org.*smtp\.test/) },
    },
  ])
  expect(w.dialled).toEqual([])
})

test('one server serves domains with a policy and without, each as it should', async () => {
  await using w = await mxWorld({
    servers: { 'smtp.test': SCRIPTS['an expired certificate'] },
    dns: { 'strict.test': { mx: ['10 smtp.test'] }, 'easy.test': { mx: ['10 smtp.test'] } },
    policies: { 'strict.test': ENFORCE },
  })
  const [strict, easy] = await Promise.all([
    w.provider.send(aHandoff({ recipients: ['ann@strict.test'] })),
    w.provider.send(aHandoff({ recipients: ['bob@easy.test'] })),
  ])
  expect(strict.outcomes).toMatchObject([{ kind: 'blocked' }])
  expect(easy.outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(w.received()).toEqual(['bob@easy.test'])
})
