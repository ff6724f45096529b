import { planAuth } from '../../delivery/providers/smtp/auth.ts'
import type { Capabilities } from '../../delivery/providers/smtp/capabilities.ts'
import { type Examination, type Found, failureOf, findingOf, type Place } from './examination.ts'
import { quote } from './greeting-check.ts'
import type { Neighbourhood } from './reach-check.ts'
import { shown } from './text.ts'
import type { Dialogue, Heard } from './wire.ts'

/** One log-in, never two: servers lock accounts after a few that fail. */
export async function checkLogin(
  exam: Examination,
  place: Place,
  dialogue: Dialogue,
  offered: Capabilities,
  near: Neighbourhood,
): Promise<Found<true>> {
  const { user, password } = exam.input
  if (!user || !password) {
    const lacking = user ? 'No password is given.' : 'No user name is set.'
    return { finding: { status: 'skip', evidence: lacking }, value: user ? null : true }
  }
  const plan = await planAuth({ kind: 'password', user, password }, offered.auth)
  if (!plan.ok) {
    const failure = failureOf(exam, place, { stage: 'auth', kind: 'unable', lack: 'auth', message: plan.message })
    return { finding: findingOf(failure, { evidence: plan.message, fixes: await near.alternatives() }), value: null }
  }
  const mechanism = plan.steps[0]?.logged.split(' ')[1] ?? 'AUTH'
  let heard: Heard | null = null
  for (const [index, step] of plan.steps.entries()) {
    heard = await dialogue.ask(step.write, exam.limits.login)
    const wanted = index === plan.steps.length - 1 ? 235 : 334
    if (heard.kind === 'lost' || heard.reply.code !== wanted) break
  }
  if (heard?.kind === 'reply' && heard.reply.code === 235) {
    return {
      finding: { status: 'ok', evidence: `Logged in as ${shown(user, 100)} with ${mechanism}: ${quote(heard.reply)}` },
      value: true,
    }
  }
  const said = heard === null || heard.kind === 'lost' ? lossOf(heard) : withoutSecrets(heard, password)
  const failure = failureOf(exam, place, { stage: 'auth', ...said })
  const evidence = `AUTH ${mechanism} as ${shown(user, 100)}, once: ${said.kind === 'reply' ? quote(said.reply) : said.message}`
  return { finding: findingOf(failure, { evidence }), value: null }
}

function lossOf(heard: Extract<Heard, { kind: 'lost' }> | null) {
  return {
    kind: 'lost',
    code: heard?.code ?? 'CLOSED',
    message: heard?.message ?? 'the log-in did not begin',
    bodySent: false,
  } as const
}

/** A reply out of turn is a fault of the protocol; and a server that repeats what it was told must not tell it to our page. */
function withoutSecrets(heard: Extract<Heard, { kind: 'reply' }>, password: string) {
  if (heard.reply.code < 400)
    return {
      kind: 'lost',
      code: 'PROTOCOL',
      message: `the server answered ${heard.reply.code} out of turn`,
      bodySent: false,
    } as const
  const text = heard.reply.text.replaceAll(password, '<hidden>').replaceAll(Buffer.from(password).toString('base64'), '<hidden>')
  return { kind: 'reply', reply: { ...heard.reply, text } } as const
}
