import { expect, test } from 'vitest'
import { createSesProvider } from '../../../../src/delivery/providers/ses/ses-provider.ts'
import { SesSettings } from '../../../../src/delivery/routes/route.ts'
import { machineClock } from '../../../../src/lib/clock.ts'
import { ScriptedApi } from '../../../support/api-server.ts'
import { fixedResolver } from '../../../support/dns.ts'
import { aHandoff, HELLO } from '../../../support/handoff.ts'
import { SES_KEY, SesServer, sesProviderTo } from '../../../support/ses-server.ts'
import { authority, good, wrongName } from '../../../support/tls.ts'

const hello = (...lines: readonly string[]) => `${lines.join('\r\n')}\r\n${HELLO}`
const refusedWith = async (wanted: Parameters<typeof aHandoff>[0]) => {
  await using server = await new SesServer().listen()
  await using provider = sesProviderTo(server)
  const { outcomes } = await provider.send(aHandoff(wanted))
  expect(server.requests.length).toBe(0)
  const [outcome] = outcomes
  return outcome?.kind === 'rejected' ? outcome.failure.class : outcome?.kind
}

test('each recipient is a call of its own, with the tag that names the delivery', async () => {
  await using server = await new SesServer().listen()
  await using provider = sesProviderTo(server, { settings: { configuration_set: 'waybill' } })
  const handoff = aHandoff({ recipients: ['bob@example.org', 'cid@example.org'] })
  const { outcomes } = await provider.send(handoff)
  expect(server.mails.toSorted((a, b) => (a.recipient < b.recipient ? -1 : 1))).toMatchObject([
    {
      recipient: 'bob@example.org',
      from: 'ann@example.com',
      tags: { waybill_delivery: handoff.deliveryIds[0] },
      configurationSet: 'waybill',
    },
    { recipient: 'cid@example.org', tags: { waybill_delivery: handoff.deliveryIds[1] } },
  ])
  const marks = outcomes.map((outcome) => outcome.kind === 'accepted' && outcome.mark)
  expect(new Set(marks.map((mark) => (mark ? mark.providerId : null))).size).toBe(2)
})

test('the Message-ID that the recipient will see is told: each region has a host, the oldest another', async () => {
  await using server = await new ScriptedApi(() => ({ status: 200, body: { MessageId: '0100-1' } })).listen()
  const seenBy = async (region: string) => {
    await using provider = sesProviderTo(server, { settings: { region } })
    const { outcomes } = await provider.send(aHandoff())
    return outcomes[0]?.kind === 'accepted' ? outcomes[0].mark : null
  }
  expect(await seenBy('eu-west-1')).toEqual({ providerId: '0100-1', messageIdOnWire: '0100-1@eu-west-1.amazonses.com' })
  expect(await seenBy('us-east-1')).toEqual({ providerId: '0100-1', messageIdOnWire: '0100-1@email.amazonses.com' })
})

test('content of eight bits is encoded, and says the same', async () => {
  await using server = await new SesServer().listen()
  await using provider = sesProviderTo(server)
  const content = hello('Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit').replace(
    'Hello Bob',
    'Gr\xc3\xbc\xc3\x9fe',
  )
  await provider.send(aHandoff({ content, eightBit: true }))
  expect(server.mails[0]?.content).toMatch(/Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe/)
})

test('what Amazon SES cannot carry is refused before anything leaves', async () => {
  expect(await refusedWith({ recipients: ['jos\u00e9@example.org'] })).toBe('smtputf8_unsupported')
  expect(
    await refusedWith({
      content: hello('Content-Type: multipart/signed; boundary=x').replace('Hello Bob', '\xfc'),
      eightBit: true,
    }),
  ).toBe('eight_bit_unsupported')
  expect(await refusedWith({ content: hello('DKIM-Signature: v=1; b=x').replace('Hello Bob', '\xfc'), eightBit: true })).toBe(
    'eight_bit_unsupported',
  )
  expect(await refusedWith({ content: `${HELLO}${'x'.repeat(2_000)}\r\n` })).toBe('message_malformed')
  expect(await refusedWith({ content: `${HELLO}${'x'.repeat(76).concat('\r\n').repeat(540_000)}` })).toBe('too_large')
})

test('over TLS the certificate is checked, and what protects the connection is kept as evidence', async () => {
  const answer = () => ({ status: 200, body: { MessageId: '1' } }) as const
  const settingsFor = (server: ScriptedApi) =>
    SesSettings.parse({ region: 'eu-west-1', access_key_id: 'A', endpoint: server.url })
  const open = (server: ScriptedApi) =>
    createSesProvider(
      { settings: settingsFor(server), secretAccessKey: SES_KEY.secret, allowPrivate: true, ca: authority },
      { resolver: fixedResolver(), clock: machineClock },
    )
  await using trusted = await new ScriptedApi(answer, good).listen()
  const one = open(trusted)
  const { outcomes, trace } = await one.send(aHandoff())
  await one.close(100)
  expect(outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(trace).toMatchObject({ tls: { version: 'TLSv1.3', verified: true }, port: trusted.port })
  expect(Object.keys(trace.stagesMs)).toEqual(expect.arrayContaining(['dns', 'tcp', 'tls', 'request', 'answer']))

  await using stranger = await new ScriptedApi(answer, wrongName).listen()
  const two = open(stranger)
  expect((await two.send(aHandoff())).outcomes).toMatchObject([{ kind: 'blocked', failure: { class: 'tls_certificate_name' } }])
  await two.close(100)
  expect(stranger.requests.length).toBe(0)
})
