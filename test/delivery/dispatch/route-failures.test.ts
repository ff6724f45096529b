import { expect, test } from 'vitest'
import type { SmtpTimeouts } from '../../../src/delivery/providers/smtp/options.ts'
import type { SmtpSettings } from '../../../src/delivery/routes/route.ts'
import type { FailureClass } from '../../../src/mail/failure.ts'
import type { SmtpScript } from '../../support/smtp-script.ts'
import { expired, selfSigned, wrongName } from '../../support/tls.ts'
import { aMessage, type World, world } from '../../support/world.ts'

/** What is wrong with a whole route: nothing of it may cost a message anything. */
interface Case {
  readonly name: string
  readonly script?: SmtpScript
  readonly route?: Partial<SmtpSettings>
  readonly password?: string
  readonly timeouts?: Partial<SmtpTimeouts>
  /** Once the world exists. */
  readonly breakIt?: (world: World) => Promise<void> | void
  readonly class: FailureClass
  readonly heal: (world: World) => Promise<void> | void
}

const CLOSE = { afterwards: 'close' } as const
const SILENCE = { afterwards: 'silence' } as const
const SOON = 80
const AUTH = { mechanisms: ['PLAIN'], user: 'shop', password: 'right' }
const healthy = ({ smtp }: World) => {
  smtp.script = {}
  for (const moment of ['CONNECT', 'EHLO', 'STARTTLS', 'AUTH', 'MAIL'] as const) smtp.always(moment, null)
}
const certified = (certificate: { key: string; cert: string }) => ({
  script: { tls: { mode: 'implicit', certificate } } as const,
  route: { security: 'tls' } as const,
  heal: ({ smtp }: World) => {
    smtp.script = { tls: { mode: 'implicit' } }
  },
})

const CASES: readonly Case[] = [
  {
    name: 'refuses the connection',
    breakIt: ({ smtp }) => smtp.close(),
    class: 'tcp_refused',
    heal: async ({ smtp }) => void (await smtp.listen()),
  },
  {
    name: 'takes the connection and never says a word',
    script: { on: { CONNECT: SILENCE } },
    timeouts: { banner: SOON },
    class: 'greeting_timeout',
    heal: healthy,
  },
  { name: 'is too busy to greet', script: { on: { CONNECT: '421 4.3.2 too busy' } }, class: 'greeting_busy', heal: healthy },
  {
    name: 'turns us away at its greeting',
    script: { on: { CONNECT: '554 5.7.1 no service' } },
    class: 'greeting_refused',
    heal: healthy,
  },
  { name: 'hangs up instead of greeting', script: { on: { CONNECT: CLOSE } }, class: 'tcp_reset', heal: healthy },
  {
    name: 'does not like our name',
    script: { on: { EHLO: '550 5.7.1 bad name', HELO: '550 5.7.1 bad name' } },
    class: 'ehlo_rejected',
    heal: ({ smtp }) => {
      smtp.always('HELO', null)
      smtp.always('EHLO', null)
    },
  },
  { name: 'hangs up at EHLO', script: { on: { EHLO: CLOSE } }, class: 'connection_lost', heal: healthy },
  {
    name: 'offers no encryption where it is required',
    route: { security: 'starttls' },
    class: 'starttls_missing',
    heal: ({ smtp }) => {
      smtp.script = { tls: { mode: 'starttls' } }
    },
  },
  {
    name: 'offers encryption and then refuses it',
    script: { tls: { mode: 'starttls' }, on: { STARTTLS: '454 4.7.0 not now' } },
    route: { security: 'starttls' },
    class: 'tls_failed',
    heal: ({ smtp }) => smtp.always('STARTTLS', null),
  },
  { name: 'shows a certificate of another name', ...certified(wrongName), class: 'tls_certificate_name' },
  { name: 'shows an expired certificate', ...certified(expired), class: 'tls_certificate_expired' },
  { name: 'shows a certificate signed by itself', ...certified(selfSigned), class: 'tls_certificate_untrusted' },
  {
    name: 'refuses the password',
    script: { auth: AUTH },
    route: { user: 'shop' },
    password: 'wrong',
    class: 'auth_failed',
    heal: ({ smtp }) => {
      smtp.script = { auth: { ...AUTH, password: 'wrong' } }
    },
  },
  {
    name: 'takes no log-ins at the moment',
    script: { auth: AUTH, on: { AUTH: '454 4.7.0 temporary authentication failure' } },
    route: { user: 'shop' },
    password: 'right',
    class: 'auth_temporary',
    heal: ({ smtp }) => smtp.always('AUTH', null),
  },
  {
    name: 'wants a log-in that the route has none for',
    script: { auth: AUTH },
    class: 'auth_required',
    heal: ({ smtp }) => {
      smtp.script = {}
    },
  },
  {
    name: 'says goodbye to every MAIL',
    script: { on: { MAIL: { reply: '421 4.3.2 closing', afterwards: 'close' } } },
    class: 'service_closing',
    heal: healthy,
  },
  {
    name: 'has used up our quota',
    script: { on: { MAIL: '550 5.4.5 Daily user sending quota exceeded' } },
    class: 'quota_exhausted',
    heal: healthy,
  },
]

const RECIPIENTS = ['ann@example.org', 'bob@example.org', 'cid@example.org', 'dora@example.org', 'eve@example.org']

test.each(CASES)(
  'a relay that $name stops its route and burns nobody: everything waits, says why, and leaves when it is healed',
  async (one) => {
    const w = await world(one)
    await one.breakIt?.(w)
    for (const to of RECIPIENTS) await w.submit(aMessage({ to: [to] }))
    await w.dispatch()

    const waiting = Object.values(await w.deliveries())
    expect(waiting.map(({ state, failures }) => [state, failures])).toEqual(RECIPIENTS.map(() => ['queued', 0]))
    for (const { waitingOn } of waiting) {
      expect(waitingOn).toMatchObject({
        route: { name: 'relay' },
        sentence: expect.stringMatching(/^Route relay: .+\.$/),
        nextTryAt: expect.any(Date),
      })
    }
    const circuit = await w.circuit()
    expect(circuit).toMatchObject({ state: 'open', failures: 1, reason: { code: one.class } })
    // The first tells the story; the others simply wait.
    expect((await w.attempts()).map(({ outcome, class: found }) => [outcome, found])).toEqual([['blocked', one.class]])
    expect(await w.events('route.opened')).toHaveLength(1)
    expect(w.smtp.messages).toEqual([])
    expect(await w.suppressions()).toEqual([])

    await one.heal(w)
    await w.dispatch()
    expect(w.smtp.messages).toEqual([])
    w.clock.advance(circuit.state === 'closed' ? 0 : circuit.until.getTime() - w.clock.now().getTime())
    await w.dispatch()
    expect(Object.values(await w.states())).toEqual(RECIPIENTS.map(() => 'sent'))
    expect(w.smtp.received().toSorted()).toEqual(RECIPIENTS)
    expect(await w.circuit()).toEqual({ state: 'closed' })
    expect(await w.events('route.closed')).toHaveLength(1)
  },
)
